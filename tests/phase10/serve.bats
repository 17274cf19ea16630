# serve on the command line: its options and complaints, and what curl and strace
# see of it. How it answers is serve_*.c's business.
#
# Judges: serve.

load ../support/judge
load ../support/await

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    serve=$BIN/serve
    PATH=$TOOLS:$PATH # deny
    pids=
    mkdir root
    echo hello >root/f
}

teardown()
{
    # shellcheck disable=SC2086 # several
    [ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
}

# OPTION...: a server of ./root in the background, its address in $url.
start()
{
    start_as "$serve" --root root --port 0 "$@"
}

# COMMAND...: a server in the background, which the command starts.
start_as()
{
    start_listening out err "$@"
    pids="$pids $server"
    url=$address
}

# Ends it: it must say so by 0, and have had nothing to complain of. One line is
# about its rights.
stop()
{
    kill -TERM "$server"
    wait "$server"
    complaints
    [ -z "$output" ]
}

# Sets $output to the lines on stderr that are not about the server's rights.
complaints()
{
    run sed '/^serve: \(not \)\{0,1\}confined: /d' err
}

# MESSAGE OPTION...: refused with exit code 2, this message and nothing else.
refuses()
{
    message=$1
    shift
    run -2 --separate-stderr timeout 60 "$serve" "$@"
    [ -z "$output" ]
    # shellcheck disable=SC2154
    says_exactly "serve: $message"
}

# bats test_tags=manners
@test "--help and --version are asked for" {
    run -0 --separate-stderr "$serve" --help
    [ "${lines[0]}" = "Usage: serve [options] [DIR]" ]
    [ -z "$stderr" ]
    for option in root bind port hidden threads help-all help version; do
        [[ $output == *--$option* ]]
    done
    run -0 "$serve" --version
    [[ $output =~ ^serve\ \(one-ring\)\ [0-9]+\.[0-9]+$ ]]
}

# bats test_tags=manners
@test "--help has at most 24 lines, and --help-all has every option" {
    run -0 "$serve" --help
    [ "$(wc -l <<<"$output")" -le 24 ]
    everyday=$output
    run -0 --separate-stderr "$serve" --help-all
    [ -z "$stderr" ]
    [[ $output == "$everyday"* ]]
    for option in mode max-conns bufs sq cq header-ms idle-ms send-ms drain-ms \
        cache-bytes send-buf trace trace-format; do
        [[ $output == *--$option* ]]
    done
}

# bats test_tags=manners
@test "the manual page has every option of --help-all, and no other" {
    page=$BATS_TEST_DIRNAME/../../docs/man/serve.1.scd
    [ -z "${LEARNER-}" ] || skip "the page is about our serve"
    "$serve" --help-all | grep -o -e '--[a-z][a-z-]*' | sort -u >help
    [ "$(wc -l <help)" -ge 20 ]
    sed -n '/^\*-/p' "$page" | grep -o -e '--[a-z][a-z-]*' | sort -u >page
    run -0 diff help page
    command -v scdoc >/dev/null || skip "no scdoc"
    run -0 --separate-stderr scdoc <"$page"
    # shellcheck disable=SC2154
    [ -z "$stderr" ]
}

# bats test_tags=errors
@test "an unknown option is refused" {
    refuses "--none: unknown option; see --help" --none
    refuses "--root: needs a value; see --help" --root
    refuses "unexpected argument 'x'; see --help" root x
    refuses "--root root and x: give the directory once; see --help" \
        --root root x
}

# bats test_tags=errors
@test "a number out of its range is refused" {
    has_option serve --bufs
    refuses "--port 99999: not a number from 0 to 65535; see --help" -p 99999
    for option in "--port 65536" "--port x" "--port -1" "--bufs 0" \
        "--threads 65" "--max-conns 0" "--sq 1" "--cq 15" "--idle-ms 1s" \
        "--header-ms 0" "--send-ms +1" "--drain-ms 86400001"; do
        # shellcheck disable=SC2086 # two words
        run -2 --separate-stderr "$serve" $option
        says "serve: $option: not a number from " "; see --help"
    done
}

# bats test_tags=errors
@test "a log or a path for metrics that cannot be is refused" {
    has_option serve --log
    refuses "--log x: not one of off, combined, json; see --help" --log x
    refuses "--log-file needs --log; see --help" --log-file x
    why="it must be a file that may be written"
    refuses "--log-file 'none/x': No such file or directory (ENOENT); $why" \
        --log json --log-file none/x
    mkfifo fifo
    refuses "--log-file 'fifo': No such device or address (ENXIO); $why" \
        --log json --log-file fifo
    why="it takes a path that begins with '/'"
    refuses "--metrics m: $why; see --help" --metrics m
}

# bats test_tags=errors
@test "an invalid address is refused" {
    has_option serve --bind
    why="Invalid argument (EINVAL): it takes a numeric address, localhost, or"
    why="$why unix:PATH"
    refuses "--bind example.org: $why; see --help" --bind example.org
    refuses "--bind unix:: $why; see --help" --bind unix:
}

# bats test_tags=errors
@test "a root that is not a directory is refused" {
    why="it must be a directory that may be read and searched"
    refuses "--root 'none': No such file or directory (ENOENT); $why" --root none
    refuses "--root '': No such file or directory (ENOENT); $why" --root ''
    refuses "--root 'root/f': Not a directory (ENOTDIR); $why" --root root/f
}

# bats test_tags=errors
@test "a root that may not be read, or not be searched, is refused" {
    why="it must be a directory that may be read and searched"
    user=()
    if [ "$(id -u)" -eq 0 ]; then
        command -v setpriv >/dev/null || skip "root, and no setpriv"
        user=(setpriv --reuid 65534 --clear-groups)
        "${user[@]}" true 2>/dev/null || skip "no other user in this container"
        chmod o+x . ..
    fi
    mkdir locked
    for mode in 000 111 444; do
        chmod $mode locked
        run -2 --separate-stderr "${user[@]}" "$serve" --root locked
        says_exactly "serve: --root 'locked': Permission denied (EACCES); $why"
    done
}

# bats test_tags=errors
@test "a taken port is a failure, and the message names it" {
    start
    port=${url##*:}
    run -1 --separate-stderr timeout 60 "$serve" --root root --port "$port"
    says_exactly "serve: cannot listen at 127.0.0.1:$port: Address already in use (EADDRINUSE): another program listens there: choose another port"
    stop
}

# bats test_tags=errors
@test "a taken path is a failure, and the message is about paths" {
    has_option serve --bind
    echo kept >taken
    run -1 --separate-stderr timeout 60 "$serve" --bind unix:taken root
    says_exactly "serve: cannot listen at unix:taken: Address already in use (EADDRINUSE): the path must be free, or a Unix socket that no program uses"
    [ "$(cat taken)" = kept ]
}

@test "the directory may be the only argument, before or after options" {
    command -v curl >/dev/null || skip "no curl"
    has_option serve --help-all
    for arguments in "root -p 0" "-p 0 root" "--bind localhost -p0 ./root/"; do
        # shellcheck disable=SC2086 # several words
        start_as "$serve" $arguments
        [[ $url == http://127.0.0.1:* ]]
        [ "$(curl -sS --fail "$url/f")" = hello ]
        stop
    done
}

# bats test_tags=interruptions
@test "a signal with a request in flight prints how long serve waits, once" {
    command -v curl >/dev/null || skip "no curl"
    has_option serve --drain-ms
    truncate -s 64M root/huge
    start --threads 2 --drain-ms 600000
    mkfifo pipe
    curl -sS "$url/huge" >pipe 2>curl.err 3>&- &
    pids="$pids $!"
    exec 5<pipe
    head -c 1 <&5 >got # the answer has begun
    kill -TERM "$server"
    await_line err waits "$server" >/dev/null
    kill -TERM "$server"
    wait "$server"
    exec 5<&-
    complaints
    [ "$output" = "serve: waits up to 600 s for requests in flight; a second signal ends them at once" ]
}

# bats test_tags=errors
@test "without io_uring serve exits with a message" {
    command -v deny >/dev/null || skip "no deny beside the programs"
    run -2 --separate-stderr deny --all EPERM -- "$serve" --root root --port 0
    [ -z "$output" ]
    says "serve: cannot set up io_uring" "(EPERM)"
}

# bats test_tags=errors
@test "a ring that is refused after its set-up ends serve with 2" {
    command -v deny >/dev/null || skip "no deny beside the programs"
    for error in EPERM EAGAIN; do
        run -2 --separate-stderr timeout 60 deny --enter $error -- \
            "$serve" --root root --port 0
        says "serve: the kernel refuses the ring: " "($error): "
    done
}

# The sandbox.

# bats test_tags=exotic
@test "serve gives up rights, and prints which" {
    has_option serve --no-sandbox
    start
    run -0 cat err
    [[ $output =~ ^serve:\ confined:\ .*";"\ [1-9][0-9]*\ ring\ operations";"\ no\ new\ privileges$ ]]
    [ "${#lines[@]}" = 1 ]
    grep -qx 'NoNewPrivs:.1' "/proc/$server/status"
    stop
    start --no-sandbox
    [ "$(cat err)" = "serve: not confined: --no-sandbox" ]
    grep -qx 'NoNewPrivs:.0' "/proc/$server/status" || skip "the tests have no new privileges"
    stop
}

finds_secret()
{
    [ "$(curl -sS "$url/secret")" = secret ]
}

# The sandbox has refused the new root, and no answer is the secret.
is_refused()
{
    local answer

    answer=$(curl -sS "$url/secret")
    [[ $answer == *"<title>404"* ]] || echo "$answer" >wrong
    grep -q "the sandbox does not allow" err
}

# Judges the sandbox alone: the root is looked up again by its name.
# bats test_tags=exotic
@test "a root that becomes a link to elsewhere is refused, and reported once" {
    command -v curl >/dev/null || skip "no curl"
    has_option serve --no-sandbox
    mkdir -p elsewhere/deep there
    echo secret >elsewhere/deep/secret
    mv root there/root
    for options in "" "--may-read there/root" "--no-sandbox"; do
        # shellcheck disable=SC2086 # several words
        start --root there/root $options
        grep -q Landlock err || [ "$options" = --no-sandbox ] || skip "$(cat err)"
        mv there/root there/old
        ln -s ../elsewhere/deep there/root
        if [ "$options" = --no-sandbox ]; then
            await_that --from "$server" finds_secret
        else
            await_that --from "$server" is_refused
            [ ! -e wrong ] || { cat wrong; false; }
            [ "$(curl -sS "$url/f")" = hello ]
        fi
        rm there/root
        mv there/old there/root
        kill -TERM "$server"
        wait "$server"
    done
    has_option serve --may-read
    start --root there/root --may-read elsewhere --may-read there
    mv there/root there/old
    ln -s ../elsewhere/deep there/root
    await_that --from "$server" finds_secret
    kill -TERM "$server"
    wait "$server"
}

# bats test_tags=errors
@test "a directory of --may-read that does not exist is refused" {
    has_option serve --may-read
    refuses "--may-read none: No such file or directory (ENOENT): it must be a directory; see --help" --may-read none root
}

# bats test_tags=exotic
@test "a kernel without Landlock is named as the reason" {
    command -v deny >/dev/null || skip "no deny beside the programs"
    has_option serve --no-sandbox
    for error in ENOSYS EOPNOTSUPP EPERM; do
        start_as deny --landlock $error -- "$serve" --root root --port 0
        grep -q "^serve: confined: reads all files (no Landlock: $error: " err
        stop
    done
}

@test "a file is what curl gets" {
    command -v curl >/dev/null || skip "no curl"
    start
    [ "$(curl -sS --fail "$url/f")" = hello ]
    head -c 3000000 /dev/urandom >root/big
    curl -sS --fail -o got "$url/big"
    same_bytes got root/big
    stop
}

@test "curl takes several files over one connection" {
    command -v curl >/dev/null || skip "no curl"
    start
    run -0 curl -sS -w '%{num_connects} %{http_code}\n' "$url/f" "$url/none" \
        "$url/f" -o /dev/null -o /dev/null -o /dev/null
    [ "$output" = "1 200
0 404
0 200" ]
    stop
}

@test "curl follows a redirect, and does not fetch an unmodified file again" {
    command -v curl >/dev/null || skip "no curl"
    mkdir root/d
    echo index >root/d/index.html
    touch -d '2 days ago' root/f
    start
    [ "$(curl -sS -L "$url/d")" = index ]
    [ "$(curl -sS -o got -w '%{http_code}' -z "$(date -uR -d '1 day ago')" "$url/f")" = 304 ]
    [ "$(curl -sS -o got -w '%{http_code}' -z "$(date -uR -d '3 days ago')" "$url/f")" = 200 ]
    stop
}

# bats test_tags=errors
@test "curl finds no file outside the root" {
    command -v curl >/dev/null || skip "no curl"
    echo secret >secret
    start
    for path in ../secret %2e%2e/secret ..%2fsecret '..\secret' d/../../secret; do
        run -0 curl -sS --path-as-is "$url/$path"
        [[ $output != secret ]]
        [[ $output == *"<title>40"[04]* ]]
    done
    stop
}

# bats test_tags=errors
@test "a post of any size by curl is refused" {
    command -v curl >/dev/null || skip "no curl"
    head -c 900000 /dev/zero >big
    start
    [ "$(curl -sS -o got -w '%{http_code}' -d x=1 "$url/f")" = 405 ]
    [ "$(curl -sS -o got -w '%{http_code}' --data-binary @big "$url/f")" = 405 ]
    [ "$(curl -sS -o got -w '%{http_code}' -T big -H Expect: "$url/f")" = 405 ]
    stop
}

@test "serve listens on another family, or at a path" {
    has_option serve --bind
    command -v curl >/dev/null || skip "no curl"
    start --bind unix:socket
    [ "$(cat out)" = "listening on http://unix:socket" ]
    [ "$(curl -sS --unix-socket socket http://a/f)" = hello ]
    stop
    [ -e /proc/net/if_inet6 ] || skip "no IPv6 here"
    start --bind ::1
    [[ $url == http://\[::1\]:* ]]
    [ "$(curl -sS -g "$url/f")" = hello ]
    stop
}

# [OPTION]...: a server that may create no thread. Root is never refused one.
start_without_threads()
{
    export ASAN_OPTIONS=detect_leaks=0 # it looks for leaks in a thread
    command -v prlimit >/dev/null || skip "no prlimit"
    as=
    if [ "$(id -u)" = 0 ]; then
        # The rings of another suite's user would count against its limits.
        id=$((20000 + $$ % 30000))
        as="setpriv --reuid $id --regid $id --clear-groups"
        command -v setpriv >/dev/null || skip "no setpriv"
        $as true 2>/dev/null || skip "no other user in this container"
        chmod 755 . root
        $as cat root/f >got || skip "another user cannot read the files"
    fi
    # shellcheck disable=SC2086 # several words
    start_as $as prlimit --nproc=0 "$serve" --root root --port 0 "$@"
}

@test "without worker threads, serve answers 503, counts it, and reports the cause once" {
    command -v curl >/dev/null || skip "no curl"
    start_without_threads
    for path in f none '' f; do
        run -0 curl -sS -o got -w '%{http_code}' "$url/$path"
        [ "$output" = 503 ]
    done
    [ "$(curl -sS -X OPTIONS -o got -w '%{http_code}' "$url/f")" = 204 ]
    run -0 grep -c 'worker thread.*(ECANCELED).*503' err
    [ "$output" = 1 ]
    complaints
    [ "${#lines[@]}" = 1 ]
    kill -USR1 "$server"
    await_line err "operations " "$server" >/dev/null # the last counter
    [ "$(sed -n 's/^no_worker //p' err)" -ge 4 ]
    grep -qx 'operations_in_flight [0-9]*' err
    kill -TERM "$server"
    wait "$server"
}

@test "send-floor prints the times of all three ways" {
    command -v send-floor >/dev/null || skip "no send-floor beside these tests"
    cpu=$(awk '/^Cpus_allowed_list/ { print int($2) }' /proc/self/status)
    run -0 send-floor --size 1000 --conns 2 --rounds 3 --send-cpu "$cpu" \
        --receive-cpu "$cpu"
    [ ${#lines[@]} -eq 3 ]
    [[ ${lines[2]} =~ ^"sendfile of a memfd "\ +send\ [0-9.]+\ us.*receive\ [0-9.]+ ]]
}

# The client that measures it must notice an answer that is not the file.
@test "http-load counts the answers, and fails if one is not 200" {
    command -v http-load >/dev/null || skip "no http-load beside these tests"
    start
    run -0 http-load --port "${url##*:}" --path /f --conns 8 --depth 16
    [[ ${lines[0]} =~ ^answers\ [1-9] ]]
    [ "${lines[3]}" = "not_ok 0" ]
    run -1 http-load --port "${url##*:}" --path /none --conns 1
    [[ ${lines[3]} =~ ^not_ok\ [1-9] ]]
    stop
}

# A fast machine reaches the default of --max-requests within a second.
@test "http-load connects again when the server ends a connection by a limit" {
    command -v http-load >/dev/null || skip "no http-load beside these tests"
    start --max-requests 40
    run -0 http-load --port "${url##*:}" --path /f --conns 2 --depth 16
    [ "${lines[3]}" = "not_ok 0" ]
    [[ ${lines[4]} =~ ^renewals\ [1-9] ]]
    stop
}

# Whatever could make the one thread wait goes through the ring. Beside it stand
# the directories of what is kept, which are watched and asked whether they have
# changed, and the guard of each new stack: none of these waits for anything.
# bats test_tags=exotic
@test "the thread makes no blocking system call but the wait" {
    command -v strace >/dev/null || skip "no strace"
    command -v curl >/dev/null || skip "no curl"
    head -c 3000000 /dev/urandom >root/big
    start
    strace -f -qq -e signal=none -o calls -p "$server" 2>strace.err 3>&- &
    tracer=$!
    pids="$pids $tracer"
    await_that --from "$tracer" \
        grep -qs "TracerPid:.*$tracer" "/proc/$server/status" ||
        skip "strace: $(cat strace.err)"
    for path in f f big none f ''; do
        curl -sS -o got "$url/$path"
    done
    kill -TERM "$tracer"
    wait "$tracer" || true
    watch=$(sed -n 's/.*inotify_add_watch(\([0-9]*\),.*/\1/p' calls | head -n 1)
    [ -n "$watch" ]
    run -1 grep -v -e "read($watch," -e ' io_uring_enter(' -e 'io_uring_enter resumed' \
        -e "inotify_add_watch($watch," -e ' madvise(' calls
    run -0 grep -c ' io_uring_enter(' calls
    stop
}
