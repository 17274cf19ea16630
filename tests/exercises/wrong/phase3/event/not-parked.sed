# Expected: park it
/task_park(NULL);/d
/queue_push/d
