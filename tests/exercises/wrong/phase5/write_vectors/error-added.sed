# Expected: look at it before you add it
/^        if (result < 0)$/,/return result/d
