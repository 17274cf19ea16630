# Expected: a read may cut a line
s/^        source->end = left;/        source->end = 0;/
