#!/bin/bash
# phase9/bench.sh: what parsing costs, as it comes from different compilers.
#
# Runs parse-bench of each tree that has been built (build: gcc, build/clang:
# clang), in turn and on one processor. Of each line the fastest run is printed.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase9/bench.sh [--rounds N] [--slices N] [DIR...]

  DIR         directories with parse-bench ($BUILD/phase9 and $BUILD/clang/phase9,
              where they are; BUILD is build, if not set)
  --rounds N  how often each program runs (3)
  --slices N  slices of 0.1 s for each request in a run (5)
USAGE
}

rounds=3
slices=5
parse_options "rounds:N slices:N ..." "$@"
if [ ${#operands[@]} -eq 0 ]; then
    for dir in "$build/phase9" "$build/clang/phase9"; do
        [ ! -x "$dir/parse-bench" ] || operands+=("$dir")
    done
fi
[ ${#operands[@]} -gt 0 ] || stop "nothing is built: ninja phase9"
make_scratch
# A parse is shorter than a migration.
pin_to $(($(nproc) - 1))

measure() # INDEX of a directory
{
    "${pin[@]}" "${operands[$1]}/parse-bench" --rounds "$slices"
}

in_turns "$rounds" measure "${!operands[@]}"
for i in "${!operands[@]}"; do
    echo "${operands[i]#"$bench_root"/}"
    # Lines that end in a time alone are the second table's.
    awk '{
        key = substr($0, 1, 40)
        is_request = $1 ~ /^(smallest|wrk|curl|browser)$/
        time = is_request ? $3 : $NF
        if (is_request) key = $1
        if (!(key in best)) { order[++n] = key; line[key] = $0; best[key] = time }
        else if (time ~ /^[0-9.]+$/ && time < best[key]) {
            line[key] = $0
            best[key] = time
        }
    }
    END { for (k = 1; k <= n; k++) print "  " line[order[k]] }' \
        "$scratch/$i.rounds"
done
