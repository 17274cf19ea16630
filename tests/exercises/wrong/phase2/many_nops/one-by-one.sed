# Expected: one submit per nop
s/while (begun < count && (sqe/if (begun < count \&\& (sqe/
