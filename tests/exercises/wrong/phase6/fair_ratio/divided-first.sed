# Expected: it divides before it multiplies
s/new_ns\[i\] \* 1000 \/ old_ns\[i\]/new_ns[i] \/ old_ns[i] * 1000/
