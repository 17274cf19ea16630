# echo-client: it notices what is wrong, and it does not notice what is right.
#
# Judges: echo-client.

load ../support/judge
load ../support/await

setup()
{
    client=$BIN/echo-client
    judge echo-client
}

teardown()
{
    [ -z "${server:-}" ] || kill $server 2>/dev/null || true
}

start() # OPTIONS...: of echo; sets $port and $server
{
    need echo
    start_listening "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" \
        "$BIN/echo" --port 0 "$@"
}

value() # NAME: of what was printed, without its unit
{
    awk -v name="$1" '$1 == name { print $2 }' <<<"$output"
}

# bats test_tags=manners
@test "--help and --version go to stdout" {
    run -0 --separate-stderr "$client" --help
    [[ $output == *"--conns"*"--size"*"--seconds"*"--bytes"* ]]
    [[ $output == *"larger by less than 1.6 percent"* ]]
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
--size 1,
--size ,1
--size 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17
--depth 0
--depth 1025
--rate 0
--threads 65
--http index.html
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

@test "the first line repeats the parameters, and figures have units" {
    has_option echo-client --depth
    start
    run -0 "$client" --port "$port" --conns 3 --depth 2 --bytes 128 --seconds 0
    [ "${lines[0]}" = "load 3 connections to 127.0.0.1:$port, 1 threads, \
2 messages under way per connection, 64 bytes per message, 128 bytes per \
connection, closed loop" ]
    local name
    for name in p50_us p90_us p99_us p99.9_us max_us; do
        grep -qE "^$name [0-9.]+ microseconds\$" <<<"$output"
    done
    grep -q "^round_trips_per_s [0-9]* per second\$" <<<"$output"
}

@test "several messages are under way at a time, of several sizes in turn" {
    has_option echo-client --depth
    start
    run -0 "$client" --port "$port" --conns 5 --depth 64 --size 10,1000,90 \
        --bytes 110000 --seconds 0
    [ "$(value round_trips)" = 1500 ]
    run -0 "$client" --port "$port" --depth 64 --size 1048576,1 \
        --bytes 104857700 --seconds 0
    [ "$(value round_trips)" = 200 ]
}

@test "threads divide the connections and add up their figures" {
    has_option echo-client --threads
    start
    run -0 "$client" --port "$port" --conns 7 --threads 3 --bytes 6400 \
        --seconds 0
    [ "$(value round_trips)" = 700 ]
    [ "$(value connections_served)" = 7 ]
}

@test "an open loop sends at its rate, on all connections in turn" {
    has_option echo-client --rate
    start
    run -0 "$client" --port "$port" --conns 3 --rate 200 --seconds 1
    [ "$(value round_trips)" = 200 ]
    [ "$(value connections_served)" = 3 ]
    run -0 "$client" --port "$port" --conns 3 --threads 2 --rate 150 --seconds 1
    [ "$(value round_trips)" = 150 ]
}

# The server does not run for about the first second. 100 messages are due in
# that second, most of them long before its end. A busy machine may take a part
# of the second to start the client.
@test "an open loop counts from the time at which a message was due" {
    has_option echo-client --rate
    start
    kill -STOP "$server"
    start_behind "$BATS_TEST_TMPDIR/said" "$BATS_TEST_TMPDIR/progress" \
        "$client" --port "$port" --conns 2 --rate 100 --seconds 1 --progress
    await_line "$BATS_TEST_TMPDIR/progress" "echo-client: 1 s: " "$started"
    kill -CONT "$server"
    wait "$started"
    output=$(cat "$BATS_TEST_TMPDIR/said")
    [ "$(value round_trips)" = 100 ]
    awk -v p50="$(value p50_us)" -v max="$(value max_us)" \
        'BEGIN { exit !(p50 >= 100000 && max >= 500000) }'
}

@test "connections that are not served in time are reported" {
    has_option echo-client --depth
    start --max-conns 4
    run -0 --separate-stderr "$client" --port "$port" --conns 8 --seconds 1
    [ "$(value connections_served)" = 4 ]
    [ "$(value unanswered)" = 0 ] # they were served after the others had ended
    says "4 of 8 connections got no answer in time"
    awk -v max="$(value max_us)" 'BEGIN { exit !(max >= 900000) }'
}

# bats test_tags=errors
@test "a server that answers nothing is a failure" {
    has_option echo-client --patience
    start
    kill -STOP "$server"
    run -1 --separate-stderr "$client" --port "$port" --bytes 64 --seconds 0 \
        --patience 1
    says "no answer for 1 seconds"
    kill -CONT "$server"
    [ "$(value unanswered)" = 1 ]
}

# bats test_tags=errors
@test "a rate that the server cannot reach is a failure" {
    has_option echo-client --rate
    start
    run -1 --separate-stderr timeout 100 "$client" --port "$port" \
        --rate 500000 --seconds 1 --patience 2
    says "for 2 seconds"
    [ "$(value unanswered)" -gt 0 ]
}

# bats test_tags=errors
@test "an answer that is not HTTP is a failure with --http" {
    has_option echo-client --http
    start
    run -1 --separate-stderr "$client" --port "$port" --http / --seconds 1
    says "(EBADMSG)"
}

@test "--http requests a path, with several requests under way" {
    has_option echo-client --http
    local serve=$BIN/../phase10/serve
    [ -x "$serve" ] || skip "there is no phase10/serve"
    mkdir "$BATS_TEST_TMPDIR/root"
    head -c 20000 /dev/zero >"$BATS_TEST_TMPDIR/root/page.html"
    start_listening "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" \
        "$serve" --port 0 --root "$BATS_TEST_TMPDIR/root"
    run -0 "$client" --port "$port" --http /page.html --conns 4 --depth 8 \
        --rate 300 --seconds 1
    [ "$(value round_trips)" = 300 ]
    [ "$(value not_2xx)" = 0 ]
    run -0 "$client" --port "$port" --http /none --rate 10 --seconds 1
    [ "$(value not_2xx)" = 10 ]
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
    # "Listening on localhost 1234"
    port=$(await_line "$BATS_TEST_TMPDIR/err" "Listening on " $!) ||
        skip "this nc does not say where it listens"
    port=${port##* }
    run -1 --separate-stderr timeout 100 "$client" --port "$port" \
        --size 262144 --seconds 2
    says "connection 0: byte " " came back as 0x56, not 0x55"
}

# The server has a listener and three connections.
serves_three()
{
    [ "$(find "/proc/$server/fd" -lname 'socket:*' | wc -l)" -ge 4 ]
}

# bats test_tags=errors
@test "a server that is not there, or goes away, is a failure" {
    run -1 --separate-stderr "$client" --port 1
    says "cannot connect to 127.0.0.1:1: " "(ECONNREFUSED)"
    start
    start_behind "$BATS_TEST_TMPDIR/said" "$BATS_TEST_TMPDIR/complaints" \
        timeout 100 "$client" --port "$port" --seconds 90 --conns 3
    await_that --from "$started" serves_three
    kill "$server"
    wait "$server"
    local code=0
    wait "$started" || code=$?
    [ "$code" -eq 1 ]
    grep -q "connection [0-2]: after [0-9]* bytes: " \
        "$BATS_TEST_TMPDIR/complaints"
}
