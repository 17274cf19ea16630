# tls-echo: OpenSSL's own client gets back what it sends, over TLS.
#
# Judges: tls-echo.

load ../support/judge
load ../support/await

setup()
{
    judge_if_built
    command -v openssl >/dev/null || skip "openssl is not installed"
    cert=$BATS_TEST_TMPDIR/cert.pem key=$BATS_TEST_TMPDIR/key.pem
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -subj /CN=localhost -days 2 -keyout "$key" -out "$cert" 2>/dev/null
}

# Without OpenSSL's headers the file is a line that says so.
judge_if_built()
{
    [ -x "$BIN/tls-echo" ] ||
        skip "tls-echo: $(cat "$BIN/tls-echo" 2>/dev/null || echo "not there")"
    judge tls-echo
}

teardown()
{
    [ -z "${client:-}" ] || kill $client 2>/dev/null || true
    [ -z "${server:-}" ] || kill $server 2>/dev/null || true
}

start() # OPTION...: sets $port
{
    start_listening "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" \
        "$BIN/tls-echo" --port 0 --cert "$cert" --key "$key" "$@"
    [[ $address == tls:* ]]
}

# OPTION...: sends the file "sent", and receives as much into "got".
exchange()
{
    rm -f "$BATS_TEST_TMPDIR/ask"
    mkfifo "$BATS_TEST_TMPDIR/ask"
    : >"$BATS_TEST_TMPDIR/got" # not what the client before received
    openssl s_client -quiet -connect "127.0.0.1:$port" -CAfile "$cert" \
        -verify_return_error "$@" <"$BATS_TEST_TMPDIR/ask" \
        >"$BATS_TEST_TMPDIR/got" 2>"$BATS_TEST_TMPDIR/client" 3>&- &
    client=$!
    exec 4>"$BATS_TEST_TMPDIR/ask" # the client does not see an end
    cat "$BATS_TEST_TMPDIR/sent" >&4
    await_that --from "$client" has_all
    cmp "$BATS_TEST_TMPDIR/sent" "$BATS_TEST_TMPDIR/got"
}

has_all()
{
    [ "$(stat -c %s "$BATS_TEST_TMPDIR/got")" -ge \
        "$(stat -c %s "$BATS_TEST_TMPDIR/sent")" ]
}

stop_client()
{
    exec 4>&-
    kill "$client" 2>/dev/null || true
    wait "$client" || true
    client=
}

@test "bytes come back over TLS 1.3 and over TLS 1.2" {
    start
    echo hello >"$BATS_TEST_TMPDIR/sent"
    for version in -tls1_3 -tls1_2; do
        exchange $version
        stop_client
    done
    kill "$server"
    wait "$server"
}

@test "a megabyte comes back exactly, from any of two rings" {
    start --threads 2
    head -c 1000000 /dev/urandom | base64 >"$BATS_TEST_TMPDIR/sent"
    for ((round = 0; round < 3; round++)); do
        exchange
        stop_client
    done
    kill "$server"
    wait "$server"
}

# bats test_tags=errors
@test "a client that does not speak TLS harms no other" {
    command -v nc >/dev/null || skip "nc is not installed"
    start
    for ((round = 0; round < 5; round++)); do
        head -c 3000 /dev/urandom | timeout 60 nc -N 127.0.0.1 "$port" \
            >/dev/null || true
    done
    echo hello >"$BATS_TEST_TMPDIR/sent"
    exchange
    kill -KILL "$client" # without a close_notify
    client=
    exchange
    stop_client
    kill "$server"
    wait "$server"
}

# bats test_tags=errors
@test "a handshake that does not end is cut after header-ms" {
    command -v nc >/dev/null || skip "nc is not installed"
    start --header-ms 200
    timeout 60 nc 127.0.0.1 "$port" </dev/null >/dev/null 3>&- &
    client=$!
    wait "$client" || [ $? -ne 124 ]
    client=
}

# bats test_tags=errors
@test "without a certificate tls-echo exits with 1 and names the file" {
    run -1 --separate-stderr "$BIN/tls-echo" --cert /nonexistent --key "$key"
    says "/nonexistent"
}
