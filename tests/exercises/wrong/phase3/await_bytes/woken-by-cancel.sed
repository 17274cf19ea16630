# Expected: the call returned while the read is in flight
s/^    loop_cancel(&container_of(wait, struct reading, wait)->op);/&\n    future_complete(\&container_of(wait, struct reading, wait)->future, -ECANCELED);/
