# Expected: a zero byte ends the name early
s/c == '\/' || c == '\\0'/c == '\/'/
