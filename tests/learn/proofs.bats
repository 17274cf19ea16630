#!/usr/bin/env bats
# Each checker of an exercise accepts right answers, and names the mistakes of
# wrong ones. The list of exercises is tests/exercises/list.

load proving

@test "the checker of print-file passes right answers and names mistakes" {
    prove phase0/print-file
}

@test "the checker of who_refuses passes right answers and names mistakes" {
    prove phase0/who_refuses
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

@test "the checker of event passes right answers and names mistakes" {
    prove phase3/event
}

@test "the checker of copy_all passes right answers and names mistakes" {
    prove phase3/copy_all
}

@test "the checker of await_bytes passes right answers and names mistakes" {
    prove phase3/await_bytes
}

@test "the checker of drain passes right answers and names mistakes" {
    prove phase4/drain
}

@test "the checker of wait_ms passes right answers and names mistakes" {
    prove phase4/wait_ms
}

@test "the checker of mailbox passes right answers and names mistakes" {
    prove phase4/mailbox
}

@test "the checker of next_line passes right answers and names mistakes" {
    prove phase5/next_line
}

@test "the checker of write_vectors passes right answers and names mistakes" {
    prove phase5/write_vectors
}

@test "the checker of fair_ratio passes right answers and names mistakes" {
    prove phase6/fair_ratio
}

@test "the checker of read_within passes right answers and names mistakes" {
    prove phase6/read_within
}

@test "the checker of own_submit passes right answers and names mistakes" {
    prove phase7/own_submit
}

@test "the checker of own_wait passes right answers and names mistakes" {
    prove phase7/own_wait
}

@test "the checker of accept_all passes right answers and names mistakes" {
    prove phase8/accept_all
}

@test "the checker of receive_all passes right answers and names mistakes" {
    prove phase8/receive_all
}

@test "the checker of head_end passes right answers and names mistakes" {
    prove phase9/head_end
}

@test "the checker of body_len passes right answers and names mistakes" {
    prove phase9/body_len
}

@test "the checker of safe_path passes right answers and names mistakes" {
    prove phase10/safe_path
}

@test "the checker of send_promised passes right answers and names mistakes" {
    prove phase10/send_promised
}

@test "every exercise of the list is proven in this file" {
    while read -r phase file _; do
        grep -q "^    prove $phase/${file%.c}\$" tests/learn/proofs.bats ||
            { echo "$phase $file is not"; false; }
    done < <(grep -v '^#' tests/exercises/list)
}
