# Expected: the wake-up is lost
/if (event->is_set)/,/return;/d
