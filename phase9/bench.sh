#!/bin/bash
# phase9/bench.sh: what parsing costs, compiled by different compilers.
#
# Runs httpbench of each tree that has been built (build: gcc, build/clang:
# clang), in turn and on one processor. Of each line, prints the run with the
# shortest time.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase9/bench.sh [--rounds N] [--slices N] [DIR...]

  DIR         directories with httpbench ($BUILD/phase9 and $BUILD/clang/phase9,
              where they are; BUILD is build, if not set)
  --rounds N  how often each program runs (3)
  --slices N  rounds of httpbench in each run (101)
USAGE
}

rounds=3
slices=101
parse_options "rounds:N slices:N ..." "$@"
if [ ${#operands[@]} -eq 0 ]; then
    for dir in "$build/phase9" "$build/clang/phase9"; do
        [ ! -x "$dir/httpbench" ] || operands+=("$dir")
    done
fi
[ ${#operands[@]} -gt 0 ] || stop "nothing is built: ninja phase9"
make_scratch
# A parse is shorter than a migration.
pin_to $(($(nproc) - 1))

measure() # INDEX of a directory
{
    "${pin[@]}" "${operands[$1]}/httpbench" --rounds "$slices"
}

in_turns "$rounds" measure "${!operands[@]}"
for i in "${!operands[@]}"; do
    echo "${operands[i]#"$bench_root"/}"
    # Lines that begin with a number are the first table's: ratio, request,
    # bytes, parser, time. Those of the second table end in a time.
    awk '{
        is_request = $1 ~ /^[0-9.]+$/
        key = is_request ? $2 " " $4 : substr($0, 1, 40)
        time = is_request ? $5 : $NF
        if (!(key in best)) { order[++n] = key; line[key] = $0; best[key] = time }
        else if (time ~ /^[0-9.]+$/ && time + 0 < best[key] + 0) {
            line[key] = $0
            best[key] = time
        }
    }
    END { for (k = 1; k <= n; k++) print "  " line[order[k]] }' \
        "$scratch/$i.rounds"
done
