# Expected: a negative cqe->res is a failure, and not the end
/        if (result < 0)/,/return result;/d
s/        if (result == 0)/        if (result <= 0)/
