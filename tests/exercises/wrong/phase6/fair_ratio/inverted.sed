# Expected: the ratio is new divided by old
s/new_ns\[i\] \* 1000 \/ old_ns\[i\]/old_ns[i] * 1000 \/ new_ns[i]/
