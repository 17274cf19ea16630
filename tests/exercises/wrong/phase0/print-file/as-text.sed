# Expected: stop at a zero byte
s/fwrite(block, .*/printf("%s", block);/
