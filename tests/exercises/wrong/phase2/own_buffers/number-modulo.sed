# Expected: the buffer was reused while the kernel owns it
s/^        if (begun < count) {/&\n            buffer = begun % OWN_BUFFERS_COUNT;/
