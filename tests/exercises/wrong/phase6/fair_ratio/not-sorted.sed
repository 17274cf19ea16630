# Expected: the median is the middle of the sorted ratios
/qsort/d
