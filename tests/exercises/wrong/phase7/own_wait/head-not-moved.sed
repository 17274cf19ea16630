# Expected: the head moves by one
/atomic_store_explicit/d
