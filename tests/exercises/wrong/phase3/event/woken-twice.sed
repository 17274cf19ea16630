# Expected: a task was made ready twice
s/while ((node = queue_pop(&event->waiters)) != NULL)/node = event->waiters.first;\n    if (node != NULL)/
