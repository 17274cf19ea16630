#!/bin/bash
# phase8/steps/bench.sh: the eight steps against each other, in one run.
#
# All servers run side by side, pinned to one processor, the client to another.
# In each round every server is measured once, so other load on the machine
# meets them alike. Each row has medians. Two figures are ratios with their
# spread: the round trips per second of a step, and the processor time that one
# costs, divided by those of echo-epoll in the same round. On a busy machine the
# second one varies less. Prints a table in Markdown.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase8/steps/bench.sh [--bin DIR] [--rounds N] [--seconds N]
                             [--conns N] [--size N] [--idle N]
                             [--server-cpu N] [--client-cpu N] [--only WORD]
       phase8/steps/bench.sh --zc [--bin DIR] [--rounds N] [--client-cpu N]

  --bin DIR       the programs ($BUILD/phase8; BUILD is build, if not set)
  --rounds N      measurements of each step (7)
  --seconds N     of each measurement (1)
  --conns N       connections (50)
  --size N        bytes of a message (64)
  --idle N        idle connections whose memory is measured (1000)
  --server-cpu N  where the servers run (0)
  --client-cpu N  where the client runs (1)
  --only WORD     only steps whose name contains WORD, and echo-epoll
  --zc            only the cost of a send by its size, with and without a
                  copy: on loopback, and (as root, or where a user may make
                  namespaces) to a device that drops every packet
USAGE
}

rounds=7
seconds=1
conns=50
size=64
idle=1000
server_cpu=0
client_cpu=1
parse_options "bin:DIR rounds:N seconds:N conns:N size:N idle:N \
server-cpu:CPU client-cpu:CPU only:WORD zc" "$@"
find_programs phase8 echo-client
for cpu in $server_cpu $client_cpu; do
    has_processor "$cpu" || stop "there is no processor $cpu here"
done

# A bridge without ports drops every packet, but only after the kernel has
# decided that it need not copy it.
if [ -n "${zc:-}" ]; then
    describe_machine
    printf '\nTCP on loopback:\n\n'
    taskset -c "$client_cpu" "$bin/zc-sizes" --rounds "$rounds"
    printf '\nUDP to a device that drops every packet:\n\n'
    # shellcheck disable=SC2016 # the inner shell expands them
    unshare -r -n sh -euc '
        ip link add drop0 type bridge
        ip link set drop0 mtu 65535 up
        ip addr add 10.99.0.1/24 dev drop0
        ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:01 dev drop0
        exec "$@"' sh taskset -c "$client_cpu" "$bin/zc-sizes" \
        --rounds "$rounds" --to 10.99.0.2 || stop "no such device here"
    exit
fi
make_scratch
declare -A servers ports sources # by name

sources=(
    [echo-epoll]=""
    [echo-oneshot]=""
    [echo-multishot]=""
    [echo-direct]="direct.c"
    [echo-skip]="direct.c skip.c"
    [echo-bundle]="direct.c skip.c incring.c"
    [echo-zc]="direct.c skip.c incring.c"
    [echo-threads]="direct.c skip.c handover.c"
)
steps=()
for name in echo-epoll echo-oneshot echo-multishot echo-direct echo-skip \
    echo-bundle echo-zc echo-threads; do
    [ $name != echo-epoll ] && ! is_wanted $name || steps+=("$name")
done

