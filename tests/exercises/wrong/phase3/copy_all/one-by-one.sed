# Expected: too few jobs are copied at the same time
# Hangs
s/{.count = all->at_once}/{.count = 1}/
