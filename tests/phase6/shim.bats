#!/usr/bin/env bats
# build/trace/phaseN/PROGRAM: the programs of phases 1 and 2 with a trace of the
# rings that they make themselves.

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    build=${UNITS%/tests/phase6} # other phases, too
    traced=$build/trace
    [ -x "$traced/phase1/cat-uring" ] || skip "ninja trace was not run"
    export ONE_RING_TRACE=$PWD/t.jsonl
    seq 1 40000 >numbers
    top=$BATS_TEST_DIRNAME/../..
}

# NAME: a number of the trace's last line.
count_of()
{
    tail -n 1 "$ONE_RING_TRACE" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

# COMMAND...: checks that the trace has as many SQEs as the kernel has accepted,
# and as many CQEs.
sees_all()
{
    local accepted
    ASAN_OPTIONS=detect_leaks=0 strace -f -o calls -e signal=none \
        -e trace=io_uring_enter "$@" >out
    accepted=$(awk -F' = ' '/io_uring_enter/ && $NF > 0 { n += $NF }
        END { print n }' calls)
    echo "the kernel has accepted $accepted SQEs; $(tail -n 1 "$ONE_RING_TRACE")"
    [ "$accepted" -gt 0 ]
    [ "$(count_of sqes)" -eq "$accepted" ]
    [ "$(grep -c '"event":"sqe"' "$ONE_RING_TRACE")" -eq "$accepted" ]
    [ "$(count_of cqes)" -eq "$accepted" ]
    [ "$(count_of lost)" -eq 0 ]
    # Each CQE has its SQE.
    [ "$(grep -c '"event":"cqe".*"sqe":' "$ONE_RING_TRACE")" -eq "$accepted" ]
    "$TOOLS/json-check" --lines <"$ONE_RING_TRACE"
}

need_strace()
{
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
}

@test "the shim sees each function of liburing that phases 1 and 2 wait with" {
    wrapped=$(sed 's/.*wrap=//' "$top/lib/measure/trace_shim.flags")
    for program in "$build"/phase[12]/*; do
        for name in $(nm -u "$program" | grep -o '\b_*io_uring_[a-z_]*'); do
            case $name in
            *_register_*|*_unregister_*) continue ;; # post no CQEs
            esac
            grep -qx "$name" <<<"$wrapped" || {
                echo "$program calls $name"
                false
            }
        done
    done
}

@test "the trace of cat-raw, cat-uring and cp-uring has every SQE and CQE" {
    need_strace
    sees_all "$traced/phase1/cat-raw" numbers numbers
    cmp out <(cat numbers numbers)
    sees_all "$traced/phase1/cat-uring" numbers numbers
    cmp out <(cat numbers numbers)
    mkdir tree
    for i in 1 2 3 4 5 6 7 8 9; do cp numbers tree/$i; done
    sees_all "$traced/phase1/cp-uring" -r tree copy
    diff -r tree copy
}

@test "the trace of batch has every SQE and CQE in each mode" {
    need_strace
    for mode in single batch linked fixed vectored; do
        sees_all "$traced/phase2/batch" --mode $mode numbers numbers numbers
        cmp out <("$build/phase2/batch" --mode $mode numbers numbers numbers)
    done
}

@test "the trace of the labs has every SQE and CQE" {
    need_strace
    # lab-overflow's poll is multishot, lab-badsqe's bad SQEs are not accepted,
    # and lab-sqpoll's kernel thread needs no enter.
    for lab in link offset order peek splice sqfull; do
        sees_all "$traced/phase2/lab-$lab"
    done
}

@test "the trace of an overflow has the CQEs that the kernel kept back" {
    "$traced/phase2/lab-overflow" >out
    cmp out <("$build/phase2/lab-overflow")
    [ "$(grep -c '"event":"cqe".*"operation":"NOP"' t.jsonl)" -eq 10 ]
    # The multishot poll has one SQE, and CQEs until the CQ was full.
    [ "$(grep -c '"event":"sqe".*"operation":"POLL_ADD"' t.jsonl)" -eq 1 ]
    [ "$(grep -c '"operation":"POLL_ADD".*"cqe_flags":"more"' t.jsonl)" -eq 4 ]
    [ "$(grep -c '"operation":"POLL_ADD".*"cqe_flags":""' t.jsonl)" -eq 1 ]
}

@test "each lab prints the same with a trace" {
    for lab in badsqe link offset order peek splice sqfull; do
        cmp <("$build/phase2/lab-$lab") <("$traced/phase2/lab-$lab")
    done
}

@test "without ONE_RING_TRACE the trace goes to stderr, behind other messages" {
    unset ONE_RING_TRACE
    "$traced/phase1/cat-raw" nowhere numbers 2>err >out || true
    cmp out numbers
    [[ $(head -n 1 err) == "cat-raw: cannot open 'nowhere'"* ]]
    [[ $(tail -n 1 err) == "# "*" SQEs, "*" 0 lost" ]]
    # The result of a program is its own.
    run -1 "$traced/phase1/cat-raw" nowhere
    run -0 "$traced/phase1/cat-raw" numbers
}

@test "a trace that cannot be opened ends the program before it begins" {
    ONE_RING_TRACE=$PWD/nowhere/t run -2 --separate-stderr \
        "$traced/phase1/cat-raw" numbers
    [ -z "$output" ]
    [ "$stderr" = "trace: cannot open '$PWD/nowhere/t': \
No such file or directory (ENOENT)" ]
}

@test "a full disk under the trace is reported, and the output is complete" {
    ONE_RING_TRACE=/dev/full run -0 --separate-stderr \
        "$traced/phase1/cp-uring" numbers copy
    cmp numbers copy
    [ "$stderr" = "trace: cannot write: No space left on device (ENOSPC)" ]
}
