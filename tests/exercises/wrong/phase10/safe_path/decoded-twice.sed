# Expected: decode once
s/^    return c == '\/' || c == '\\0' ? -EINVAL : c;/    if (c == '%' \&\& hex(p[3]) >= 0 \&\& hex(p[4]) >= 0) {\n        c = hex(p[3]) * 16 + hex(p[4]);\n        *text += 2;\n    }\n&/
