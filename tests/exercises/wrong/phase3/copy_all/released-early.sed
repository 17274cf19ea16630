# Expected: release it at the end of the task
# Hangs
/^    semaphore_release/d
s/^    int got, rc = 0;/&\n\n    semaphore_release(\&may_run);/
