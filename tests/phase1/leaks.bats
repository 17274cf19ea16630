#!/usr/bin/env bats
# One failure costs nothing: after a hundred of them, with few descriptors, the
# last file is copied. Odd sources are refused, and cp-uring does not wait.
#
# Judges: cp-uring.

load ../support/judge

setup()
{
    judge cp-uring
    cp=$BIN/cp-uring
    cd "$BATS_TEST_TMPDIR" || return
    mkdir sources target
    echo last >last
}

@test "failing targets leave no descriptor open" {
    for i in $(seq 100); do truncate -s 3M "sources/$i"; done
    # A limit on the length of files, in blocks of 1024 bytes.
    run --separate-stderr sh -c 'ulimit -n 24; ulimit -f 1000
        exec timeout 200 "$0" --sparse=never sources/* last target' "$cp"
    [ "$status" -eq 1 ]
    [[ $stderr == *"(EFBIG)"* && $stderr != *"(EMFILE)"* ]]
    [ "$(ls -A target)" = last ]
}

@test "kept targets leave no descriptor open" {
    for i in $(seq 100); do
        echo new >"sources/$i"
        echo old >"target/$i"
    done
    run --separate-stderr sh -c 'ulimit -n 24
        exec timeout 200 "$0" -n sources/* last target' "$cp"
    [ "$status" -eq 0 ]
    [ "$(cat target/last)" = last ]
    [ "$(cat target/1 target/50 target/100 | sort -u)" = old ]
}

@test "sources of a wrong kind leave no descriptor open" {
    for i in $(seq 100); do mkfifo "sources/$i"; done
    run --separate-stderr sh -c 'ulimit -n 24
        exec timeout 200 "$0" sources/* last target' "$cp"
    [ "$status" -eq 1 ]
    [[ $stderr == *"FIFO"* && $stderr != *"(EMFILE)"* ]]
    [ "$(ls -A target)" = last ]
}

@test "a FIFO as a source is refused at once" {
    mkfifo fifo
    run --separate-stderr timeout 200 "$cp" fifo copy
    [ "$status" -eq 1 ]
    [[ $stderr == *"cannot copy 'fifo'"* ]]
    [ ! -e copy ]
}
