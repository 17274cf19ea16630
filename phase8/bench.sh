#!/bin/bash
# phase8/bench.sh: echo on completions against echo on readiness, in one run.
#
# Both servers run side by side, pinned to one processor, the client to another.
# Each measurement is a pair, run alternately (A B A B ...), so that whatever
# else the machine does meets both alike. Printed is the ratio of the round
# trips per second, ours to theirs: above 1 ours does more. Then for each the
# medians, least to greatest, and what one round trip costs the server in
# processor time, since the client is often the slower of the two.
set -eu

usage()
{
    cat <<'USAGE'
usage: phase8/bench.sh [--bin DIR] [--rounds N] [--seconds S]
                       [--server-cpu N] [--client-cpu N] [--only WORD]

  --bin DIR       the programs (build/phase8)
  --rounds N      pairs of each measurement (7)
  --seconds S     of each run (1)
  --server-cpu N  where the servers run (0)
  --client-cpu N  where the client runs (1)
  --only WORD     only measurements whose name contains WORD
USAGE
}

stop()
{
    echo "bench.sh: $1" >&2
    exit 2
}

here=$(cd "$(dirname "$0")/.." && pwd)
bin=$here/build/phase8
rounds=7
seconds=1
server_cpu=0
client_cpu=1
only=
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --bin | --rounds | --seconds | --server-cpu | --client-cpu | --only)
        [ $# -ge 2 ] || stop "$1 needs a value; see --help"
        case $1 in
        --bin) bin=$(cd "$2" && pwd) ;;
        --rounds) rounds=$2 ;;
        --seconds) seconds=$2 ;;
        --server-cpu) server_cpu=$2 ;;
        --client-cpu) client_cpu=$2 ;;
        --only) only=$2 ;;
        esac
        shift
        ;;
    *) stop "unknown option $1; see --help" ;;
    esac
    shift
done
[ -x "$bin/echo-client" ] || stop "no programs in $bin: ninja phase8 makes them"
for cpu in $server_cpu $client_cpu; do
    taskset -c "$cpu" true 2>/dev/null || stop "there is no processor $cpu here"
done

scratch=$(mktemp -d)
pids=
finish()
{
    # shellcheck disable=SC2086 # words on purpose
    [ -z "$pids" ] || kill $pids 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

# PROGRAM: starts it; sets $pid and $port.
start()
{
    : >"$scratch/$1.out"
    taskset -c "$server_cpu" "$bin/$1" --port 0 >"$scratch/$1.out" \
        2>"$scratch/$1.err" &
    pid=$!
    pids="$pids $pid"
    until grep -q listening "$scratch/$1.out"; do
        kill -0 $pid 2>/dev/null || stop "$1 does not start"
        sleep 0.01
    done
    port=$(sed 's/.*://' "$scratch/$1.out")
}

# PID: the processor time that it has used, in microseconds.
cpu_us()
{
    awk -v hz="$(getconf CLK_TCK)" \
        '{ sub(/.*\) /, ""); print ($12 + $13) * 1000000 / hz }' "/proc/$1/stat"
}

# NAME PID PORT: one run; adds a line "RATE P50 P99 CPU-PER-ROUND-TRIP".
measure()
{
    local before after

    before=$(cpu_us "$2")
    taskset -c "$client_cpu" "$bin/echo-client" --port "$3" --conns "$conns" \
        --size "$size" --seconds "$seconds" >"$scratch/said" ||
        stop "echo-client failed against $1"
    after=$(cpu_us "$2")
    awk -v cpu=$((after - before)) '{ v[$1] = $2 } END {
        print v["round_trips_per_s"], v["p50_us"], v["p99_us"],
            cpu / v["round_trips"] }' "$scratch/said" >>"$scratch/$1.runs"
}

# COLUMN FILE: "MEDIAN LEAST GREATEST" of that column.
spread()
{
    awk -v c="$1" '{ print $c }' "$2" | sort -g | awk '{ v[NR] = $1 } END {
        m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        print m, v[1], v[NR] }'
}

describe() # NAME
{
    local file=$scratch/$1.runs

    echo "$1 $(spread 1 "$file") $(spread 2 "$file") $(spread 3 "$file")" \
        "$(spread 4 "$file")" |
        awk '{ printf "    %-10s %7.0f/s (%.0f..%.0f), p50 %.0f us, p99 %.0f us, %.2f us of processor time each\n",
            $1, $2, $3, $4, $5, $8, $11 }'
}

pair() # CONNECTIONS SIZE
{
    local name

    conns=$1 size=$2
    name="$conns connections, $size bytes"
    case $name in *"$only"*) ;; *) return ;; esac
    measure echo "$ours" "$ours_port" # not counted: warms up
    measure echo-epoll "$theirs" "$theirs_port"
    : >"$scratch/echo.runs"
    : >"$scratch/echo-epoll.runs"
    for ((i = 0; i < rounds; i++)); do
        measure echo "$ours" "$ours_port"
        measure echo-epoll "$theirs" "$theirs_port"
    done
    paste -d ' ' "$scratch/echo.runs" "$scratch/echo-epoll.runs" |
        awk '{ print $1 / $5 }' >"$scratch/ratios"
    spread 1 "$scratch/ratios" | awk -v name="$name" \
        '{ printf "%.2f (%.2f..%.2f)  %s\n", $1, $2, $3, name }'
    describe echo
    describe echo-epoll
}

# How often ours has entered the kernel: its counter.
enters()
{
    : >"$scratch/echo.err"
    kill -USR1 $ours
    until grep -q '^operations ' "$scratch/echo.err"; do sleep 0.01; done
    sed -n 's/^enters //p' "$scratch/echo.err"
}

# System calls a round trip. echo counts its own: io_uring_enter is the only one
# that it makes while it serves. For the other, strace counts.
calls() # CONNECTIONS
{
    local before after trips theirs_calls
    local args="--conns $1 --size 64 --bytes $((1280000 / $1)) --seconds 0"

    case "calls at $1 connections" in *"$only"*) ;; *) return ;; esac
    before=$(enters)
    # shellcheck disable=SC2086 # words on purpose
    trips=$("$bin/echo-client" --port "$ours_port" $args |
        sed -n 's/^round_trips //p')
    after=$(enters)
    if command -v strace >/dev/null; then
        strace -c -qq -o "$scratch/calls" -p "$theirs" &
        tracer=$!
        until grep -q '^TracerPid:.*[1-9]' "/proc/$theirs/status"; do
            sleep 0.01
        done
        # shellcheck disable=SC2086
        "$bin/echo-client" --port "$theirs_port" $args >"$scratch/said"
        kill -INT $tracer
        wait $tracer || true
        theirs_calls=$(awk -v trips="$trips" '$NF == "total" {
            printf "%.2f", $4 / trips }' "$scratch/calls")
    fi
    awk -v name="$1" -v ours=$((after - before)) -v trips="$trips" \
        -v theirs="${theirs_calls:-unknown: strace is not installed}" 'BEGIN {
        printf "system calls a round trip, %s connections: echo %.2f, echo-epoll %s\n",
            name, ours / trips, theirs }'
}

start echo
ours=$pid ours_port=$port
start echo-epoll
theirs=$pid theirs_port=$port

for conns in 1 64 1000; do
    for size in 64 16384; do
        pair "$conns" "$size"
    done
done
for conns in 1 64 1000; do
    calls $conns
done
