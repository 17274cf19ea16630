# The steps of phase8/steps, counted by strace: the first step makes system calls
# that the ring of the second step does not need.
#
# Judges: echo-epoll, echo-oneshot, zc-sizes.

load ../support/judge
load ../support/await

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot be traced
}

teardown()
{
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
}

# PROGRAM: prints its system calls per 100 round trips of 50 clients.
calls()
{
    local trips=2500 server port address
    start_listening out err strace -c -o calls -qq "$BIN/$1" --port 0
    "$BIN/echo-client" --port "$port" --conns 50 --bytes 3200 --seconds 0 \
        >/dev/null
    # strace has one child, and passes no signal on.
    kill "$(cat "/proc/$server/task/$server/children")"
    wait "$server"
    awk -v trips=$trips '$NF == "total" { print int($4 * 100 / trips) }' calls
}

@test "fifty clients need two system calls per message from epoll, and a fraction from a ring" {
    judge echo-epoll
    need echo-oneshot
    need echo-client
    command -v strace >/dev/null || skip "strace is not installed"
    [ "$(calls echo-epoll)" -ge 200 ]
    [ "$(calls echo-oneshot)" -lt 100 ]
}

@test "zc-sizes compares three ways to send, and loopback copies in all of them" {
    judge zc-sizes
    run --separate-stderr "$BIN/zc-sizes" --rounds 1 --batches 4
    [ "$status" -ne 2 ] || skip "$stderr"
    exits 0
    [ "$(grep -c '^| [0-9]' <<<"$output")" -eq 10 ]
    [ "$(grep -c '| 100 % |$' <<<"$output")" -eq 10 ]
}
