# Expected: a stream has no offset
s/offset == READ_ALL_STREAM ? offset : offset + done/offset + done/
