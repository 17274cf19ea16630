# Expected: also if the first has failed
# Hangs
s/    } while (got > 0 && rc == 0);/&\n    if (rc < 0) {\n        job->result = rc;\n        return 0;\n    }/
