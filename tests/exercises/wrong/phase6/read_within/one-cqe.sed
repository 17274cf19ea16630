# Expected: a CQE was not marked as seen
s/left = 2;/left = 1;/
