# Expected: no buffer was returned
/^            release(pool, number);/d
