# Expected: the timer is overdue
s/next_ns <= now_ns/next_ns == now_ns/
