# Expected: perror prints another error
s/^        result = cqe->res;.*/&\n        if (result < 0) {\n            perror("read");\n            return 1;\n        }/
