# Expected: a read uses memory that is not a buffer of the pool
s/^    unsigned number_of\[OWN_BUFFERS_COUNT\];.*/    unsigned number_of[64];/
s/^    for (unsigned b = 0; b < OWN_BUFFERS_COUNT \&\& begun < count; b++)/    for (unsigned b = 0; begun < count; b++)/
