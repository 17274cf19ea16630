# relay: its command line, and where its pipes come from.
#
# Judges: relay.

load ../support/judge
load ../support/await

setup()
{
    judge relay
}

teardown()
{
    [ -z "${target:-}" ] || kill "$target" 2>/dev/null || true
    [ -z "${tracer:-}" ] || pkill -TERM -P "$tracer" || true # the relay
    [ -z "${tracer:-}" ] || wait "$tracer" || true
}

# OPTION...: an echo server, and a relay under strace in front of it.
start_traced()
{
    command -v strace >/dev/null || skip "strace is not installed"
    need echo
    need echo-client
    export ASAN_OPTIONS=detect_leaks=0
    start_listening "$BATS_TEST_TMPDIR/echo" "$BATS_TEST_TMPDIR/echo.err" \
        "$BIN/echo" --port 0
    target=$server
    start_listening "$BATS_TEST_TMPDIR/relay" "$BATS_TEST_TMPDIR/relay.err" \
        strace -f -qq -o "$BATS_TEST_TMPDIR/strace" -e trace=pipe2,splice \
        "$BIN/relay" "$@" --port 0 "127.0.0.1:$port"
    tracer=$server
    before=$(grep -c pipe2 "$BATS_TEST_TMPDIR/strace" || true)
    run -0 timeout 100 "$BIN/echo-client" --port "$port" --conns 3 \
        --size 100000 --bytes 1000000 --seconds 0
    [[ $output == *"round_trips 30"* ]]
    after=$(grep -c pipe2 "$BATS_TEST_TMPDIR/strace" || true)
}

@test "the ring makes the pipes where the kernel can" {
    start_traced
    [ "$after" -eq "$before" ] || {
        "$BIN/../phase0/envcheck" 2>/dev/null | grep -q 'yes .* PIPE ' ||
            skip "the kernel has no IORING_OP_PIPE"
        false
    }
}

@test "--pipe2 makes two pipes per connection by a system call" {
    start_traced --pipe2
    [ "$after" -eq $((before + 6)) ]
}

@test "--copy makes no pipe" {
    start_traced --copy
    [ "$after" -eq "$before" ]
}

# bats test_tags=errors
@test "a target that is not HOST:PORT is refused" {
    local target
    for target in example.org 127.0.0.1 127.0.0.1: 127.0.0.1:0 \
        127.0.0.1:65536 :80 127.0.0.1:8x; do
        run -2 --separate-stderr "$BIN/relay" "$target"
        says "relay: " "HOST:PORT"
    done
    run -2 --separate-stderr "$BIN/relay"
    run -2 --separate-stderr "$BIN/relay" --nonsense 127.0.0.1:1
}

# bats test_tags=manners
@test "--help goes to stdout" {
    run -0 --separate-stderr "$BIN/relay" --help
    [[ $output == *"HOST:PORT"*"--copy"*"--pipe2"* ]]
    [ -z "$stderr" ]
}

# bats test_tags=manners
@test "bench-relay.sh prints its usage, and refuses an unknown option" {
    local script=$BATS_TEST_DIRNAME/../../phase8/bench-relay.sh
    run -0 "$script" --help
    [[ $output == "usage: phase8/bench-relay.sh "* ]]
    run -2 --separate-stderr "$script" --nonsense
    says "bench-relay.sh: "
}
