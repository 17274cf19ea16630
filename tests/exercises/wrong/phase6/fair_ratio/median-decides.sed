# Expected: a median below 1000 alone shows nothing
s/result.is_shown = .*/result.is_shown = result.median != 1000;/
