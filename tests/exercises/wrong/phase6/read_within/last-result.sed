# Expected: user_data tells the two CQEs apart
s/if (cqe->user_data == READ)/if (cqe->user_data)/
