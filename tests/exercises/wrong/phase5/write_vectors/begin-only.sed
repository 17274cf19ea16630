# Expected: bytes were written twice
/vectors->iov_len -= done;/d
