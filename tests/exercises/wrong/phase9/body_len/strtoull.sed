# Expected: it reads behind the value
s/#include <errno.h>/&\n#include <stdlib.h>/
/^    for (size_t i = 0; i < len; i++)$/,/^    \*body_len/c\
    number = strtoull(value, NULL, 10);\
    *body_len = number;
