# Expected: it is called outside a task
s/^    event->is_set = true;/&\n    task_yield();/
