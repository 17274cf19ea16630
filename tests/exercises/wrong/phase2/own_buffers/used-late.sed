# Expected: the buffer was reused before use() had its bytes
/^        use(number_of/d
/^        io_uring_cqe_seen/d
s/^        ended++;/&\n        unsigned old = number_of[buffer];/
s/^            begin(ring, pipes\[begun++\], pool\[buffer\], buffer);/&\n            io_uring_submit(ring);\n        }\n        {\n            use(old, pool[buffer], cqe->res);\n            io_uring_cqe_seen(ring, cqe);/
