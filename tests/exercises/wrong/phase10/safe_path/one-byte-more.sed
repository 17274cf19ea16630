# Expected: the zero byte needs room, too
s/(size_t)end + 1 >= size/(size_t)end >= size/
