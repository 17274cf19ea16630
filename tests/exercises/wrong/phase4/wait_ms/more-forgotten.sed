# Expected: the loop has more to do, with or without a timer
/if (has_more)/,/return 0/d
s/if (next_ns <= now_ns)/if (has_more || next_ns <= now_ns)/
