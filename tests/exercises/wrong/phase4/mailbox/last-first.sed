# Expected: the oldest message comes first
s/^    message->next = NULL;/    message->next = box->first;/
s/^    if (was_empty)$/    if (was_empty || 1)/
$!N
s/(was_empty || 1)\n        (void)/(was_empty)\n        (void)/
P
D
