# Expected: an encoded slash makes two segments of one
s/c == '\/' || c == '\\0'/c == '\\0'/
