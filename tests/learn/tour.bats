#!/usr/bin/env bats
# `ninja tour` (tests/tools/tour): each phase's program, once, on real input.

bats_require_minimum_version 1.5.0

@test "the tour runs the program of each phase, in order" {
    run -0 tests/tools/tour
    echo "$output"
    [ "$(grep -o '^phase [0-9]*' <<<"$output" | tr '\n' ' ')" = \
        "phase 0 phase 1 phase 2 phase 3 phase 4 phase 5 phase 6 phase 7 phase 8 phase 9 phase 10 " ]
    [ "$(grep -c '^  Look at ' <<<"$output")" -eq 11 ]
    [[ "$output" = *"io_uring works!"*"the same"*"engine uring"*"mode=batch"*"bob: turn 1"*" ticks"*"sync "*"a nop of 1 "*"round_trips 64000"*'"more than one Host"'*"200 OK"*"400 Bad Request"* ]]
}

@test "the tour of one phase leaves no process and no file" {
    TMPDIR=$BATS_TEST_TMPDIR run -0 tests/tools/tour phase8
    [[ "$output" != *"phase 7"* ]]
    [ -z "$(find "$BATS_TEST_TMPDIR" -name 'tour.*')" ]
    [ -z "$(grep -ls "TMPDIR=$BATS_TEST_TMPDIR/tour" /proc/[0-9]*/environ)" ]
}

@test "the counts that the tour prints in phase 5 are those of grep" {
    run -0 tests/tools/tour phase5
    while IFS=: read -r file count; do
        [ "$(grep -c ring_sqe "$file")" -eq "$count" ]
    done < <(grep '^lib/' <<<"$output")
}

@test "an unknown phase is an error" {
    run -2 tests/tools/tour phase11
    [[ "$output" = *"there is no phase11"* ]]
}
