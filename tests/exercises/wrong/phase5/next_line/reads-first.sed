# Expected: it reads although a line is there
s/^        newline = memchr(begin/        rc = fill(source);\n        left = source->end - source->begin;\n&/
