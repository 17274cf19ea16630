#!/usr/bin/env bats
# Each checker of an exercise accepts right answers, and names the mistakes of
# wrong ones. The list of exercises is tests/exercises/list.

load proving

@test "the checker of print-file passes right answers and names mistakes" {
    prove phase0/print-file
}

@test "the checker of push_pop passes right answers and names mistakes" {
    prove phase1/push_pop
}

@test "the checker of read_all passes right answers and names mistakes" {
    prove phase1/read_all
}

@test "the checker of one_read passes right answers and names mistakes" {
    prove phase1/one_read
}

@test "the checker of any_order passes right answers and names mistakes" {
    prove phase2/any_order
}

@test "the checker of many_nops passes right answers and names mistakes" {
    prove phase2/many_nops
}

@test "the checker of own_buffers passes right answers and names mistakes" {
    prove phase2/own_buffers
}

@test "every exercise of the list is proven in this file" {
    while read -r phase file _; do
        grep -q "^    prove $phase/${file%.c}\$" tests/learn/proofs.bats ||
            { echo "$phase $file is not"; false; }
    done < <(grep -v '^#' tests/exercises/list)
}
