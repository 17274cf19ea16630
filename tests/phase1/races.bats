#!/usr/bin/env bats
# Another process acts between two steps of cp-uring.
#
# Judges: cp-uring.

load ../support/judge
load ../support/await

setup()
{
    judge cp-uring
    cd "$BATS_TEST_TMPDIR" || return
}

teardown()
{
    jobs -p | xargs -r kill 2>/dev/null || true
}

is_in() # PID OF STRACE, NUMBER...: its child is held up in one of these calls
{
    local child number
    child=$(cat "/proc/$1/task/$1/children" 2>/dev/null) && [ -n "$child" ] || return
    number=$(cut -d ' ' -f 1 "/proc/${child%% *}/syscall" 2>/dev/null) || return
    [[ " ${*:2} " == *" $number "* ]]
}

# linkat and renameat2, as x86-64 and aarch64 number them.
is_naming() # PID OF STRACE
{
    is_in "$1" 265 316 37 276
}

is_in_enter() # PID OF STRACE
{
    is_in "$1" 426
}

# strace holds up the call that names the copy; the target appears before that.
@test "-n keeps a target that appears during the copy" {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    head -c 3000000 /dev/urandom >source
    for seconds in 1 4 16; do
        rm -f target
        ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o trace \
            -e trace=linkat,renameat2 \
            -e inject=linkat,renameat2:delay_enter=$((seconds * 1000000)) \
            "$BIN/cp-uring" -n source target &
        await_that --from $! is_naming $!
        echo mine >target
        ! is_naming $! || break # in time: the file is named later
        wait $!
        [ "$seconds" -lt 16 ] || skip "this machine is too busy"
    done
    wait $!
    [ "$(cat target)" = mine ]
    [ -z "$(find . -name '.cp-uring.*')" ]
}

# The batch looks whether the target exists, and renames much later.
@test "-r -n keeps a target that appears before a small file is renamed" {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    mkdir source target target/source
    echo new >source/file
    for seconds in 1 4 16; do
        rm -f target/source/file
        ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o trace \
            -e trace=io_uring_enter \
            -e inject=io_uring_enter:delay_enter=$((seconds * 1000000)):when=1 \
            "$BIN/cp-uring" -r -n source target &
        await_that --from $! is_in_enter $!
        echo mine >target/source/file
        ! is_in_enter $! || break # in time: the rename comes later
        wait $!
        [ "$seconds" -lt 16 ] || skip "this machine is too busy"
    done
    wait $!
    [ "$(cat target/source/file)" = mine ]
    [ -z "$(find . -name '.cp-uring.*')" ]
}

@test "-r -n keeps the small targets that exist" {
    mkdir source target target/source
    for i in $(seq 40); do
        echo new >"source/$i"
        [ $((i % 2)) -eq 0 ] || echo old >"target/source/$i"
    done
    "$BIN/cp-uring" -r -n source target
    for i in $(seq 1 2 40); do [ "$(cat "target/source/$i")" = old ]; done
    for i in $(seq 2 2 40); do [ "$(cat "target/source/$i")" = new ]; done
}
