# Expected: '<' is wrong after the wrap
s/if (head == tail)/if (head >= tail)/
