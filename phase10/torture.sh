#!/bin/bash
# phase10/torture.sh: serve under clients and files that behave badly.
#
# First, chaos: files are replaced, cut and removed while clients pipeline,
# leave, half-close, stop and send nonsense (tests/phase10/chaos.c). Then a
# crowd: slow heads and slow readers, beside which a fast client is measured,
# and idle connections beside busy ones (tests/phase10/crowd_http.c).
#
# It fails if an answer was wrong, if an answer was cut that no change of its
# file explains, if a file that was there throughout got a 5xx, if the server
# has more descriptors afterwards, or if its memory has grown by more than a
# tenth since the first quarter of the chaos. The latencies are printed, and are
# for the reader to judge: they depend on the machine.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase10/torture.sh [--bin DIR] [--seconds N] [--clients N] [--seed N]
                          [--crowd-seconds N] [--no-crowd]

  --bin DIR          where serve is ($BUILD/phase10; BUILD is build, if not set)
  --seconds N        how long the chaos lasts (600)
  --clients N        processes that cause it (12)
  --seed N           the start of their random choices (1)
  --crowd-seconds N  how long to measure, before and beside each crowd (10)
  --no-crowd         run only the chaos
USAGE
}

seconds=600
clients=12
seed=1
crowd_seconds=10
no_crowd=
parse_options "bin:DIR seconds:N clients:N seed:N crowd-seconds:N no-crowd" "$@"
find_programs phase10 serve
for tool in http-chaos http-crowd; do
    [ -x "$build/tests/$tool" ] ||
        stop "no $build/tests/$tool: ninja $build/tests/$tool makes it"
done
make_folder "${TMPDIR:-/tmp}"
mkdir "$folder/root"
head -c 1024 /dev/urandom >"$folder/root/small"
truncate -s 64M "$folder/root/large"

failed=
complain() # MESSAGE
{
    echo "FAILED: $1"
    failed=1
}

rss_kib()
{
    awk '/^VmRSS/ { print $2 }' "/proc/$server/status"
}

count_fds()
{
    find "/proc/$server/fd" -mindepth 1 | wc -l
}

# FROM: the last counter was printed after that many bytes.
has_counters()
{
    tail -c "+$(($1 + 1))" "$folder/err" | grep -q '^operations '
}

# NAME: a counter of the server, as SIGUSR1 prints it.
counter()
{
    local from

    from=$(wc -c <"$folder/err")
    kill -USR1 "$server"
    await_that --from "$server" has_counters "$from"
    tail -c "+$((from + 1))" "$folder/err" | awk -v n="$1" '$1 == n { print $2 }'
}

# Waits until the server has no connection.
await_quiet()
{
    await_that is_quiet || complain "connections are left: $(counter connections)"
}

is_quiet()
{
    [ "$(counter connections)" = 0 ]
}

start_serve()
{
    start_listening "$folder/out" "$folder/err" \
        "$bin/serve" --root "$folder/root" --port 0 "$@" ||
        stop "serve does not start"
    pids+=("$server")
}

stop_serve()
{
    local code=0

    kill -TERM "$server"
    wait "$server" || code=$?
    [ $code = 0 ] || complain "serve ended with $code"
    if grep -v -e '^[a-z0-9_]* [0-9]*$' -e '^serve: confined: ' \
        -e '^serve: waits up to ' "$folder/err"; then
        complain "serve printed this"
    fi
}

run_chaos()
{
    local fds rss early chaos

    # A small cache is full soon: from then on, memory must not grow.
    start_serve --cache-bytes 4M --log json --log-file "$folder/log"
    "$build/tests/http-chaos" --port "$port" --root "$folder/root" \
        --seconds 1 --clients 2 --seed "$seed" >/dev/null ||
        complain "before the chaos"
    await_quiet
    fds=$(count_fds)
    "$build/tests/http-chaos" --port "$port" --root "$folder/root" \
        --seconds "$seconds" --clients "$clients" --seed "$seed" &
    chaos=$!
    sleep "$((seconds / 4 + 1))"
    early=$(rss_kib)
    wait $chaos || complain "chaos"
    rss=$(rss_kib)
    await_quiet
    echo "memory: $early KiB in the first quarter, $rss KiB at the end"
    # AddressSanitizer keeps freed memory for a while.
    grep -q __asan_init "$bin/serve" || [ $((rss * 10)) -le $((early * 11)) ] ||
        complain "memory has grown by more than a tenth"
    [ "$(count_fds)" -le "$fds" ] ||
        complain "$(count_fds) descriptors, $fds before"
    [ "$(counter log_dropped)" = 0 ] || complain "lines of the log are missing"
    stop_serve
}

run_crowd() # TITLE OPTION...
{
    echo "$1:"
    shift
    start_serve
    "$build/tests/http-crowd" --port "$port" --seconds "$crowd_seconds" "$@" ||
        complain "crowd"
    echo "memory: $(rss_kib) KiB"
    stop_serve
}

run_chaos
if [ -z "$no_crowd" ]; then
    run_crowd "5,000 slow heads, 2,000 slow readers" --heads 5000 --readers 2000
    run_crowd "10,000 idle, 64 busy" --heads 0 --readers 0 --idle 10000 \
        --busy 64
fi
[ -z "$failed" ]
