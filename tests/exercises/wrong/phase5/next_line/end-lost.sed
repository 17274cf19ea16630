# Expected: the last line may have no newline
s/return left > 0 ? take(source, left, line, len) : 0;/return 0;/
