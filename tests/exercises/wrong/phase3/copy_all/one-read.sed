# Expected: copy until a read returns 0
s/while (got > 0 \&\& rc == 0)/while (0)/
s/job->result = got < 0 ? got : rc;/job->result = got < 0 ? got : rc;\n    while (await_read(job->in, buf, sizeof buf, AWAIT_STREAM) > 0)\n        ;/
