# Expected: at buf + done
s/buf + done, len - done/buf, len - done/
