# Expected: a sign is not a digit
s/^    for (size_t i = 0; i < len; i++)$/    if (value[0] == '+' \&\& len > 1) {\n        value++;\n        len--;\n    }\n&/
