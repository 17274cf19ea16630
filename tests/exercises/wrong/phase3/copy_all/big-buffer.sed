# Expected: overflowed its stack
s/char buf\[1024\];/char buf[64 << 10];/
