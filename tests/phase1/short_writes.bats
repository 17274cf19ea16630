#!/usr/bin/env bats
# An output that takes less than it is given: the rest follows.
#
# Judges: cat-raw, cat-sync, cat-uring.

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    head -c 1000001 /dev/urandom >source
}

@test "every cat writes all bytes to a socket that takes a few at a time" {
    for cat in cat-sync cat-raw cat-uring; do
        timeout 60 "$BIN/../tests/syscalls" to-socket "$BIN/$cat" source >got
        cmp source got
    done
}
