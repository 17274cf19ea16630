# Expected: look at a result before you add it
/        if (result < 0)/,/return result;/d
