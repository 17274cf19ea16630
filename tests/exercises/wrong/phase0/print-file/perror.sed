# Expected: perror prints another error
s/fprintf(stderr, "print-file: %s.*/perror(what);/
