# Expected: the cancel was reported twice
s/interruption = task_take_interruption();/interruption = task_current()->interruption;/
