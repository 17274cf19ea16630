# Expected: Clear first, then take
/read(event/d
s/^    return count;/    (void)!read(event, \&counter, sizeof counter);\n&/
