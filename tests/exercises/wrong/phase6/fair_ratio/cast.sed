# Expected: compute in 64 bits
s/new_ns\[i\] \* 1000 \/ old_ns\[i\]/(uint64_t)(unsigned)new_ns[i] * 1000 \/ (unsigned)old_ns[i]/
