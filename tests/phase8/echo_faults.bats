# echo under a kernel that interrupts and refuses: strace plays it.
#
# Judges: echo.

# bats file_tags=interruptions

load ../support/judge
load ../support/await

setup()
{
    export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot be traced
}

teardown()
{
    [ -z "${tracer:-}" ] || kill "$tracer" 2>/dev/null || true
}

# INJECTION: a server under it, and clients who notice a wrong byte.
refuse_and_echo()
{
    command -v strace >/dev/null || skip "strace is not installed"
    need echo-client
    start_listening "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" \
        strace -f -qq -o "$BATS_TEST_TMPDIR/strace" -e trace="${1%%:*}" \
        -e inject="$1" "$BIN/echo" --port 0
    tracer=$server
    run -0 timeout 100 "$BIN/echo-client" --port "$port" --conns 20 \
        --size 20000 --bytes 200000 --seconds 0
    [[ $output == *"round_trips 200"* ]]
    pkill -TERM -P "$tracer"
    wait "$tracer"
    tracer=
    grep -q INJECTED "$BATS_TEST_TMPDIR/strace"
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
