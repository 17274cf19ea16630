# Expected: look at res before you use it as a length
/^    if (result < 0)$/{
    N
    s/.*return fail("read", result);/    (void)fail;/
}
s/^    fwrite(block, .*/    for (size_t i = 0; i < (size_t)result; i++)\n        putchar(block[i]);/
