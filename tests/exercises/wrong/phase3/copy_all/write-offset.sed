# Expected: pass AWAIT_STREAM as the offset
s/(size_t)got, AWAIT_STREAM/(size_t)got, 0/
