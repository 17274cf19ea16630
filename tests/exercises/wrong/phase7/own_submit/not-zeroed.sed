# Expected: the SQE has old contents
/memset/d
