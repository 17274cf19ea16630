# Expected: the wait ended before its time
s/limit_ms % 1000 \* 1000000/limit_ms % 1000 * 1000/
