# Expected: a CR may be the first of the four
s/state->matched = c == .*/state->matched = 0;/
