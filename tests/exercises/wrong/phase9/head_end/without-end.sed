# Expected: the length includes the four bytes
s/return (long)state->seen;/return (long)state->seen - 4;/
