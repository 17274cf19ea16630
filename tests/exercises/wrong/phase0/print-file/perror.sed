# Expected: perror prints another error
s/fprintf(stderr, .*/perror(what);/
