# Expected: decode before you look at a segment
s/if (end - begin == 2 \&\& memcmp(out + begin, "..", 2) == 0)/if (end - begin == 2 \&\& memcmp(*target - 2, "..", 2) == 0)/
