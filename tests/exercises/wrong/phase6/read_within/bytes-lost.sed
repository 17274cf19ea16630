# Expected: the read got bytes before the cancel, and they are lost
s/return result == -ECANCELED ? -ETIME : result;/return rc == -ETIME ? -ETIME : result;/
