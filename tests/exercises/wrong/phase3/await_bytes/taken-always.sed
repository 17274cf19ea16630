# Expected: the cancel was lost
/if (result == -ECANCELED/d
s/return interruption != 0 ? interruption/return interruption != 0 \&\& result < 0 ? interruption/
