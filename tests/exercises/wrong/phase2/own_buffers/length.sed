# Expected: gets cqe->res
s/pool\[buffer\], cqe->res);/pool[buffer], OWN_BUFFERS_LEN);/
