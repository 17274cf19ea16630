#!/bin/bash
# phase6/bench.sh: the ways to read many files, on this machine; `ninja bench`
# runs it, and then it runs the benches of phases 3 and 4.
#
# Read the first column: a ratio to the synchronous loop, measured in pairs, the
# median. The second is the middle half of those ratios. If it reaches across
# 1.00, this machine was too busy, or there is nothing to see.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase6/bench.sh [--bin DIR] [--dir DIR] [--rounds N] [--files N] [--own]

  --bin DIR    the programs ($BUILD/phase6; BUILD is build, if not set)
  --dir DIR    where the files are made: the file system that is measured
               ($TMPDIR or /var/tmp)
  --rounds N   rounds of each measurement (21; cold 7)
  --files N    how many files (1000)
  --own        only these; else the benches of phases 3 and 4 follow

The cold ones drop the page cache, and are skipped unless run by root.
USAGE
}

dir=${TMPDIR:-/var/tmp}
files=1000
own=0
parse_options "bin:DIR dir:DIR rounds:N files:N own" "$@"
find_programs phase6 bench

measure() # ROUNDS OPTION...
{
    TMPDIR=$dir "$bin/bench" --files "$files" --rounds "$@"
    echo
}

describe_machine
printf 'files       in a file system of type %s\n\n' "$(stat -f -c %T "$dir")"
for size in 4096 65536; do
    measure "${rounds:-21}" --size "$size"
done
if can_drop_cache; then
    for size in 4096 65536; do
        measure "${rounds:-7}" --size "$size" --cold
    done
else
    printf 'cold: skipped: only root may drop the page cache\n\n'
fi
[ "$own" -eq 0 ] || exit 0
for phase in phase3 phase4; do
    [ -x "$bench_root/$phase/bench.sh" ] || continue
    echo "--- $phase/bench.sh"
    "$bench_root/$phase/bench.sh"
    echo
done
