# Expected: a result of 0 is the end
# Hangs
/if (result == 0)/,/break;/d
