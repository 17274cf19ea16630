# Expected: the second read began at offset again
s/offset + done;/offset;/
