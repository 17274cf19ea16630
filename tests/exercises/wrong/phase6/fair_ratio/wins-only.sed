# Expected: a loss that is shown counts, too
s/result.high < 1000 || result.low > 1000/result.high < 1000/
