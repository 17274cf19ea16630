# Expected: the eventfd was not cleared
/read(event/d
