# Expected: a read of 0 bytes would look like the end
/if (left == NEXT_LINE_MAX)/,/return -EMSGSIZE/d
