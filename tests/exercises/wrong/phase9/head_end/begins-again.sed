# Expected: it looks at bytes again that it has seen
s/^    while (state->seen < len) {/    *state = (struct head_end){0};\n&/
