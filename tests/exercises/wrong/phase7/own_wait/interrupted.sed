# Expected: EINTR is not the end of the wait
s/else if (errno != EINTR)/else/
