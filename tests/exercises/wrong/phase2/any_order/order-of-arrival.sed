# Expected: a CQE does not belong to the oldest read
s/results\[cqe->user_data\]/results[count - left]/
