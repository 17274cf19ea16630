# Expected: the file is longer than the promise
s/left < BLOCK_LEN ? (unsigned)left : BLOCK_LEN/BLOCK_LEN + 0 * (unsigned)left/
