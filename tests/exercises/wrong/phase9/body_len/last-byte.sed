# Expected: look at every byte
s/^    for (size_t i = 0; i < len; i++)$/    while (len > 1 \&\& value[len - 1] == 'x')\n        len--;\n&/
