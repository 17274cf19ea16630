#!/bin/sh
# phase4/bench.sh [--pairs N] [--bin DIR]: the bridge's tax.
#
# An operation in a loop of its own, on a deferred ring, which is the best that
# it can have, and the same in a host: run alternately, so that what the machine
# does to one it does to the other. For each pair the ratio; of all pairs the
# median, and half of them lie between the two numbers behind it.
# nop: many operations per iteration of the host. echo: one iteration for each,
# asleep. Watched by the host: the ring's fd; an eventfd, which it reads; an
# eventfd of which epoll reports edges, so that the host need not read it.
# host: the ring watches the host.
#
# What is measured is the processor's time of the loop's thread, with everybody on
# one processor where taskset is there: by the clock, an echo is mostly the time
# that it takes to wake a thread on another one, and says nothing about bridges.
set -eu

pairs=15
bin=$(dirname "$0")/../build/phase4

usage()
{
    cat <<'USAGE'
usage: phase4/bench.sh [--pairs N] [--bin DIR]

What an operation costs in a host, compared with our own loop.

  --pairs N  measurements of each kind (15)
  --bin DIR  where bridge-bench is (build/phase4)
  --help     this text

exit: 0 measured, 2 usage or environment
USAGE
}

while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --pairs) pairs=${2:-0} && shift ;;
    --bin) bin=${2:-} && shift ;;
    *)
        echo "bench.sh: unknown option $1; see --help" >&2
        exit 2
        ;;
    esac
    shift
done
[ -x "$bin/bridge-bench" ] || {
    echo "bench.sh: no $bin/bridge-bench: ninja phase4 builds it" >&2
    exit 2
}
[ "$pairs" -gt 0 ] || { usage >&2 && exit 2; }

pin=
! command -v taskset >/dev/null || pin="taskset -c 0"

one() # OPTIONS...: nanoseconds of processor, for one operation
{
    # shellcheck disable=SC2086
    said=$($pin "$bin/bridge-bench" "$@") || return
    echo "${said%% ns of processor*}"
}

# OP OPS DEPTH HOST RING WATCH: a line for each pair, with the ratio first
measure()
{
    i=0
    while [ "$i" -lt "$pairs" ]; do
        i=$((i + 1))
        native=$(one --op "$1" --ops "$2" --depth "$3" --ring deferred) || return
        host=$(one --op "$1" --ops "$2" --depth "$3" --host "$4" --ring "$5" \
            --watch "$6") || return
        awk -v n="$native" -v h="$host" 'BEGIN { print h / n, n, h, h - n }'
    done
}

# OP OPS DEPTH HOST RING WATCH
compare()
{
    # What cannot be measured has said why.
    pair_lines=$(measure "$@") || exit 2
    echo "$pair_lines" | sort -n | awk -v what="$1 $3 $4 $5 $6" '
        { ratio[NR] = $1; native[NR] = $2; host[NR] = $3; tax[NR] = $4 }
        # By insertion: the columns are sorted each for itself.
        function median(a,    i, j, t) {
            for (i = 2; i <= NR; i++)
                for (j = i; j > 1 && a[j - 1] > a[j]; j--) {
                    t = a[j]; a[j] = a[j - 1]; a[j - 1] = t
                }
            return a[int((NR + 1) / 2)]
        }
        END {
            split(what, w, " ")
            printf "%-5s %5d  %-5s  %-8s %-7s  %5.2f (%.2f..%.2f) %7d %7d %6d\n",
                w[1], w[2], w[3], w[4], w[5], median(ratio),
                ratio[int((NR + 3) / 4)], ratio[int((3 * NR + 3) / 4)],
                median(native), median(host), median(tax)
        }'
}

echo "op    depth  host   ring     watched  ratio (quartiles)  native    host    tax ns"
for host in epoll uv; do
    for op in "nop 200000" "echo 20000"; do
        for depth in 1 32 256; do
            # shellcheck disable=SC2086
            for kind in "plain ring" "deferred eventfd" "deferred edge" "deferred host"; do
                # libuv does not watch edges.
                [ "$host $kind" = "uv deferred edge" ] ||
                    compare $op "$depth" "$host" $kind
            done
        done
    done
done
