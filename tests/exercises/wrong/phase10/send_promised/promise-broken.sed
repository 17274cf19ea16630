# Expected: the promise was not kept
s/return -ENODATA;/return 0;/
