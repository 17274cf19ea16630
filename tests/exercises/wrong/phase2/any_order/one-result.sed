# Expected: a result is missing
s/left > 0; left--/left > 1; left--/
