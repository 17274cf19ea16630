# Expected: the window is not full
# Hangs
/^        if (begun < count) {/i\
        if (ended % OWN_BUFFERS_COUNT == 0)\
            for (unsigned b = 0; b < OWN_BUFFERS_COUNT && begun < count; b++) {\
                number_of[b] = begun;\
                begin(ring, pipes[begun++], pool[b], b);\
            }
/^        if (begun < count) {/,/^        }/d
