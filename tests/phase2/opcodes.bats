#!/usr/bin/env bats
# Which operations each mode of batch submits. The bytes do not show it: every
# mode writes the same.
#
# The traced program has the objects of $BIN/batch (ninja trace).
#
# Judges: batch.

# bats file_tags=exotic

load ../support/judge

setup()
{
    [ -z "${LEARNER-}" ] || skip "only the course's programs have a trace"
    judge batch
    traced=${UNITS%/tests/phase2}/trace/phase2/batch
    [ -x "$traced" ] || skip "$traced is not built"
    cd "$BATS_TEST_TMPDIR" || return
    for i in 01 02 03 04 05 06 07 08 09 10; do
        echo "$i" >"f$i"
    done
}

# MODE: runs batch on ten files, through four slots. The trace is in
# trace.jsonl. A pipe is written by the ring, and a file is not (output.c).
trace_of()
{
    ONE_RING_TRACE=trace.jsonl "$traced" --mode "$1" --window 4 f* |
        cat >got
    cmp got <(cat f*)
}

# OPERATION [FLAGS]: the number of its SQEs; of those with these flags.
count()
{
    grep -c "\"event\":\"sqe\".*\"operation\":\"$1\".*\"flags\":\"${2-.*}\"" \
        trace.jsonl || true
}

@test "batch reads, writes and closes each file by operations of the ring" {
    for mode in single batch; do
        trace_of $mode
        [ "$(count OPENAT)" -eq 10 ]
        [ "$(count READ)" -eq 20 ] # the second finds the end
        [ "$(count CLOSE)" -eq 10 ]
        [ $(($(count WRITE) + $(count WRITEV))) -ge 1 ]
        [ "$(count READV)" -eq 0 ]
    done
}

@test "mode vectored reads by READV, and writes several files by one WRITEV" {
    trace_of vectored
    [ "$(count READV)" -eq 20 ]
    [ "$(count READ)" -eq 0 ]
    # Files whose reads have ended together are written together. On a busy
    # machine they may all end one by one.
    for ((try = 1; try < 20 && $(count WRITEV) == 0; try++)); do
        trace_of vectored
    done
    [ "$(count WRITEV)" -ge 1 ]
}

@test "mode fixed reads registered files into registered buffers" {
    "$BIN/batch" --mode fixed --quiet --stats f* 2>&1 |
        grep -q ' buffers=registered' || skip "no locked memory here"
    trace_of fixed
    [ "$(count READ_FIXED fixed-file)" -eq 20 ]
    # A write of one file comes from its registered buffer.
    rm f0[2-9] f10
    trace_of fixed
    [ "$(count WRITE_FIXED fixed-file)" -eq 1 ]
}

@test "mode linked opens and reads each file by a link, without descriptors" {
    trace_of linked
    [ "$(count OPENAT link)" -eq 10 ]
    [ "$(count READ fixed-file)" -eq 20 ]
    # The first six are closed by the chain that opens the next in their slot.
    [ "$(count CLOSE hardlink)" -eq 6 ]
    [ "$(count CLOSE)" -eq 10 ]
}
