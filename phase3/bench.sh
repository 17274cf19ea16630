#!/bin/sh
# phase3/bench.sh: what a task costs, in several runs of bench-switch.
#
# Each run measures its pairs alternately and prints the median of their ratios.
# Printed here is, for each pair, the median of the runs, least and greatest.
# All on one processor, where taskset is there: what moves about measures the
# caches.
set -eu

runs=7
slices=201
bin=$(cd "$(dirname "$0")/.." && pwd)/build/phase3

usage()
{
    cat <<'USAGE'
usage: phase3/bench.sh [--bin DIR] [--runs N] [--slices N]

  --bin DIR   the programs (build/phase3)
  --runs N    runs of bench-switch (7)
  --slices N  pairs of each run (201)
USAGE
}

while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --bin | --runs | --slices)
        [ $# -ge 2 ] || { usage >&2 && exit 2; }
        case $1 in
        --bin) bin=$2 ;;
        --runs) runs=$2 ;;
        --slices) slices=$2 ;;
        esac
        shift
        ;;
    *) usage >&2 && exit 2 ;;
    esac
    shift
done
[ -x "$bin/bench-switch" ] || {
    echo "bench.sh: no $bin/bench-switch: run ninja phase3 first" >&2
    exit 2
}

printf '%s, Linux %s, %s processors\n' \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
    "$(uname -r | cut -d - -f 1)" "$(getconf _NPROCESSORS_ONLN)"
pin=
! command -v taskset >/dev/null || pin="taskset -c 0"
run=0
while [ "$run" -lt "$runs" ]; do
    # shellcheck disable=SC2086
    $pin "$bin/bench-switch" --slices "$slices"
    run=$((run + 1))
done |
    # "NAME  RATIO times   A X ns, B Y ns"
    sed 's/^\(a [a-z]*\( of [0-9]*\)\{0,1\}\) *\([0-9.]*\) times *\(.*\)/\1;\3;\4/' |
    sort -t ';' -k 1,1 -k 2,2n |
    awk -F ';' '
        function flush(   middle) {
            middle = int((n + 1) / 2)
            printf "%6.2f  %5.2f..%-5.2f  %-12s %s\n", ratio[middle],
                ratio[1], ratio[n], name, times[middle]
        }
        $1 != name { if (n) flush(); n = 0; name = $1 }
        { ratio[++n] = $2; times[n] = $3 }
        END { flush() }'
