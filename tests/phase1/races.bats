#!/usr/bin/env bats
# Another process acts between two steps of cp-uring.

bats_require_minimum_version 1.5.0

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

teardown()
{
    jobs -p | xargs -r kill 2>/dev/null || true
}

# COMMAND: true within 20 s.
await()
{
    local deadline=$((SECONDS + 20))
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
    done
}

is_copied() # the temporary is complete
{
    [ "$(find . -maxdepth 1 -name '.cp-uring.*' -size 3000000c | wc -l)" -eq 1 ]
}

# strace holds the rename up; the target appears before that.
@test "-n keeps a target that appears during the copy" {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    head -c 3000000 /dev/urandom >source
    for seconds in 1 4 16; do
        rm -f target
        ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o trace -e trace=renameat2 \
            -e inject=renameat2:delay_enter=$((seconds * 1000000)) \
            "$BIN/cp-uring" -n source target &
        await is_copied
        echo mine >target
        ! is_copied || break # in time: the rename comes later
        wait $!
        [ "$seconds" -lt 16 ] || skip "this machine is too busy"
    done
    wait $!
    [ "$(cat target)" = mine ]
    [ -z "$(find . -name '.cp-uring.*')" ]
}

# A small file is renamed without a look at its target before.
@test "-r does not replace a FIFO by a small file" {
    mkdir -p source target/source
    for i in $(seq 20); do echo new >"source/$i"; done
    mkfifo target/source/7
    run --separate-stderr "$BIN/cp-uring" -r source target
    [ "$status" -eq 1 ]
    [[ $stderr == *"target/source/7'"* ]]
    [ -p target/source/7 ]
    for i in 1 6 8 20; do [ "$(cat "target/source/$i")" = new ]; done
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
