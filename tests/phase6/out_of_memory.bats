#!/usr/bin/env bats
# Memory runs out at the k-th request, for every k: no program crashes, hangs,
# or leaves something behind.
#
# Our code in lib allocates only at start-up. The C library and libuv allocate
# in other places too.

bats_require_minimum_version 1.5.0

load ../support/each_program

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    find_programs
    [ -e "$TOOLS/no-memory.so" ] || skip "no-memory.so is not built"
}

# COMMAND...: fails one call of malloc after the other.
fail_each_malloc()
{
    local k

    run_in_good_conditions "$@"
    for k in $(seq 1 500); do
        rm -f failures
        code=0
        timeout 100 env NO_MEMORY="$k" NO_MEMORY_TO=failures \
            LD_PRELOAD="$TOOLS/no-memory.so" "$@" >out 2>err </dev/null ||
            code=$?
        : >>failures
        is_acceptable "$1" || {
            echo "malloc $k: exit code $code"
            cat err
            ls -la
            return 1
        }
        [ -s failures ] || break
    done
    total=$((total + k - 1))
    [ "$k" -lt 500 ]
}

@test "each program survives a malloc that fails, whichever it is" {
    total=0
    each_program fail_each_malloc
    echo "$total calls failed"
    [ "$total" -gt 20 ]
}

# COMMAND...: prints the number of calls of mmap with --version. All are the
# dynamic loader's. If one of them fails, the loader ends the program or crashes:
# which of both depends on the length of the program's path.
mmaps_of_loader()
{
    strace -f -qq -o trace -e trace=mmap "$1" --version >/dev/null
    grep -c mmap trace
    rm trace
}

# COMMAND...: fails one call of mmap after the other, except the loader's.
fail_each_mmap()
{
    local first k

    run_in_good_conditions "$@"
    first=$(($(mmaps_of_loader "$@") + 1))
    for k in $(seq "$first" 500); do
        code=0
        timeout 100 strace -f -qq -o failures -e trace=mmap \
            -e inject="mmap:error=ENOMEM:when=$k" "$@" \
            >out 2>err </dev/null || code=$?
        is_acceptable "$1" || {
            echo "mmap $k: exit code $code"
            cat err
            return 1
        }
        grep -q INJECTED failures || break
    done
    total=$((total + k - first))
    [ "$k" -lt 500 ]
}

@test "each program survives an mmap that fails, whichever it is" {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    rm trace
    total=0
    each_program fail_each_mmap
    echo "$total calls failed"
    [ "$total" -gt 40 ]
}

# LIMIT PROGRAM ARGUMENT...: starts a server whose memory runs out. Sets port, or
# code if the server ends before it listens.
start_server()
{
    rm -f says
    mkfifo says
    env NO_MEMORY="$1" NO_MEMORY_TO=failures LD_PRELOAD="$TOOLS/no-memory.so" \
        "${@:2}" --port 0 >says 2>err 3>&- &
    server=$!
    exec 4<says
    port='' code=0
    if read -r -t 100 line <&4 && [[ $line == "listening on "* ]]; then
        port=${line##*:}
    else
        wait "$server" || code=$?
    fi
}

# Sends one line, and prints the answer.
ask() # LINE
{
    exec 5<>"/dev/tcp/127.0.0.1/$port"
    printf '%s\r\n\r\n' "$1" >&5
    timeout 100 head -n "${2:-1}" <&5
    exec 5>&-
}

stop_server()
{
    kill -TERM "$server"
    code=0
    wait "$server" || code=$?
    exec 4<&-
    [ "$code" -eq 0 ]
}

# LINES PROGRAM ARGUMENT...: a malloc fails during the start. Either the server
# says why it does not start, or it works. Sets needed: the calls of a start.
fail_each_malloc_of_server()
{
    local request=$1 k
    shift

    for k in $(seq 1 500); do
        rm -f failures
        start_server "$k" "$@"
        if [ -n "$port" ]; then
            ask "$request" | grep -q .
            stop_server
            [ -s failures ] || break
        else
            echo "malloc $k: exit code $code"
            [ "$code" -eq 1 ] || [ "$code" -eq 2 ]
            grep "^${1##*/}: " err
        fi
    done
    needed=$k
    [ "$k" -lt 500 ]
}

# A start needs less than $needed calls. From there on each call fails, for all
# connections.
serve_without_malloc()
{
    local request=$1 i
    shift

    rm -f failures
    start_server "$((needed + 1))+" "$@"
    [ -n "$port" ]
    for i in $(seq 20); do
        ask "$request" | grep -q .
    done
    stop_server
}

@test "a server reports a malloc that fails at its start, and needs none later" {
    fail_each_malloc_of_server hello "$tree/phase8/echo"
    serve_without_malloc hello "$tree/phase8/echo"
    fail_each_malloc_of_server "GET /short HTTP/1.0" "$tree/phase10/serve" \
        --root given
    serve_without_malloc "GET /short HTTP/1.0" "$tree/phase10/serve" --root given
}
