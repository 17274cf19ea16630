# Expected: a result of 0 is the end
/if (result == 0)/,/break;/d
