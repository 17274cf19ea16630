# Expected: count no digits
s/^    for (size_t i = 0; i < len; i++) {/    if (len > 20)\n        return -EOVERFLOW;\n&/
