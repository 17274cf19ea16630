# Expected: this is the ratio of the medians
/result.median = /i\
    unsigned olds[FAIR_ROUNDS_MAX], news[FAIR_ROUNDS_MAX];\
    for (unsigned i = 0; i < rounds; i++) {\
        olds[i] = (unsigned)old_ns[i];\
        news[i] = (unsigned)new_ns[i];\
    }\
    qsort(olds, rounds, sizeof olds[0], by_size);\
    qsort(news, rounds, sizeof news[0], by_size);
s/result.median = .*/result.median = (unsigned)(news[rounds \/ 2] * 1000ull \/ olds[rounds \/ 2]);/
