#!/bin/bash
# phase9/bench.sh: what parsing costs, as it comes from different compilers.
#
# Runs parse-bench of each tree that has been built (build: gcc, build/clang:
# clang), alternately and pinned to one processor, so that whatever else the
# machine does meets all alike. Of each line the fastest run is printed.
set -eu

usage()
{
    cat <<'USAGE'
usage: phase9/bench.sh [--runs N] [--rounds N] [DIR...]

  DIR         directories with parse-bench (build/phase9 and build/clang/phase9,
              where they are)
  --runs N    how often each program runs (3)
  --rounds N  rounds of 0.1 s for each request in a run (5)
USAGE
}

stop()
{
    echo "bench.sh: $1" >&2
    exit 2
}

here=$(cd "$(dirname "$0")/.." && pwd)
runs=3
rounds=5
dirs=()
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --runs | --rounds)
        [ $# -ge 2 ] || stop "$1 needs a number; see --help"
        declare "${1#--}=$2"
        shift
        ;;
    -*) stop "unknown option $1; see --help" ;;
    *) dirs+=("$1") ;;
    esac
    shift
done
if [ ${#dirs[@]} -eq 0 ]; then
    for dir in "$here/build/phase9" "$here/build/clang/phase9"; do
        [ ! -x "$dir/parse-bench" ] || dirs+=("$dir")
    done
fi
[ ${#dirs[@]} -gt 0 ] || stop "nothing is built: ninja phase9"

# One processor: a parse is shorter than a migration.
pin=()
command -v taskset >/dev/null && pin=(taskset -c "$(($(nproc) - 1))")

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for ((run = 0; run < runs; run++)); do
    for i in "${!dirs[@]}"; do
        "${pin[@]}" "${dirs[i]}/parse-bench" --rounds "$rounds" \
            >"$scratch/$i.$run"
    done
done

# Lines that end in a time alone are the second table's.
for i in "${!dirs[@]}"; do
    echo "${dirs[i]#"$here"/}"
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
        "$scratch/$i".*
done
