#!/usr/bin/env bats
# What the programs of phase 1 ask the ring to do. The bytes of a copy do not
# show it: a program that calls read(2) and write(2) copies the same bytes.
#
# The traced programs have the objects of the programs in $BIN (ninja trace).
#
# Judges: cat-raw, cat-uring, cp-uring.

# bats file_tags=exotic

load ../support/judge

setup()
{
    [ -z "${LEARNER-}" ] || skip "only the course's programs have a trace"
    traced=${UNITS%/tests/phase1}/trace/phase1
    cd "$BATS_TEST_TMPDIR" || return
}

# PROGRAM ARGUMENT...: runs the traced program. Its trace is in trace.jsonl.
trace_of()
{
    judge "$1"
    [ -x "$traced/$1" ] || skip "$traced/$1 is not built"
    ONE_RING_TRACE=trace.jsonl "$traced/$@"
}

# OPERATION: the number of its SQEs.
count()
{
    grep -c "\"event\":\"sqe\".*\"operation\":\"$1\"" trace.jsonl || true
}

@test "cat-uring reads and writes each block by one operation of the ring" {
    head -c 400000 /dev/zero >file # 3 blocks of 128 KiB and a rest
    trace_of cat-uring file >got
    cmp file got
    [ "$(count WRITE)" -eq 4 ]
    [ "$(count READ)" -ge 5 ] # the last one finds the end
    [ "$(grep -c '"event":"sqe"' trace.jsonl)" -eq \
        $(($(count READ) + $(count WRITE))) ]
}

@test "cat-raw makes its ring, maps it, and enters it by system calls" {
    judge cat-raw
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0
    head -c 400000 /dev/zero >file
    strace -qq -o calls -e trace=io_uring_setup,io_uring_enter,mmap,read,write \
        "$BIN/cat-raw" file >got || skip "strace may not trace here"
    cmp file got
    fd=$(sed -n 's/^io_uring_setup(.*) = //p' calls)
    [ "$(grep -c 'io_uring_setup(' calls)" -eq 1 ]
    [ "$(grep -c "^mmap(.*MAP_SHARED.*, $fd, 0) = " calls)" -eq 1 ]
    [ "$(grep -c "^mmap(.*MAP_SHARED.*, $fd, 0x10000000) = " calls)" -eq 1 ]
    # 4 blocks are read and written, and the last read finds the end.
    [ "$(grep -c 'io_uring_enter(' calls)" -eq 9 ]
    run ! grep -E '^write\(1,|^read\([0-9]+, "\\0' calls
}

@test "cp-uring -r copies a small file by one chain of the ring" {
    mkdir tree
    echo small >tree/file
    trace_of cp-uring -r tree copy
    diff -r tree copy
    [ "$(count OPENAT)" -eq 1 ]
    [ "$(count WRITE)" -eq 1 ]
    [ "$(count CLOSE)" -eq 1 ]
    [ "$(count FSYNC)" -eq 0 ]
    [ "$(grep -c '"operation":"OPENAT".*"flags":"link"' trace.jsonl)" -eq 1 ]
    [ "$(grep -c '"operation":"WRITE".*"flags":"fixed-file,link"' \
        trace.jsonl)" -eq 1 ]
    # An open into the table returns 0, and an ordinary one a descriptor.
    grep '"event":"cqe".*"operation":"OPENAT","res":0,' trace.jsonl
    grep '"event":"cqe".*"operation":"WRITE","res":6,' trace.jsonl
    grep '"event":"cqe".*"operation":"CLOSE","res":0,' trace.jsonl
}

@test "cp-uring -r --fsync syncs each small file by the ring" {
    mkdir tree
    for i in 1 2 3; do echo small >tree/$i; done
    trace_of cp-uring -r --fsync tree copy
    diff -r tree copy
    [ "$(count FSYNC)" -eq 3 ]
}
