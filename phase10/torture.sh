#!/bin/bash
# phase10/torture.sh: serve under clients and files that behave badly.
#
# It has five parts, which --only selects by a word of their names:
#
#   files   files are replaced, cut, grown and removed while clients pipeline,
#           leave, half-close, stop, die and send nonsense
#   links   links that lead out of the root are swapped with files and
#           directories inside of it, while clients ask for them
#   stops   SIGTERM at some moment, under load, again and again
#   slow    slow heads and slow readers, beside a fast client that is measured
#   idle    idle connections beside busy ones
#
# The first three are made by tests/phase10/chaos.c, the others by
# tests/phase10/crowd_http.c. The script fails if an answer was wrong, old, or
# an error of the server (5xx), although the file was there; if an answer was
# cut that no change of its file explains; if a client got a byte from outside
# of the root; if SIGTERM cut an answer; if the server has more descriptors
# afterwards; or if its memory has grown by more than a tenth since the first
# quarter of the chaos, if this lasts a minute or longer. Latencies depend on
# the machine, so they are only printed, unless --judge is there.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase10/torture.sh [--bin DIR] [--only WORD] [--seconds N]
                          [--clients N] [--seed N] [--links-seconds N]
                          [--stops N] [--crowd-seconds N] [--judge]

  --bin DIR          where serve is ($BUILD/phase10; BUILD is build, if not set)
  --only WORD        only the parts whose names contain WORD: files, links,
                     stops, slow, idle
  --seconds N        how long the files change (600)
  --clients N        processes that are clients (12)
  --seed N           the start of their random choices (1)
  --links-seconds N  how long the links are swapped (10)
  --stops N          how often the server gets SIGTERM under load (50)
  --crowd-seconds N  how long to measure, before and beside each crowd (10)
  --judge            fail if the fast client's p99 beside a crowd is more than
                     twice that alone, or over 50 ms while the crowd arrives
USAGE
}

seconds=600
clients=12
seed=1
links_seconds=10
stops=50
crowd_seconds=10
judge=
parse_options "bin:DIR only:WORD seconds:N clients:N seed:N links-seconds:N \
stops:N crowd-seconds:N judge" "$@"
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

# How many ring operations the server made, and for what.
print_operations()
{
    local from

    from=$(wc -c <"$folder/err")
    counter operations >/dev/null
    tail -c "+$((from + 1))" "$folder/err" | awk '
        { v[$1] = $2 }
        END {
            for (class = 1; class <= 5; class++)
                answers += v["requests_" class "xx"]
            mib = v["sent_bytes"] / 1048576
            printf "%d operations for %d answers, %d connections and %d MiB\n",
                v["operations"], answers, v["accepted"], mib
            printf "%d cache hits, %d misses, %d enters\n", v["cache_hits"],
                v["cache_misses"], v["enters"]
        }'
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
        "$bin/serve" --port 0 "$@" ||
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

run_files()
{
    local fds rss early chaos

    # A small cache is full soon: from then on, memory must not grow.
    start_serve --root "$folder/root" --cache-bytes 4M --log json --log-file "$folder/log"
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
    print_operations
    echo "memory: $early KiB in the first quarter, $rss KiB at the end"
    # The first seconds fill the cache. AddressSanitizer keeps freed memory for
    # a while.
    [ "$seconds" -lt 60 ] || grep -q __asan_init "$bin/serve" ||
        [ $((rss * 10)) -le $((early * 11)) ] ||
        complain "memory has grown by more than a tenth"
    [ "$(count_fds)" -le "$fds" ] ||
        complain "$(count_fds) descriptors, $fds before"
    [ "$(counter log_dropped)" = 0 ] || complain "lines of the log are missing"
    stop_serve
}

run_links()
{
    mkdir "$folder/links" "$folder/links/root"
    start_serve --root "$folder/links/root"
    "$build/tests/http-chaos" --port "$port" --root "$folder/links/root" \
        --what links --seconds "$links_seconds" --clients "$clients" \
        --seed "$seed" || complain "links"
    stop_serve
}

# NUMBER: the server gets SIGTERM at a moment that NUMBER chooses. It may take
# a minute to drain, because the machine may be busy.
stop_under_load()
{
    local root=$folder/stop.$1 code=0

    mkdir "$root"
    start_serve --root "$root" --drain-ms 60000
    "$build/tests/http-chaos" --port "$port" --root "$root" --what stop \
        --pid "$server" --seconds 60 --clients "$clients" --seed "$1" ||
        complain "stop $1"
    wait "$server" || code=$?
    [ $code = 0 ] || complain "serve ended with $code after SIGTERM"
    rm -r "$root"
}

run_stops()
{
    local i

    for ((i = 0; i < stops; i++)); do
        stop_under_load $((seed + i))
    done >"$folder/stops"
    cat "$folder/stops" | awk '{ answers += $1 } /FAILED/ { print }
        END { print NR " stops, " answers " answers" }'
}

run_crowd() # TITLE OPTION...
{
    echo "$1:"
    shift
    start_serve --root "$folder/root" --idle-ms 3600000
    "$build/tests/http-crowd" --port "$port" --seconds "$crowd_seconds" \
        ${judge:+--judge} "$@" || complain "crowd"
    echo "memory: $(rss_kib) KiB"
    stop_serve
}

# NAME COMMAND...: runs a part, if it is wanted.
part()
{
    local name=$1
    shift

    ! is_wanted "$name" || { echo "== $name" && "$@"; }
}

describe_machine
part files run_files
part links run_links
part stops run_stops
part slow run_crowd "5,000 slow heads, 2,000 slow readers" --heads 5000 \
    --readers 2000
part idle run_crowd "10,000 idle, 64 busy" --heads 0 --readers 0 --idle 10000 \
    --busy 64
[ -z "$failed" ]
