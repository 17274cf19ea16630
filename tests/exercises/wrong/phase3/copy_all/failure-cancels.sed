# Expected: one job failed, and cancelled the others
s/^    return 0; .*/    return job->result;/
