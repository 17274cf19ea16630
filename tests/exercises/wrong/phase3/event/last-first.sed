# Expected: the task that has waited longest wakes first
s/^    queue_push(.*/    task_current()->node.next = event->waiters.first;\n    event->waiters.first = \&task_current()->node;/
