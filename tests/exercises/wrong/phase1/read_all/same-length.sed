# Expected: request only the bytes that are left
s/buf + done, len - done/buf + done, len/
