#!/bin/bash
# phase8/bench.sh: echo on completions against echo on readiness, in one run.
#
# Both servers run side by side, pinned to one processor, the client to another.
# Each measurement is a pair, run in turn. Printed is the ratio of the round
# trips per second, ours to theirs: above 1 ours does more. Then for each the
# medians, least to greatest, and what one round trip costs the server in
# processor time, since the client is often the slower of the two.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase8/bench.sh [--bin DIR] [--rounds N] [--seconds N]
                       [--server-cpu N] [--client-cpu N] [--only WORD]

  --bin DIR       the programs ($BUILD/phase8; BUILD is build, if not set)
  --rounds N      pairs of each measurement (7)
  --seconds N     of each run (1)
  --server-cpu N  where the servers run (0)
  --client-cpu N  where the client runs (1)
  --only WORD     only measurements whose name contains WORD
USAGE
}

rounds=7
seconds=1
server_cpu=0
client_cpu=1
parse_options "bin:DIR rounds:N seconds:N server-cpu:CPU client-cpu:CPU \
only:WORD" "$@"
find_programs phase8 echo-client
for cpu in $server_cpu $client_cpu; do
    has_processor "$cpu" || stop "there is no processor $cpu here"
done
make_scratch
declare -A servers ports # by name

start_echo() # PROGRAM
{
    start_server "$1" taskset -c "$server_cpu" "$bin/$1" --port 0
    servers[$1]=$pid
    ports[$1]=${url##*:}
}

client() # PROGRAM OPTION...
{
    "${client_pin[@]}" "$bin/echo-client" --port "${ports[$1]}" "${@:2}" ||
        stop "echo-client failed against $1"
}

measure() # PROGRAM: one run, "RATE P50 P99 CPU-PER-ROUND-TRIP"
{
    local before

    before=$(cpu_us "${servers[$1]}")
    client "$1" --conns "$conns" --size "$size" --seconds "$seconds" \
        >"$scratch/said"
    awk -v before="$before" -v after="$(cpu_us "${servers[$1]}")" '
        { v[$1] = $2 }
        END {
            print v["round_trips_per_s"], v["p50_us"], v["p99_us"],
                (after - before) / v["round_trips"]
        }' "$scratch/said"
}

describe() # PROGRAM
{
    echo "$1 $(spread "$1" 1) $(spread "$1" 2) $(spread "$1" 3)" \
        "$(spread "$1" 4)" |
        awk '{ printf "    %-10s %7.0f/s (%.0f..%.0f), p50 %.0f us, p99 %.0f us, %.2f us of processor time each\n",
            $1, $2, $3, $4, $5, $8, $11 }'
}

pair() # CONNECTIONS SIZE
{
    local conns=$1 size=$2
    local name="$conns connections, $size bytes"

    is_wanted "$name" || return 0
    in_turns 1 measure echo echo-epoll # not counted: warms up
    in_turns "$rounds" measure echo echo-epoll
    print_ratio echo echo-epoll "$name"
    describe echo
    describe echo-epoll
}

# Prints how often ours has entered the kernel: its counter.
enters()
{
    : >"$scratch/echo.err"
    kill -USR1 "${servers[echo]}"
    until grep -q '^operations ' "$scratch/echo.err"; do sleep 0.01; done
    sed -n 's/^enters //p' "$scratch/echo.err"
}

# ARGUMENT...: strace counts the system calls of theirs while the client, with
# these arguments, runs.
count_calls()
{
    local server=${servers[echo-epoll]} tracer

    strace -c -qq -o "$scratch/calls" -p "$server" &
    tracer=$!
    until grep -q '^TracerPid:.*[1-9]' "/proc/$server/status"; do
        sleep 0.01
    done
    client echo-epoll "$@" >"$scratch/said"
    kill -INT $tracer
    wait $tracer || true
    awk '$NF == "total" { print $4 }' "$scratch/calls"
}

# System calls a round trip. echo counts its own: io_uring_enter is the only one
# that it makes while it serves. For the other, strace counts.
calls() # CONNECTIONS
{
    local before after trips theirs="unknown: strace is not installed"
    local load=(--conns "$1" --size 64 --bytes $((1280000 / $1)) --seconds 0)
    local client_pin=()

    is_wanted "calls at $1 connections" || return 0
    before=$(enters)
    trips=$(client echo "${load[@]}" | sed -n 's/^round_trips //p')
    after=$(enters)
    if command -v strace >/dev/null; then
        theirs=$(count_calls "${load[@]}" |
            awk -v trips="$trips" '{ printf "%.2f", $1 / trips }')
    fi
    awk -v name="$1" -v ours=$((after - before)) -v trips="$trips" \
        -v theirs="$theirs" 'BEGIN {
        printf "system calls a round trip, %s connections: echo %.2f, echo-epoll %s\n",
            name, ours / trips, theirs }'
}

start_echo echo
start_echo echo-epoll
client_pin=(taskset -c "$client_cpu")
for conns in 1 64 1000; do
    for size in 64 16384; do
        pair "$conns" "$size"
    done
done
for conns in 1 64 1000; do
    calls $conns
done
