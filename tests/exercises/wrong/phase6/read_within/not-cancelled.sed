# Expected: cancel it, and wait for its CQE
s/^    if (rc == -ETIME) {/    if (rc == -ETIME)\n        return -ETIME;\n    if (0) {/
