# Expected: request loop_cancel when the task is cancelled
# Hangs
s/^    loop_cancel(.*/    (void)wait;/
