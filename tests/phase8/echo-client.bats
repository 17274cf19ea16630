# echo-client: it notices what is wrong, and it does not notice what is right.
#
# Judges: echo-client.

load ../support/judge

setup()
{
    client=$BIN/echo-client
    judge echo-client
}

teardown()
{
    [ -z "${server:-}" ] || kill $server 2>/dev/null || true
}

# FILE PATTERN: waits for the line, prints what follows the pattern.
lines_await_line()
{
    local found
    for ((i = 0; i < 500; i++)); do
        found=$(sed -n "s/^.*$2//p" "$1" | head -n 1)
        [ -z "$found" ] || break
        sleep 0.01
    done
    [ -n "$found" ] && echo "$found"
}

start() # OPTIONS...: of echo; sets $port
{
    need echo
    : >"$BATS_TEST_TMPDIR/out"
    "$BIN/echo" --port 0 "$@" >"$BATS_TEST_TMPDIR/out" 3>&- &
    server=$!
    port=$(lines_await_line "$BATS_TEST_TMPDIR/out" "listening on ")
    port=${port##*:}
}

value() # NAME: of what was printed
{
    sed -n "s/^$1 //p" <<<"$output"
}

# bats test_tags=manners
@test "--help and --version go to stdout" {
    run -0 --separate-stderr "$client" --help
    [[ $output == *"--conns"*"--size"*"--seconds"*"--bytes"* ]]
    [ -z "$stderr" ]
    run -0 "$client" --version
    [[ $output == "echo-client (one-ring) "* ]]
}

# bats test_tags=errors
@test "an argument that echo-client does not know exits with 2" {
    while read -r line; do
        # Words on purpose.
        # shellcheck disable=SC2086
        run -2 --separate-stderr "$client" $line
        [ -z "$output" ]
        says "echo-client: "
    done <<'ARGUMENTS'
--conns 0
--conns 20001
--size 0
--size 1048577
--size -1
--seconds 0
--seconds 1x
--bytes 18446744073709551616
--host example.org
--port 65536
--nonsense
argument
ARGUMENTS
}

@test "as many bytes as were asked for come back, in messages of that size" {
    start
    run -0 "$client" --port "$port" --bytes 100000 --size 1000 --seconds 0
    [ "$(value round_trips)" = 100 ]
    run -0 "$client" --port "$port" --bytes 1 --conns 50 --seconds 0
    [ "$(value round_trips)" = 50 ]
}

@test "a message may be larger than all that sockets hold" {
    start --bufs 2
    run -0 "$client" --port "$port" --bytes 8388608 --size 1048576 --seconds 0
    [ "$(value round_trips)" = 8 ]
}

@test "echo-client ends after its seconds, and its numbers agree" {
    start
    run -0 "$client" --port "$port" --conns 4 --size 100 --seconds 1
    [ "$(value round_trips)" -gt 0 ]
    [ "$(value round_trips_per_s)" -le "$(value round_trips)" ]
    awk -v p50="$(value p50_us)" -v p99="$(value p99_us)" \
        -v max="$(value max_us)" 'BEGIN { exit !(p50 <= p99 && p99 <= max) }'
}

@test "echo-client connects to a Unix socket and to IPv6" {
    start --bind "unix:$BATS_TEST_TMPDIR/socket"
    run -0 "$client" --host "unix:$BATS_TEST_TMPDIR/socket" --bytes 100000 \
        --size 10000 --seconds 0 --conns 3
    [ "$(value round_trips)" = 30 ]
}

# bats test_tags=errors
@test "a byte that comes back wrong is a failure, and it is named" {
    command -v nc >/dev/null || skip "nc is not installed"
    mkfifo "$BATS_TEST_TMPDIR/loop"
    : >"$BATS_TEST_TMPDIR/err"
    # An echo server that cannot say 0x55. The fifo is what closes the circle.
    # shellcheck disable=SC2094
    (nc -l -v 127.0.0.1 0 <"$BATS_TEST_TMPDIR/loop" \
        2>"$BATS_TEST_TMPDIR/err" |
        tr '\125' '\126' >"$BATS_TEST_TMPDIR/loop") 3>&- &
    server="$! $(jobs -p)"
    port=$(lines_await_line "$BATS_TEST_TMPDIR/err" "Listening on [^ ]* ") ||
        skip "this nc does not say where it listens"
    run -1 --separate-stderr timeout 20 "$client" --port "$port" \
        --size 262144 --seconds 2
    says "connection 0: byte " " came back as 0x56, not 0x55"
}

# bats test_tags=errors
@test "a server that is not there, or goes away, is a failure" {
    run -1 --separate-stderr "$client" --port 1
    says "cannot connect to 127.0.0.1:1: " "(ECONNREFUSED)"
    start
    timeout 20 "$client" --port "$port" --seconds 20 --conns 3 \
        >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
    local one=$!
    for ((i = 0; i < 500; i++)); do # until all three are served
        [ "$(find "/proc/$server/fd" -lname 'socket:*' | wc -l)" -lt 4 ] ||
            break
        sleep 0.01
    done
    kill "$server"
    wait "$server"
    local code=0
    wait "$one" || code=$?
    [ "$code" -eq 1 ]
    grep -q "connection [0-2]: after [0-9]* bytes: " "$BATS_TEST_TMPDIR/said"
}
