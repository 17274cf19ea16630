# Expected: a wait that a signal ends sets no CQE
s/while (result == -EINTR)/while (cqe->res == -EINTR)/
