# Expected: the failure was lost
s/job->result = got < 0 ? got : rc;/job->result = 0;/
