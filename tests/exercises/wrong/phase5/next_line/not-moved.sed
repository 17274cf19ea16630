# Expected: moves to the front of the buffer
/memmove/d
s/^        source->begin = 0;/        if (source->begin + left == NEXT_LINE_MAX)\n            return -EMSGSIZE;/
s/^        source->end = left;//
