# Expected: pass AWAIT_STREAM as the offset
s/sizeof buf, AWAIT_STREAM/sizeof buf, 0/
