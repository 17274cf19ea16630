#!/usr/bin/env bash
# bench.sh: what batched reads cost and save, measured in pairs.
#
# Each pair runs the synchronous loop and one mode right after one another, on
# the same files, so that whatever else the machine does hurts both. A ratio is
# the median of the pairs' own ratios (mode / loop: below 1 the ring is faster),
# and stands first; its spread is the middle half of them. Wall time is that of
# whole processes, from fork to exit, with stdout to /dev/null.
set -eu

bin=build/phase2
files=1000
warm_pairs=21
cold_pairs=7
sizes="4096 16384 65536"
modes="single batch linked fixed vectored"

usage()
{
    cat <<'USAGE'
usage: phase2/bench.sh [--bin DIR] [--files N] [--pairs N]

Prints ratios of batch to its own synchronous loop, with the page cache warm and
(as root) cold, and of random reads on a ring to pread. N pairs of each: 21
warm, 7 cold, if not said. Files are made in $TMPDIR, or /var/tmp: not on a
tmpfs, where nothing is ever cold.
USAGE
}

while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --bin) bin=$2 && shift ;;
    --files) files=$2 && shift ;;
    --pairs) warm_pairs=$2 cold_pairs=$2 && shift ;;
    *) usage >&2 && exit 2 ;;
    esac
    shift
done
[ -x "$bin/batch" ] || {
    echo "bench.sh: no $bin/batch: run ninja phase2 first" >&2
    exit 2
}

scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT

# COMMAND...: its wall time in microseconds, in $took.
timed()
{
    local start=${EPOCHREALTIME/[.,]/}

    "$@" >/dev/null
    took=$((${EPOCHREALTIME/[.,]/} - start))
}

forget_files()
{
    sync
    echo 3 >/proc/sys/vm/drop_caches
}

# FILE COLUMN QUANTILE: of a column of numbers.
quantile()
{
    sort -g -k "$2,$2" "$1" |
        awk -v column="$2" -v q="$3" '{ v[NR] = $column }
            END { print v[int((NR - 1) * q + 0.5) + 1] }'
}

# SIZE MODE PAIRS BEFORE: one line of the table; BEFORE runs before each.
compare()
{
    local i loop calls loop_calls

    : >"$scratch/pairs"
    for ((i = 0; i < $3; i++)); do
        $4
        timed "$bin/batch" --sync "$scratch/$1"/*
        loop=$took
        $4
        timed "$bin/batch" --mode "$2" "$scratch/$1"/*
        echo "$loop $took" >>"$scratch/pairs"
    done
    awk '{ print $1, $2, $2 / $1 }' "$scratch/pairs" >"$scratch/ratios"
    $4
    calls=$("$bin/batch" --mode "$2" --stats "$scratch/$1"/* 2>&1 >/dev/null |
        sed 's/.*system_calls=\([0-9]*\).*/\1/')
    loop_calls=$("$bin/batch" --sync --stats "$scratch/$1"/* 2>&1 >/dev/null |
        sed 's/.*system_calls=\([0-9]*\).*/\1/')
    printf '%6.2f  %5.2f..%-5.2f %-9s %8.2f %8.2f %8d %8d\n' \
        "$(quantile "$scratch/ratios" 3 0.5)" \
        "$(quantile "$scratch/ratios" 3 0.25)" \
        "$(quantile "$scratch/ratios" 3 0.75)" "$2" \
        "$(quantile "$scratch/ratios" 2 0.5 | awk '{ print $1 / 1000 }')" \
        "$(quantile "$scratch/ratios" 1 0.5 | awk '{ print $1 / 1000 }')" \
        "$calls" "$loop_calls"
}

# TITLE PAIRS BEFORE SIZE
table()
{
    echo "$1: $files files of $4 bytes, $2 pairs"
    echo " ratio  spread       mode            ms  loop ms    calls loop calls"
    for mode in $modes; do
        compare "$4" "$mode" "$2" "$3"
    done
    echo
}

for size in $sizes; do
    mkdir "$scratch/$size"
    head -c $((size * files)) /dev/urandom |
        split -b "$size" -a 4 - "$scratch/$size/"
    cat "$scratch/$size"/* >/dev/null
    table warm "$warm_pairs" : "$size"
done
if [ -w /proc/sys/vm/drop_caches ]; then
    for size in $sizes; do
        table cold "$cold_pairs" forget_files "$size"
    done
else
    echo "cold: skipped: only root may drop the page cache"
fi

head -c 256M /dev/urandom >"$scratch/blocks"
sync
echo "random: blocks of 4096 bytes, O_DIRECT, 32 in flight, $cold_pairs runs"
for ((i = 0; i < cold_pairs; i++)); do
    "$bin/random-read" "$scratch/blocks"
done >"$scratch/random"
for way in ring "ring, registered"; do
    sed -n "s/^$way  *\([0-9]*\) reads.s  *\([0-9.]*\) times/\2 \1/p" \
        "$scratch/random" >"$scratch/ratios"
    printf '%6.1f times pread (%.1f..%.1f): %s, %d reads/s\n' \
        "$(quantile "$scratch/ratios" 1 0.5)" \
        "$(quantile "$scratch/ratios" 1 0.25)" \
        "$(quantile "$scratch/ratios" 1 0.75)" "$way" \
        "$(quantile "$scratch/ratios" 2 0.5)"
done
