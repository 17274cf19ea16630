# serve under a service manager: sockets that it passes, reports that it gets,
# and serve as the first process of a container.
#
# Judges: serve.

load ../support/judge
load ../support/await

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    serve=$BIN/serve
    PATH=$TOOLS:$PATH # pass-sockets
    command -v pass-sockets >/dev/null || skip "no pass-sockets beside the programs"
    command -v curl >/dev/null || skip "no curl"
    pids=
    mkdir root
    echo hello >root/f
}

teardown()
{
    # shellcheck disable=SC2086 # several
    [ -z "${pids-}" ] || kill -KILL $pids 2>/dev/null || true
}

# OPTION... -- OPTION...: pass-sockets with its options, and serve with its own, in
# the background. Waits until serve listens.
start()
{
    own=()
    while [ "$1" != -- ]; do
        own+=("$1")
        shift
    done
    start_listening out err \
        pass-sockets "${own[@]}" -- "$serve" --root root "${@:2}"
    pids="$pids $server"
}

stop()
{
    kill -TERM "$server"
    wait "$server"
}

# The n-th address that serve has printed.
address()
{
    sed -n "$1s|^listening on http://||p" out
}

# OPTION... -- MESSAGE: serve refuses what pass-sockets passes with this message.
refuses()
{
    local own=()

    while [ "$1" != -- ]; do
        own+=("$1")
        shift
    done
    run -2 --separate-stderr timeout 60 pass-sockets "${own[@]}" -- "$serve" root
    [ -z "$output" ]
    says_exactly "serve: $2; see --help"
}

# bats test_tags=exotic
@test "serve takes sockets of several families from systemd, and removes no path" {
    for options in "" "--threads 4"; do
        # shellcheck disable=SC2086 # several words
        start --tcp --unix "$PWD/socket" --tcp -- $options
        [ "$(wc -l <out)" = 3 ]
        [ "$(address 2)" = "unix:$PWD/socket" ]
        for _ in 1 2 3 4 5 6; do
            [ "$(curl -sS "$(address 1)/f")" = hello ]
            [ "$(curl -sS --unix-socket socket http://a/f)" = hello ]
            [ "$(curl -sS "$(address 3)/f")" = hello ]
        done
        run -0 grep -c confined err
        [ "$output" = 1 ]
        stop
        [ -S socket ]
        rm socket
    done
}

# bats test_tags=exotic
@test "serve ignores --bind and --port if systemd passes a socket" {
    start --tcp -- --bind unix:none --threads 2
    [[ $(address 1) == 127.0.0.1:* ]]
    [ "$(curl -sS "$(address 1)/f")" = hello ]
    [ ! -e none ]
    stop
}

# bats test_tags=exotic
@test "sockets for another process are not touched" {
    start --foreign --file -- --port 0
    [ "$(curl -sS "$(address 1)/f")" = hello ]
    stop
}

# bats test_tags=errors
@test "descriptors that no server can accept from are refused" {
    why="is not a stream socket that listens: use ListenStream= and Accept=no"
    refuses --file -- "descriptor 3, which LISTEN_FDS passes, $why"
    refuses --tcp --datagram -- "descriptor 4, which LISTEN_FDS passes, $why"
    refuses --connected -- "descriptor 3, which LISTEN_FDS passes, $why"
    refuses --tcp --count 2 -- "descriptor 4, which LISTEN_FDS passes, $why"
    for count in x -1 "" 65 4294967297; do
        refuses --tcp --count "$count" -- \
            "LISTEN_FDS: not a number from 0 to 64"
    done
}

# bats test_tags=exotic
@test "serve reports to systemd when it listens, and when it stops" {
    start --tcp --notify "$PWD/reports" --
    await_line reports READY=1 "$server" >/dev/null
    run -1 grep STOPPING reports
    kill -TERM "$server"
    wait "$server"
    await_line reports STOPPING=1 >/dev/null
    [ "$(cat reports)" = "READY=1
STOPPING=1" ]
}

# bats test_tags=exotic
@test "a NOTIFY_SOCKET that nobody reads does not keep serve from serving" {
    for path in "$PWD/none" @none none vsock:2:1; do
        export NOTIFY_SOCKET=$path
        start --foreign -- --port 0
        [ "$(curl -sS "$(address 1)/f")" = hello ]
        stop
    done
}

# The kernel gives the first process of a namespace only the signals that it
# handles, or reads.
# bats test_tags=exotic
@test "serve as the first process of a container ends with 0 on SIGTERM" {
    unshare=(unshare --pid --fork --kill-child)
    "${unshare[@]}" true 2>/dev/null ||
        unshare=(unshare --user --map-root-user --pid --fork --kill-child)
    "${unshare[@]}" true 2>unshare.err || skip "$(cat unshare.err)"
    start_listening out err "${unshare[@]}" "$serve" --root root --port 0
    outer=$server
    pids="$pids $outer"
    [ "$(curl -sS "$(address 1)/f")" = hello ]
    for signal in USR1 TERM; do
        kill -$signal "$(cat "/proc/$outer/task/$outer/children")"
        [ $signal = TERM ] || await_line err "operations " "$outer" >/dev/null
    done
    wait "$outer"
}

# bats test_tags=exotic
@test "systemd accepts the units of docs, and rates them as hardened" {
    command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
    for unit in serve.service serve.socket; do
        sed -e '/^Documentation/d' -e "s|^ExecStart=[^ ]*|ExecStart=$serve|" \
            "$BATS_TEST_DIRNAME/../../docs/$unit" >$unit
    done
    run systemd-analyze verify "$PWD/serve.service" "$PWD/serve.socket"
    [[ $output != *"Failed to connect"* ]] || skip "${lines[0]}"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    systemd-analyze security --help 2>&1 | grep -c offline >/dev/null || skip "an old systemd-analyze"
    run -0 systemd-analyze security --offline=true --threshold=20 "$PWD/serve.service"
}
