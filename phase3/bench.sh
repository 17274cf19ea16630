#!/bin/bash
# phase3/bench.sh: measures the cost of a task, in several runs of bench-switch.
#
# Each run measures several pairs of operations in turn, and prints the median
# ratio of each pair. This script prints, for each pair, the median, the
# smallest and the greatest of these ratios.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase3/bench.sh [--bin DIR] [--rounds N] [--slices N]

  --bin DIR     the programs ($BUILD/phase3; BUILD is build, if not set)
  --rounds N    runs of bench-switch (7)
  --slices N    pairs of each run (201)
USAGE
}

rounds=7
slices=201
parse_options "bin:DIR rounds:N slices:N" "$@"
find_programs phase3 bench-switch
make_scratch
pin_to 0

measure()
{
    "${pin[@]}" "$bin/bench-switch" --slices "$slices"
}

describe_machine
echo
in_turns "$rounds" measure runs
# "NAME  RATIO times   A X ns, B Y ns"
sed 's/^\(a [a-z]*\( of [0-9]*\)\{0,1\}\) *\([0-9.]*\) times *\(.*\)/\1;\3;\4/' \
    "$scratch/runs.rounds" |
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
