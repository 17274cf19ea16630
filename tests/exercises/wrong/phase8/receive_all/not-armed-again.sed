# Expected: Arm it again
# Hangs
s/if (!(flags & IORING_CQE_F_MORE))/static int armed;\n        if (armed++ == 0)/
