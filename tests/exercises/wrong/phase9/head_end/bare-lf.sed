# Expected: two LF are not the end of a head
s/^        if (c == end/        if (c == '\\n' \&\& state->seen > 1 \&\& buf[state->seen - 2] == '\\n')\n            return (long)state->seen;\n&/
