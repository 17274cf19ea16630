# Expected: what if a read returns 0?
# Hangs
/if (got == 0)/,/return -ENODATA/d
