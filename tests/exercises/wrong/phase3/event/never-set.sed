# Expected: event_set did not set is_set
/event->is_set = true;/d
