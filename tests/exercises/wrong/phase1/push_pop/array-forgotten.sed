# Expected: the array was not set before the tail moved
/sq_array\[slot\] = slot/d
