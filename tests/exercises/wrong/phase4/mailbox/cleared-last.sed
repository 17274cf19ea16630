# Expected: Clear first, then take
/^    while (read/,/;$/d
s/^    return list;/    while (read(box->pipe[0], bytes, sizeof bytes) > 0)\n        ;\n&/
