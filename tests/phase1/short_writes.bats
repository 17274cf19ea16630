#!/usr/bin/env bats
# An output that takes less than it is given: the rest follows.
#
# Judges: cat-raw, cat-sync, cat-uring.

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    head -c 1000001 /dev/urandom >source
}

@test "every cat writes all bytes to a socket that takes a few at a time" {
    judge_each cat-sync cat-raw cat-uring
    # shellcheck disable=SC2154 # judge_each sets it
    for cat in $programs; do
        timeout 200 "$TOOLS/syscalls" to-socket "$BIN/$cat" source >got
        same_bytes source got
    done
}
