# Expected: the number does not fit
/if (number > /,/return -EOVERFLOW/d
