# Expected: stdout took no bytes
/fflush(stdout)/{
N
d
}
