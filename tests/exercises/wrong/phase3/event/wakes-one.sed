# Expected: one event_set wakes all tasks that wait
s/while ((node/if ((node/
