# Expected: the kernel takes tail - head SQEs
/atomic_store_explicit/d
