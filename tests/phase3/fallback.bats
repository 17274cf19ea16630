#!/usr/bin/env bats
# The loop's unit tests, run with each set-up that a kernel may leave us: each
# entry of the fallback list in ring.c, a ring with two entries, and a kernel
# that interrupts and refuses. strace plays the older or busier kernel.

bats_require_minimum_version 1.5.0
load ../support/refuse

setup()
{
    unset ONLY # it selects tests of this file, not of the units
    units=${UNITS:-$BIN/../tests/phase3}
    PATH=$TOOLS:$PATH # deny
    operations="await await_cancel await_buffers"
    with_loop="loop loop_flood loop_end loop_order group $operations"
    # A process has one tracer, and the search for leaks wants to be it.
    export ASAN_OPTIONS=detect_leaks=0
}

@test "without DEFER_TASKRUN the loop and its operations behave the same" {
    for unit in $with_loop; do
        refuse_entries_and_run 1 $unit
    done
}

@test "without DEFER_TASKRUN the ring has COOP_TASKRUN" {
    refuse_entries_and_run 1 await
    ! grep -q 'COOP_TASKRUN.* = -1 EINVAL' "$BATS_TEST_TMPDIR/strace" ||
        skip "no COOP_TASKRUN (Linux 5.19)"
    grep 'io_uring_setup.*) = [0-9]' "$BATS_TEST_TMPDIR/strace" \
        >"$BATS_TEST_TMPDIR/accepted"
    run -1 grep -v IORING_SETUP_COOP_TASKRUN "$BATS_TEST_TMPDIR/accepted"
}

@test "without COOP_TASKRUN the loop and its operations behave the same" {
    for unit in $with_loop; do
        refuse_entries_and_run 2 $unit
    done
}

@test "without any set-up flag the loop and its operations behave the same" {
    for unit in $with_loop; do
        refuse_entries_and_run 3 $unit
    done
}

@test "on a plain ring the loop and its operations behave the same" {
    for unit in $with_loop; do
        RING_PLAIN=1 "$units/$unit"
    done
}

@test "on a ring with two entries the loop and its operations behave the same" {
    for unit in $with_loop; do
        RING_ENTRIES=2 "$units/$unit"
    done
}

@test "interrupted enters lose no completion" {
    for unit in $operations; do
        refuse_and_run io_uring_enter:error=EINTR:when=2+3 $unit
    done
}

@test "enters that fail with EAGAIN lose no completion" {
    for unit in $operations; do
        refuse_and_run io_uring_enter:error=EAGAIN:when=2+3 $unit
    done
}

@test "enters that fail with EBUSY lose no completion" {
    for unit in $operations; do
        refuse_and_run io_uring_enter:error=EBUSY:when=2+3 $unit
    done
}

# A completion was lost: the task that waits for it would wait for ever.
@test "a kernel that lost a completion stops the process" {
    command -v strace >/dev/null || skip "strace is not installed"
    run strace --seccomp-bpf -f -qq -o /dev/null -e trace=io_uring_enter \
        -e inject=io_uring_enter:error=EBADR:when=2 "$units/group"
    [ "$status" -ne 0 ]
    [[ $output == *"the kernel refuses the ring: "*"(EBADR)"* ]]
}

# A filter may allow the set-up and refuse each enter. Nothing can end the
# operations then, so the process ends: not by a signal, and not after an endless
# number of attempts.
@test "a ring that is refused after its set-up ends each program with 2" {
    command -v deny >/dev/null || skip "deny is not built: ninja test-phase0"
    echo text >"$BATS_TEST_TMPDIR/file"
    for error in EPERM ENOSYS EAGAIN EBUSY; do
        for program in tour "pipeline $BATS_TEST_TMPDIR/file" \
            "ladder-coroutine $BATS_TEST_TMPDIR/file"; do
            [ -x "$BIN/${program%% *}" ] || continue
            echo "deny --enter $error -- $program"
            # shellcheck disable=SC2086 # a program and its argument
            run -2 --separate-stderr timeout 100 deny --enter $error -- \
                $BIN/$program
            [[ $stderr == "${program%% *}: the kernel refuses the ring: "*"($error): "* ]]
        done
    done
}

@test "a kernel without guard markers gets guard pages" {
    refuse_and_run madvise:error=EINVAL stack
}
