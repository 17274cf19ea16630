# Expected: other than ETIME and EINTR ends the wait
# Hangs
/else if (errno != EINTR)/,/return -errno/d
