# Expected: ring only if the mailbox was empty
s/^    if (was_empty)$/    if (1)/
$!N
s/^    if (1)\n        box->first/    if (was_empty)\n        box->first/
P
D
