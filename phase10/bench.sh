#!/bin/bash
# phase10/bench.sh: serve beside nginx, in one run.
#
# One thread against one worker, pinned to the same processor, with the same
# files, and wrk on another processor. They are measured alternately (A B C A B
# C ...), so that whatever else the machine does meets all alike. Printed is the
# ratio of requests a second, ours to theirs, the median of the runs' own
# ratios: above 1 ours does more. Then for each the medians, least to greatest,
# and what one request costs the server in processor time: where wrk is the
# slowest of all, that is what still tells them apart.
set -eu

usage()
{
    cat <<'USAGE'
usage: phase10/bench.sh [--bin DIR] [--rounds N] [--seconds S] [--conns N]
                        [--server-cpu N] [--client-cpu N] [SIZE...]

  SIZE            bytes of the requested file (1024 131072 5242880)
  --bin DIR       where serve is (build/phase10)
  --rounds N      runs of each server (7)
  --seconds S     of each run (1)
  --conns N       connections that wrk keeps open (32)
  --server-cpu N  where the servers run (0)
  --client-cpu N  where wrk runs (1)

nginx is measured as it comes, and with open_file_cache. Then it trusts what it
knows of a file for a minute; serve is told of each change.
USAGE
}

stop()
{
    echo "bench.sh: $1" >&2
    exit 2
}

skip()
{
    echo "skip: $1"
    exit 0
}

here=$(cd "$(dirname "$0")/.." && pwd)
bin=$here/build/phase10
rounds=7
seconds=1
conns=32
server_cpu=0
client_cpu=1
sizes=()
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --bin | --rounds | --seconds | --conns | --server-cpu | --client-cpu)
        [ $# -ge 2 ] || stop "$1 needs a value; see --help"
        name=${1#--}
        declare "${name//-/_}=$2"
        shift
        ;;
    -*) stop "unknown option $1; see --help" ;;
    *) sizes+=("$1") ;;
    esac
    shift
done
[ ${#sizes[@]} -gt 0 ] || sizes=(1024 131072 5242880)
[ -x "$bin/serve" ] || stop "no serve in $bin: ninja phase10 makes it"
for tool in nginx wrk taskset; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
for cpu in $server_cpu $client_cpu; do
    taskset -c "$cpu" true 2>/dev/null || skip "there is no processor $cpu here"
done

scratch=$(mktemp -d)
pids=()
finish()
{
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM
chmod 755 "$scratch" # nginx's worker may be somebody else
mkdir "$scratch/site"
for size in "${sizes[@]}"; do
    head -c "$size" /dev/urandom >"$scratch/site/$size"
done

declare -A urls workers # by name: where it listens, whose time counts

start_serve()
{
    taskset -c "$server_cpu" "$bin/serve" --root "$scratch/site" --port 0 \
        >"$scratch/listening" &
    pids+=($!)
    until grep -q listening "$scratch/listening"; do
        kill -0 "${pids[-1]}" 2>/dev/null || stop "serve does not start"
        sleep 0.01
    done
    urls[serve]=$(sed 's/listening on //' "$scratch/listening")
    workers[serve]=${pids[-1]}
}

# NAME PORT SETTING: an nginx with one worker. It has no port 0: one that is
# taken is said to be.
start_nginx()
{
    mkdir "$scratch/$1"
    cat >"$scratch/$1/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $scratch/$1/pid;
error_log $scratch/$1/error.log;
events { worker_connections 2048; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    types { }
    $3
    server { listen 127.0.0.1:$2; root $scratch/site; }
}
CONF
    taskset -c "$server_cpu" nginx -p "$scratch/$1" \
        -c "$scratch/$1/nginx.conf" 2>"$scratch/$1/stderr" &
    pids+=($!)
    urls[$1]=http://127.0.0.1:$2
    until workers[$1]=$(pgrep -P "${pids[-1]}" | tail -n 1) &&
        [ -n "${workers[$1]}" ]; do
        kill -0 "${pids[-1]}" 2>/dev/null ||
            stop "nginx does not start: $(cat "$scratch/$1/stderr")"
        sleep 0.01
    done
}

# PID: the processor time that it has used, in microseconds.
cpu_us()
{
    awk -v hz="$(getconf CLK_TCK)" \
        '{ sub(/.*\) /, ""); print ($12 + $13) * 1000000 / hz }' "/proc/$1/stat"
}

# NAME: one run; adds a line "REQUESTS-A-SECOND CPU-PER-REQUEST".
measure()
{
    local before after

    before=$(cpu_us "${workers[$1]}")
    taskset -c "$client_cpu" wrk -t 1 -c "$conns" -d "$seconds" \
        "${urls[$1]}/$size" >"$scratch/said" 2>&1 || stop "$(cat "$scratch/said")"
    after=$(cpu_us "${workers[$1]}")
    ! grep -q -e Non-2xx -e 'Socket errors' "$scratch/said" ||
        stop "$1: $(grep -e Non-2xx -e 'Socket errors' "$scratch/said")"
    awk -v cpu=$((after - before)) '
        /requests in/ { count = $1 }
        /Requests\/sec/ { print $2, cpu / count }' "$scratch/said" \
        >>"$scratch/$1.runs"
}

# COLUMN FILE: "MEDIAN LEAST GREATEST" of that column.
spread()
{
    awk -v c="$1" '{ print $c }' "$2" | sort -g | awk '{ v[NR] = $1 } END {
        m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        print m, v[1], v[NR] }'
}

ratio() # NAME WORDS
{
    paste -d ' ' "$scratch/serve.runs" "$scratch/$1.runs" |
        awk '{ print $1 / $3 }' >"$scratch/ratios"
    spread 1 "$scratch/ratios" | awk -v words="$2" \
        '{ printf "%.2f (%.2f..%.2f)  %s\n", $1, $2, $3, words }'
}

describe() # NAME WORDS
{
    echo "$(spread 1 "$scratch/$1.runs") $(spread 2 "$scratch/$1.runs")" |
        awk -v words="$2" '{ printf "    %-16s %7.0f/s (%.0f..%.0f), " \
            "%.1f us of processor time each\n", words, $1, $2, $3, $4 }'
}

start_serve
start_nginx nginx $((20000 + $$ % 10000)) ""
start_nginx cached $((30000 + $$ % 10000)) "open_file_cache max=1000;"
for size in "${sizes[@]}"; do
    for name in serve nginx cached; do # not counted: warms up
        measure $name
    done
    rm "$scratch"/*.runs
    for ((i = 0; i < rounds; i++)); do
        for name in serve nginx cached; do
            measure $name
        done
    done
    ratio nginx "$size bytes, $conns connections, against nginx"
    ratio cached "the same, against nginx with open_file_cache"
    describe serve serve
    describe nginx nginx
    describe cached "with the cache"
done
