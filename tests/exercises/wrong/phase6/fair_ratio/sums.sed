# Expected: this is the ratio of the sums
/result.median = /i\
    uint64_t old_sum = 0, new_sum = 0;\
    for (unsigned i = 0; i < rounds; i++) {\
        old_sum += old_ns[i];\
        new_sum += new_ns[i];\
    }
s/result.median = .*/result.median = (unsigned)(new_sum * 1000 \/ old_sum);/
