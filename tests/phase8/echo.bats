# echo on the command line: what it takes, what it refuses, and what it says.
# How it serves is the business of the unit echo.c. A program of yours is asked
# for what its --help names.
#
# Judges: echo.

load ../support/judge
load ../support/await

setup()
{
    echo=$BIN/echo
    PATH=$TOOLS:$PATH # deny
}

teardown()
{
    # Words on purpose: there may be two.
    # shellcheck disable=SC2086
    [ -z "${server:-}" ] || kill ${server} 2>/dev/null || true
}

has() # OPTION: or skips
{
    knows echo "$1" || skip "it has no option $1"
}

# OPTIONS...: starts it; its pid is $server, where it listens $at.
start()
{
    start_listening "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" \
        "$echo" "$@"
    at=$address
}

# EXIT-CODE ARGUMENTS...: fails as it should, and says so on stderr alone.
refuses()
{
    local code=$1
    shift
    run "-$code" --separate-stderr timeout 60 "$echo" "$@"
    [ -z "$output" ]
    says "echo"
}

# bats test_tags=manners
@test "--help goes to stdout, and names every option" {
    run -0 --separate-stderr "$echo" --help
    has --bind
    for option in bind port threads udp max-conns bufs sq cq idle-ms send-ms \
        drain-ms help version; do
        [[ $output == *"--$option"* ]]
    done
    [ -z "$stderr" ]
}

# bats test_tags=manners
@test "--version goes to stdout" {
    has --version
    run -0 --separate-stderr "$echo" --version
    [[ $output == "echo (one-ring) "* ]]
    [ -z "$stderr" ]
}

# bats test_tags=errors
@test "an unknown option is refused, and --help is named" {
    has --help
    refuses 2 --nonsense
    says "--nonsense" "--help"
    refuses 2 --port
    says "--port" "--help"
}

# bats test_tags=errors
@test "an argument is refused" {
    has --help
    refuses 2 7878
    says "'7878'" "--help"
}

# bats test_tags=errors
@test "a value out of its range is refused, with the option's name" {
    has --bufs
    while read -r option value; do
        refuses 2 "$option" "$value"
        says "$option $value: " "--help"
    done <<'VALUES'
--port 65536
--port -1
--port http
--threads 0
--threads 65
--max-conns 0
--bufs 0
--bufs 32769
--sq 1
--cq 15
--idle-ms 0
--send-ms 86400001
--drain-ms 1s
VALUES
}

# bats test_tags=errors
@test "an invalid address is refused" {
    has --bind
    refuses 2 --bind example.org
    says "--bind example.org: " "(EINVAL)" "numeric"
    refuses 2 --bind fe80::1%no-such
    says "--bind fe80::1%no-such: " "(ENODEV)"
    refuses 2 --bind 300.0.0.1
    refuses 2 --bind unix:
    refuses 2 --bind "unix:/$(printf '%0108d' 0)"
    says "(ENAMETOOLONG)"
}

# OPTIONS...: starts it with the shell's limits, ends it, and prints its stderr.
said_at_start()
{
    start --port 0 "$@"
    kill "$server"
    wait "$server"
    cat "$BATS_TEST_TMPDIR/err"
}

# bats test_tags=errors
@test "echo prints a line if it cannot hold --max-conns, and serves" {
    has --max-conns
    ulimit -n 300
    run -0 said_at_start --max-conns 201
    [[ $output == "echo: --max-conns 201: 200 connections per ring fit: "*"(ulimit -Hn)" ]]
    run -0 said_at_start --max-conns 200
    [ -z "$output" ]
    run -0 said_at_start
    [ -z "$output" ]
    run -0 said_at_start --max-conns 41 --cq 128
    [[ $output == "echo: --max-conns 41: 40 connections per ring fit: "*"(--cq, ulimit -l)" ]]
}

