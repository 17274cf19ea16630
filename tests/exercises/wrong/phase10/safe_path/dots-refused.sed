# Expected: a name may have dots
s/^    int len = 0;/&\n\n    if (strstr(target, "..a") != NULL)\n        return -EPERM;/
