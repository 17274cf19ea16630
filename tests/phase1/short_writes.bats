#!/usr/bin/env bats
# An output that takes less than it is given: the rest follows.
#
# Judges: cat-raw, cat-sync, cat-uring.

# bats file_tags=interruptions

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    head -c 1000001 /dev/urandom >source
}

# WORD... CAT: the cat copies source from each kind of input. Its stdout is a
# socket that takes a few bytes at a time.
to_full_socket()
{
    local socket=("$TOOLS/syscalls" to-socket)

    "${socket[@]}" "$@" source >got
    same_bytes source got
    "${socket[@]}" "$@" <source >got
    same_bytes source got
    cat source | "${socket[@]}" "$@" >got
    same_bytes source got
    "$TOOLS/syscalls" socket "${socket[@]}" "$@" <source >got
    same_bytes source got
}

@test "every cat writes all bytes to a socket that takes a few at a time" {
    judge_each cat-sync cat-raw cat-uring
    # shellcheck disable=SC2154 # judge_each sets it
    for cat in $programs; do
        echo "with $cat:"
        to_full_socket timeout 200 "$BIN/$cat"
    done
}

# On a blocking socket, only a write through the ring is short: write(2) waits
# until the socket has taken all bytes.
@test "every cat writes all bytes to a non-blocking socket" {
    judge_each cat-sync cat-raw cat-uring
    # shellcheck disable=SC2154 # judge_each sets it
    for cat in $programs; do
        echo "with $cat:"
        to_full_socket "$TOOLS/syscalls" non-blocking 1 timeout 200 "$BIN/$cat"
    done
}
