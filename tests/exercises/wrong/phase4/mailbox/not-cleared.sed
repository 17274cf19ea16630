# Expected: the pipe was not cleared
/^    while (read/,/;$/d
