# Expected: arm it after a CQE without F_MORE
s/is_armed = cqe->flags & IORING_CQE_F_MORE;/is_armed = got + 1 == count \&\& (cqe->flags \& IORING_CQE_F_MORE);/
