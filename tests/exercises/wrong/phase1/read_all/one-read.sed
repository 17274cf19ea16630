# Expected: a short read is not the end
s/        done += (unsigned)result;/&\n        break;/
