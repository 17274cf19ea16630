# Expected: after EINTR wait only for the time that is left
s/if (end_ns == 0)/if (1)/
s/left_ns = end_ns - now_ns();/left_ns = limit_ms * INT64_C(1000000);/
