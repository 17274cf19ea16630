# Expected: the loop was full
# Hangs
s/{.count = all->at_once}/{.count = 1000}/
