# The unit tests of lib/net, run with each set-up that a kernel may leave us: a
# ring without DEFER_TASKRUN, a ring with two entries, a kernel that interrupts
# and refuses. strace plays the older or busier kernel.

bats_require_minimum_version 1.5.0

setup()
{
    units=${UNITS:-$BIN/../tests/phase8}
    streams="stream stream_empty_pool stream_end"
    servers="server server_stop"
    export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot be traced
}

teardown()
{
    [ -z "${tracer:-}" ] || kill "$tracer" 2>/dev/null || true
}

refuse_and_run() # INJECTION UNIT
{
    command -v strace >/dev/null || skip "strace is not installed"
    strace --seccomp-bpf -f -qq -o "$BATS_TEST_TMPDIR/strace" \
        -e trace="${1%%:*}" -e inject="$1" "$units/$2"
    grep -q INJECTED "$BATS_TEST_TMPDIR/strace"
}

# INJECTION: a server under it, and clients who notice a wrong byte.
refuse_and_echo()
{
    command -v strace >/dev/null || skip "strace is not installed"
    [ -x "$BIN/echo-client" ] || skip "there is no echo-client in $BIN"
    : >"$BATS_TEST_TMPDIR/out"
    strace -f -qq -o "$BATS_TEST_TMPDIR/strace" -e trace="${1%%:*}" \
        -e inject="$1" "$BIN/echo" --port 0 >"$BATS_TEST_TMPDIR/out" 3>&- &
    tracer=$!
    for ((i = 0; i < 1000; i++)); do
        port=$(sed 's/.*://' "$BATS_TEST_TMPDIR/out")
        [ -z "$port" ] || break
        sleep 0.01
    done
    run -0 timeout 50 "$BIN/echo-client" --port "$port" --conns 20 \
        --size 20000 --bytes 200000 --seconds 0
    [[ $output == "round_trips 200"* ]]
    pkill -TERM -P "$tracer"
    wait "$tracer"
    tracer=
    grep -q INJECTED "$BATS_TEST_TMPDIR/strace"
}

@test "on a plain ring lib/net behaves the same" {
    for unit in bufring $streams acceptor net $servers; do
        RING_PLAIN=1 "$units/$unit"
    done
}

@test "on a ring with two entries lib/net behaves the same" {
    for unit in bufring $streams acceptor; do
        RING_ENTRIES=2 "$units/$unit"
    done
}

@test "without DEFER_TASKRUN lib/net behaves the same" {
    for unit in bufring $streams acceptor $servers; do
        refuse_and_run io_uring_setup:error=EINVAL:when=1 $unit
    done
}

@test "without any set-up flag lib/net behaves the same" {
    for unit in bufring $streams acceptor $servers; do
        refuse_and_run io_uring_setup:error=EINVAL:when=1..3 $unit
    done
}

@test "enters that are interrupted change no byte" {
    refuse_and_echo io_uring_enter:error=EINTR:when=5+3
}

@test "enters that fail for lack of memory change no byte" {
    refuse_and_echo io_uring_enter:error=EAGAIN:when=5+3
}

@test "enters that find the CQ overflowed change no byte" {
    refuse_and_echo io_uring_enter:error=EBUSY:when=5+3
}
