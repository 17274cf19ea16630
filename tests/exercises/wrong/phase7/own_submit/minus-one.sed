# Expected: the reason is in errno
s/taken < 0 ? -errno : (int)taken/(int)taken/
