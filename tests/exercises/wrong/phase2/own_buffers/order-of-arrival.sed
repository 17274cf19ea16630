# Expected: of another pipe
s/^        use(number_of\[buffer\], /        use(ended, /
