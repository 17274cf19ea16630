# Expected: as soon as one ends, the next must begin
# Hangs
s/^        rc = semaphore_await_take(&may_run);/        rc = i % all->at_once == 0 ? group_await_all(\&group) : 0;/
