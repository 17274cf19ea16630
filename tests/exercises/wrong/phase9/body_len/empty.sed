# Expected: an empty value is not a number
/if (len == 0)/,/return/d