start_step() # NAME
{
    start_server "$1" taskset -c "$server_cpu" "$bin/$1" --port 0
    servers[$1]=$pid
    ports[$1]=${url##*:}
}

client() # NAME OPTION...
{
    taskset -c "$client_cpu" "$bin/echo-client" --port "${ports[$1]}" \
        "${@:2}" >"$scratch/said" || stop "echo-client failed against $1"
}

# Prints what the client measured. Its names are only here.
said() # FIGURE
{
    awk -v name="$1" '$1 == name { print $2 }' "$scratch/said"
}

measure() # NAME: "RATE P50 P99 CPU-PER-MESSAGE"
{
    local before after

    before=$(cpu_us "${servers[$1]}")
    client "$1" --conns "$conns" --size "$size" --seconds "$seconds"
    after=$(cpu_us "${servers[$1]}")
    echo "$(said round_trips_per_s) $(said p50_us) $(said p99_us)" \
        "$(awk -v us=$((after - before)) -v n="$(said round_trips)" \
            'BEGIN { print us / n }')"
}

# NAME: prints how often the rings of a step have been entered.
enters()
{
    local rings threads

    : >"$scratch/$1.err"
    threads=$(find "/proc/${servers[$1]}/task" -mindepth 1 -maxdepth 1 | wc -l)
    kill -USR1 "${servers[$1]}"
    until rings=$(grep -c '^operations ' "$scratch/$1.err") &&
        [ "$rings" -eq "$threads" ]; do sleep 0.01; done
    awk '$1 == "enters" { n += $2 } END { print n }' "$scratch/$1.err"
}

# Prints the system calls of echo-epoll while the client runs. strace counts.
count_calls() # OPTION...
{
    local tracer

    strace -c -qq -o "$scratch/calls" -p "${servers[echo-epoll]}" &
    tracer=$!
    until grep -q '^TracerPid:.*[1-9]' \
        "/proc/${servers[echo-epoll]}/status"; do
        sleep 0.01
    done
    client echo-epoll "$@"
    kill -INT $tracer
    wait $tracer || true
    awk '$NF == "total" { print $4 }' "$scratch/calls"
}

# Prints the system calls per message. A step on a ring makes no others than
# io_uring_enter while it serves, and its ring counts those.
calls_per_message() # NAME
{
    local before count
    local load=(--conns "$conns" --size "$size" --seconds 0
        --bytes $((size * 25600 / conns)))

    if [ "$1" != echo-epoll ]; then
        before=$(enters "$1")
        client "$1" "${load[@]}"
        count=$(($(enters "$1") - before))
    elif command -v strace >/dev/null; then
        count=$(count_calls "${load[@]}")
    else
        echo "?" && return
    fi
    awk -v n="$count" -v m="$(said round_trips)" 'BEGIN { printf "%.2f", n / m }'
}

# Prints the KiB of user memory per connection: the peak with many connections
# that have sent one message each, against that with one.
memory_per_conn() # NAME
{
    local before after
    local status=/proc/${servers[$1]}/status

    client "$1" --conns 1 --size 64 --bytes 64 --seconds 0
    before=$(awk '$1 == "RssAnon:" { print $2 }' "$status")
    client "$1" --conns "$idle" --size 64 --seconds "$seconds" &
    local loader=$!
    after=$before
    while kill -0 $loader 2>/dev/null; do
        local now
        now=$(awk '$1 == "RssAnon:" { print $2 }' "$status")
        [ "$now" -le "$after" ] || after=$now
        sleep 0.02
    done
    wait $loader
    awk -v kib=$((after - before)) -v n="$idle" 'BEGIN { printf "%.2f", kib / n }'
}

# NAME: prints the lines of its sources without comments, blank lines, and the
# file that all steps share.
lines()
{
    local folder=$bench_root/phase8/steps file count=0

    for file in "$1.c" ${sources[$1]}; do
        count=$((count + $(${CC:-cc} -fpreprocessed -dD -E -P \
            "$folder/$file" 2>/dev/null | grep -c .)))
    done
    echo "$count"
}

# NAME: prints a row. The memory is measured before any other load.
row()
{
    local threads

    threads=$(find "/proc/${servers[$1]}/task" -mindepth 1 -maxdepth 1 | wc -l)
    echo "$(ratios "$1" echo-epoll 1 | quantiles 1 0.5 0 1)" \
        "$(ratios "$1" echo-epoll 4 | quantiles 1 0.5 0 1)" \
        "$(spread "$1" 1) $(spread "$1" 2) $(spread "$1" 3)" \
        "$(spread "$1" 4) $(calls_per_message "$1") $threads ${memory[$1]}" \
        "$(lines "$1")" |
        awk -v name="$1" '{ printf "| `%s` | %d | %.2f (%.2f..%.2f) | %.0f | %.0f | %.2f | %.2f (%.2f..%.2f) | %s | %s | %s | %s |\n",
            name, $7, $1, $2, $3, $10, $13, $16, $4, $5, $6, $19, $20, $21,
            $22 }'
}

declare -A memory
for name in "${steps[@]}"; do
    start_step "$name"
    memory[$name]=$(memory_per_conn "$name")
done
in_turns 1 measure "${steps[@]}" # not counted: warms up
in_turns "$rounds" measure "${steps[@]}"
describe_machine
echo "$conns connections, messages of $size bytes"
echo
echo "| step | messages/s | ratio | p50, µs | p99, µs | CPU per message, µs | ratio | system calls per message | threads | KiB per idle connection | lines |"
echo "|---|---|---|---|---|---|---|---|---|---|---|"
for name in "${steps[@]}"; do
    row "$name"
done
