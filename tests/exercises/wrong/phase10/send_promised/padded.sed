# Expected: in place of those that are missing
s/^            return -ENODATA;/            got = left < BLOCK_LEN ? (int)left : BLOCK_LEN;/
