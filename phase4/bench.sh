#!/bin/bash
# phase4/bench.sh: measures the cost of a bridge.
#
# The script measures an operation in our own loop and then in a host. Our own
# loop has a deferred ring, which is the fastest kind. The two measurements
# alternate, so that other load on the machine slows both. The table has the
# median of the ratios of all pairs. The two numbers in parentheses are the
# quartiles.
#
# A nop completes during its submit, so one iteration of the host serves many
# nops. An echo completes while the host sleeps, so each echo takes one
# iteration. The column "watched" shows what the host watches: the ring's fd; an
# eventfd, which it reads; or (edge) an eventfd with EPOLLET, which it does not
# read. If the column has "host", the ring watches the host.
#
# The figures are the processor time of the loop's thread, with all threads on
# one processor. The wall time of an echo would mostly be the time to wake a
# thread on another processor, which is not a cost of the bridge.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase4/bench.sh [--bin DIR] [--rounds N] [--only WORD]

Prints what an operation costs in a host, compared with our own loop.

  --bin DIR     where bridge-bench is ($BUILD/phase4; BUILD is build, if not set)
  --rounds N    pairs of each kind (15)
  --only WORD   only kinds whose name contains WORD: "echo 1 epoll plain ring"
  --help        this text

exit: 0 measured, 2 usage or environment
USAGE
}

rounds=15
parse_options "bin:DIR rounds:N only:WORD" "$@"
find_programs phase4 bridge-bench
make_scratch
pin_to 0

measure() # native|hosted: nanoseconds of processor, for one operation
{
    local place=(--ring deferred) printed

    [ "$1" = native ] || place=("${hosted[@]}")
    # A program that cannot measure has printed the reason.
    printed=$("${pin[@]}" "$bin/bridge-bench" "${operation[@]}" "${place[@]}") ||
        exit 2
    echo "${printed%% ns of processor*}"
}

# compare OP OPS DEPTH HOST RING WATCH: prints one line of the table.
compare()
{
    local operation=(--op "$1" --ops "$2" --depth "$3")
    local hosted=(--host "$4" --ring "$5" --watch "$6")

    is_wanted "$1 $3 $4 $5 $6" || return 0
    in_turns "$rounds" measure native hosted
    echo "$(ratios hosted native | quantiles 1 0.5 0.25 0.75)" \
        "$(spread native 1) $(spread hosted 1)" \
        "$(paste -d ' ' "$scratch/hosted.rounds" "$scratch/native.rounds" |
            awk '{ print $1 - $2 }' | quantiles 1 0.5)" |
        awk -v op="$1" -v depth="$3" -v host="$4" -v ring="$5" -v watch="$6" '{
            printf "%-5s %5d  %-5s  %-8s %-7s  %5.2f (%.2f..%.2f) %7d %7d %6d\n",
                op, depth, host, ring, watch, $1, $2, $3, $4, $7, $10 }'
}

echo "op    depth  host   ring     watched  ratio (quartiles)  native    host    tax ns"
for host in epoll uv; do
    for op in "nop 200000" "echo 20000"; do
        for depth in 1 32 256; do
            for kind in "plain ring" "deferred eventfd" "deferred edge" \
                "deferred host"; do
                # libuv does not watch edges.
                # shellcheck disable=SC2086 # words on purpose
                [ "$host $kind" = "uv deferred edge" ] ||
                    compare $op "$depth" "$host" $kind
            done
        done
    done
done
