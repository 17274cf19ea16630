# Expected: rounded down
s/(next_ns - now_ns - 1) \/ NS_PER_MS + 1/(next_ns - now_ns) \/ NS_PER_MS/
