# Expected: the result depends on the cut
s/^    while (state->seen < len) {/    state->matched = 0;\n&/
