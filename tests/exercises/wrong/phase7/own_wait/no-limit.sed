# Expected: arg.ts is the longest time to wait
# Hangs
s/{.ts = (uintptr_t)&limit}/{.ts = 0}/