# bats test_tags=exotic
@test "with little address space the default holds fewer connections" {
    has --max-conns
    [[ $BIN != */asan/* ]] || skip "a sanitizer needs much address space"
    for kib in 200000 500000 1000000; do
        (
            ulimit -v $kib
            run -0 said_at_start
            [ -z "$output" ]
        )
    done
    (
        ulimit -v 500000
        refuses 2 --port 0 --max-conns 15000
        says "cannot set up io_uring" "(ENOMEM)"
    )
}

# bats test_tags=errors
@test "a taken port is a failure after a second, with advice" {
    has --bind
    start --port 0
    local port=${at##*:}
    refuses 1 --port "$port"
    says "cannot listen at 127.0.0.1:$port: " "(EADDRINUSE): " "another port"
}

# PID COUNT: the process has so many rings.
has_rings()
{
    [ "$(find "/proc/$1/fd" -lname '*io_uring*' | wc -l)" -ge "$2" ]
}

# bats test_tags=interruptions
@test "a SIGTERM during the wait for the port ends the server" {
    has --bind
    start --port 0
    local first=$server port=${at##*:}
    "$echo" --port "$port" 3>&- &
    server="$first $!"
    await_that --from $! has_rings $! 1 # from then on it reads signals
    kill -TERM $!
    kill -TERM "$first"
    wait "$first"
    wait $! # with 0: it listened, and stopped
}

# bats test_tags=exotic
@test "a link-local address with its zone is listened on" {
    has --bind
    command -v ip >/dev/null || skip "ip is not installed (Debian: iproute2)"
    unshare -rn ip address add fe80::1/64 dev lo nodad 2>/dev/null ||
        skip "no network namespace can be made here"
    export echo out=$BATS_TEST_TMPDIR/out
    export await=$BATS_TEST_DIRNAME/../support/await.bash
    # shellcheck disable=SC2016
    run -0 timeout 100 unshare -rn bash -euc '
        . "$await"
        ip link set lo up && ip address add fe80::1/64 dev lo nodad
        start_listening "$out" /dev/null "$echo" --bind fe80::1%lo --port 0
        # The kernel adds the route to the new address a moment later.
        connected() { { exec 4<>"/dev/tcp/fe80::1%lo/$port"; } 2>/dev/null; }
        await_that connected || { kill $server; exit 1; }
        echo hello >&4 && head -n 1 <&4
        exec 4>&-
        kill $server && wait $server'
    [ "$output" = hello ]
}

# bats test_tags=errors
@test "an address of another machine is a failure" {
    has --bind
    refuses 1 --bind 192.0.2.1 --port 0 # for documentation: nobody has it
    says "192.0.2.1" "(EADDRNOTAVAIL)"
}

# bats test_tags=errors
@test "a Unix socket needs a directory, and a name that is free" {
    has --bind
    refuses 1 --bind "unix:$BATS_TEST_TMPDIR/none/socket"
    says "unix:$BATS_TEST_TMPDIR/none/socket" "(ENOENT)"
    touch "$BATS_TEST_TMPDIR/file"
    refuses 1 --bind "unix:$BATS_TEST_TMPDIR/file"
    says "(EADDRINUSE)" "the path must be free"
    [ -f "$BATS_TEST_TMPDIR/file" ] # it was not ours to remove
}

# bats test_tags=errors
@test "without io_uring echo names envcheck and exits with 2" {
    has --bind
    command -v deny >/dev/null || skip "deny is not built: ninja test-phase0"
    run -2 --separate-stderr deny --setup EPERM -- "$echo" --port 0
    says "cannot set up io_uring" "(EPERM)" "envcheck"
    run -2 --separate-stderr deny --setup ENOSYS -- "$echo" --port 0
    says "(ENOSYS)"
}

# bats test_tags=errors
@test "a ring that is refused after its set-up ends echo with 2" {
    has --bind
    command -v deny >/dev/null || skip "deny is not built: ninja test-phase0"
    for error in EPERM EAGAIN; do
        for threads in 1 2; do
            run -2 --separate-stderr timeout 60 deny --enter $error -- \
                "$echo" --port 0 --threads $threads
            says "echo: the kernel refuses the ring: " "($error): "
        done
    done
}

# bats test_tags=errors
@test "without registrations echo exits with 1 and names the refusal" {
    has --bind
    command -v deny >/dev/null || skip "deny is not built: ninja test-phase0"
    run -1 --separate-stderr timeout 60 deny --register EPERM -- "$echo" --port 0
    says "cannot make the connections" "(EPERM)"
}

# bats test_tags=errors
@test "if one ring of several fails, all end, and it is a failure" {
    has --threads
    start --port 0 --threads 2
    local second
    await_that --from "$server" has_rings "$server" 2
    second=$(find "/proc/$server/fd" -lname '*io_uring*' |
        sed 's|.*/||' | sort -n | sed -n 2p)
    kill "$server"
    wait "$server"
    ulimit -n "$second" # everything but the second ring has an fd
    run -2 --separate-stderr timeout 60 "$echo" --port 0 --threads 2 3>&-
    says "cannot set up io_uring" "(EMFILE)"
}

# bats test_tags=errors
@test "if a thread cannot be started, the others end, and it is a failure" {
    has --threads
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot be traced
    run -1 --separate-stderr timeout 60 strace -qq -o /dev/null \
        -e trace=clone3,clone -e inject=clone3,clone:error=EAGAIN:when=2 \
        "$echo" --port 0 --threads 3
    says "cannot start a thread" "(EAGAIN)"
}

# bats test_tags=exotic
@test "a program with nothing but --port is judged by what every server owes" {
    need echo-epoll
    mkdir "$BATS_TEST_TMPDIR/bin"
    cp "$BIN/echo-epoll" "$BATS_TEST_TMPDIR/bin/echo"
    export ASAN_OPTIONS=detect_leaks=0 # it leaves its memory to the kernel
    local unit units=${UNITS:-$BIN/../tests/phase8}
    [ -x "$units/echo" ] || skip "the unit tests are not here"
    for unit in echo_hostile echo_process echo_addresses echo_end echo; do
        BIN=$BATS_TEST_TMPDIR/bin run -0 "$units/$unit"
        [[ $output == *" passed, 0 failed, "* ]]
    done
    [[ $output == *"skip echo: tiny_rings_change_no_byte: it has no option --cq"* ]]
}
