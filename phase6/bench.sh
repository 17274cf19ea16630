#!/bin/bash
# phase6/bench.sh: what `ninja bench` runs: the strategies to read many files,
# on this machine, and then what each phase measures for itself.
#
# Read the first column: a ratio to the synchronous loop, measured in pairs, the
# median. The second is the middle half of those ratios. If it reaches across
# 1.00, this machine was too busy, or there is nothing to see.
set -eu

usage()
{
    cat <<'USAGE'
usage: phase6/bench.sh [--bin DIR] [--dir DIR] [--rounds N] [--files N] [--own]

  --bin DIR    the programs (build/phase6)
  --dir DIR    where the files are made: the file system that is measured
               ($TMPDIR or /var/tmp)
  --rounds N   rounds of each measurement (21; cold 7)
  --files N    how many files (1000)
  --own        only these; else the benches of phases 3 and 4 follow

The cold ones drop the page cache, and are skipped unless run by root.
USAGE
}

stop()
{
    echo "bench.sh: $1" >&2
    exit 2
}

top=$(cd "$(dirname "$0")/.." && pwd)
bin=$top/build/phase6
dir=${TMPDIR:-/var/tmp}
rounds=21
cold_rounds=7
files=1000
own=0
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --own) own=1 ;;
    --bin | --dir | --rounds | --files)
        [ $# -ge 2 ] || stop "$1 needs a value; see --help"
        case $1 in
        --bin) bin=$2 ;;
        --dir) dir=$2 ;;
        --rounds) rounds=$2 cold_rounds=$2 ;;
        --files) files=$2 ;;
        esac
        shift
        ;;
    *) stop "unknown option $1; see --help" ;;
    esac
    shift
done
[ -x "$bin/bench" ] || stop "no $bin/bench: run ninja phase6 first"
[ -d "$dir" ] || stop "there is no folder $dir"

machine()
{
    printf 'machine     %s, %s processors, %s MiB\n' \
        "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
        "$(getconf _NPROCESSORS_ONLN)" \
        "$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)"
    printf 'kernel      Linux %s\n' "$(uname -r | cut -d - -f 1)"
    printf 'files       in %s\n' \
        "$(stat -f -c 'a file system of type %T' "$dir")"
    printf 'load        %s\n\n' "$(cut -d ' ' -f 1-3 /proc/loadavg)"
}

measure() # ROUNDS OPTION...
{
    TMPDIR=$dir "$bin/bench" --files "$files" --rounds "$@"
    echo
}

machine
for size in 4096 65536; do
    measure "$rounds" --size "$size"
done
if [ -w /proc/sys/vm/drop_caches ]; then
    for size in 4096 65536; do
        measure "$cold_rounds" --size "$size" --cold
    done
else
    printf 'cold: skipped: only root may drop the page cache\n\n'
fi
[ "$own" -eq 0 ] || exit 0
for phase in phase3 phase4; do
    [ -x "$top/$phase/bench.sh" ] || continue
    echo "--- $phase/bench.sh"
    "$top/$phase/bench.sh"
    echo
done
