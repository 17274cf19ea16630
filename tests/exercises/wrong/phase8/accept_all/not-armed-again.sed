# Expected: Arm it again
# Hangs
s/is_armed = cqe->flags & IORING_CQE_F_MORE;/is_armed = true;/
