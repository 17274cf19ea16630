#!/bin/bash
# phase8/bench-relay.sh: a relay by splice beside a relay that copies, in one run.
#
# Both relays are the same program, pinned to one processor, in front of the
# same echo server, which runs with the client on another one. Each measurement
# is a pair, run in turn. Printed is the ratio of the bytes per second, splice
# to copy: above 1 splice moves more. Then for each the medians, least to
# greatest, and the processor time of the relay per megabyte. That includes the
# kernel threads of its ring, which do the splices.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase8/bench-relay.sh [--bin DIR] [--rounds N] [--seconds N]
                             [--relay-cpu N] [--client-cpu N] [--only WORD]

  --bin DIR       the programs ($BUILD/phase8; BUILD is build, if not set)
  --rounds N      pairs of each measurement (7)
  --seconds N     of each run (1)
  --relay-cpu N   where the relays run (0)
  --client-cpu N  where the echo server and the client run (1)
  --only WORD     only measurements whose name contains WORD
USAGE
}

rounds=7
seconds=1
relay_cpu=0
client_cpu=1
parse_options "bin:DIR rounds:N seconds:N relay-cpu:CPU client-cpu:CPU \
only:WORD" "$@"
find_programs phase8 relay
for cpu in $relay_cpu $client_cpu; do
    has_processor "$cpu" || stop "there is no processor $cpu here"
done
make_scratch
declare -A relays ports # by name

measure() # NAME: one run, "MB-PER-S P50 CPU-PER-MB"
{
    local before

    before=$(cpu_us "${relays[$1]}")
    taskset -c "$client_cpu" "$bin/echo-client" --port "${ports[$1]}" \
        --conns "$conns" --size "$size" --seconds "$seconds" >"$scratch/said" ||
        stop "echo-client failed through $1"
    awk -v before="$before" -v after="$(cpu_us "${relays[$1]}")" \
        -v size="$size" '
        { v[$1] = $2 }
        END {
            print v["round_trips_per_s"] * size / 1e6, v["p50_us"],
                (after - before) / (2 * v["round_trips"] * size / 1e6)
        }' "$scratch/said"
}

describe() # NAME
{
    echo "$1 $(spread "$1" 1) $(spread "$1" 2) $(spread "$1" 3)" |
        awk '{ printf "    %-7s %7.2f MB/s (%.2f..%.2f), p50 %.0f us, %.0f us of processor time per MB\n",
            $1, $2, $3, $4, $5, $8 }'
}

pair() # CONNECTIONS SIZE
{
    local conns=$1 size=$2
    local name="$conns connections, $size bytes"

    is_wanted "$name" || return 0
    in_turns 1 measure splice copy # not counted: warms up
    in_turns "$rounds" measure splice copy
    print_ratio splice copy "$name"
    describe splice
    describe copy
}

start_server echo taskset -c "$client_cpu" "$bin/echo" --port 0
target=127.0.0.1:${url##*:}
start_server splice taskset -c "$relay_cpu" "$bin/relay" --port 0 "$target"
relays[splice]=$pid ports[splice]=${url##*:}
start_server copy taskset -c "$relay_cpu" "$bin/relay" --copy --port 0 "$target"
relays[copy]=$pid ports[copy]=${url##*:}
for conns in 1 16; do
    for size in 64 16384 1048576; do
        pair $conns $size
    done
done
