#!/usr/bin/env bats
# A few units and programs while signals come a thousand times per second, and
# on rings with two entries. `ninja harden` does that with every suite.

bats_require_minimum_version 1.5.0

load ../support/each_program

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    find_programs
    [ -e "$TOOLS/ticks.so" ] || skip "the preloaded objects are not built"
}

# OBJECT UNIT...
run_units_with()
{
    local object=$1 unit
    shift

    for unit; do
        LD_PRELOAD=$TOOLS/$object "$tree/tests/$unit"
    done
}

@test "signals at 1 kHz disturb no operation" {
    run_units_with ticks.so phase3/await phase3/await_cancel phase3/group \
        phase5/aio phase5/lines phase8/stream
}

@test "on rings with two entries files and streams behave the same" {
    export TINY_RINGS=2
    run_units_with tiny-rings.so phase3/await_cancel phase5/aio phase5/lines \
        phase8/stream
}

# COMMAND...: prints the same as in good conditions, and exits with 0.
run_in_ticks()
{
    local round

    run_in_good_conditions "$@"
    for round in 1 2 3; do
        code=0
        LD_PRELOAD=$TOOLS/ticks.so timeout 60 "$@" >out 2>err </dev/null ||
            code=$?
        [ "$code" -eq 0 ] && is_acceptable "$1" || {
            echo "exit code $code: $(<err)"
            return 1
        }
    done
}

@test "signals at 1 kHz change the output of no program" {
    each_program run_in_ticks
}

# The object must do what its name says, or the tests above prove nothing.
@test "the ticks interrupt, and a tiny ring has two entries" {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    strace -o trace -E LD_PRELOAD="$TOOLS/ticks.so" "$tree/phase3/tour" >/dev/null
    [ "$(grep -c 'io_uring_enter.* EINTR' trace)" -gt 5 ]
    TINY_RINGS=2 strace -o trace -E LD_PRELOAD="$TOOLS/tiny-rings.so" \
        "$tree/phase3/tour" >/dev/null
    grep -q 'io_uring_setup(2, ' trace
}
