#!/usr/bin/env bats
# A few units and programs while signals come a thousand times per second, and
# on rings with two entries. `ninja harden` does that with every suite.

bats_require_minimum_version 1.5.0

load ../support/each_program
load ../support/await

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
        LD_PRELOAD=$TOOLS/$object "$tree/tests/$unit" >out 2>&1 || {
            grep FAILED out || tail -n 5 out
            return 1
        }
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
        LD_PRELOAD=$TOOLS/ticks.so timeout 200 "$@" >out 2>err </dev/null ||
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

# A tick may interrupt the server's wait for a signal, and the wait must go on.
# That happens rarely on an idle machine, so only some runs try it.
@test "a server that is interrupted at 1 kHz ends after SIGTERM" {
    for _ in $(seq 10); do
        start_listening says err env LD_PRELOAD="$TOOLS/ticks.so" \
            "$tree/phase10/serve" --root given --port 0
        for ((i = 0; i < 10; i++)); do # a few hundred ticks pass
            exec 5<>"/dev/tcp/127.0.0.1/$port"
            printf 'GET /short HTTP/1.0\r\n\r\n' >&5
            timeout 60 cat <&5 >/dev/null
            exec 5>&-
        done
        kill -TERM "$server"
        await_gone "$server" || kill -KILL "$server"
        wait "$server"
    done
}
