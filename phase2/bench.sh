#!/bin/bash
# phase2/bench.sh: what batched reads cost and save, measured in pairs.
#
# Each pair runs the synchronous loop and then one mode on the same files, so
# that other load on the machine slows both. The ratio of a pair is the wall
# time of the mode divided by that of the loop; below 1 the ring is faster. Each
# line shows the median of the ratios, and the quartiles between which the
# middle half of them is. The wall time is that of a whole process, from fork to
# exit, with stdout to /dev/null.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase2/bench.sh [--bin DIR] [--dir DIR] [--rounds N] [--files N]
                       [--only WORD]

Prints ratios of batch to its own synchronous loop, with the page cache warm and
(as root) cold, and of random reads on a ring to pread.

  --bin DIR     the programs ($BUILD/phase2; BUILD is build, if not set)
  --dir DIR     where to make the files ($TMPDIR or /var/tmp): not on a tmpfs,
                where nothing is ever cold
  --rounds N    pairs of each measurement (21 warm, 7 cold)
  --files N     how many files (1000)
  --only WORD   only tables whose title contains WORD: warm, cold, random, or
                the size of the files
USAGE
}

dir=${TMPDIR:-/var/tmp}
files=1000
modes="single batch linked fixed vectored"
parse_options "bin:DIR dir:DIR rounds:N files:N only:WORD" "$@"
warm_rounds=${rounds:-21}
cold_rounds=${rounds:-7}
find_programs phase2 batch
make_scratch
make_folder "$dir"

option() # loop or MODE: sets $how
{
    how=(--mode "$1")
    [ "$1" != loop ] || how=(--sync)
}

measure() # loop or MODE: its wall time
{
    option "$1"
    $prepare
    timed "$bin/batch" "${how[@]}" "$folder/$size"/* >/dev/null
    echo "$took"
}

calls() # loop or MODE: how many system calls it makes
{
    option "$1"
    "$bin/batch" "${how[@]}" --stats "$folder/$size"/* 2>&1 >/dev/null |
        sed 's/.*system_calls=\([0-9]*\).*/\1/'
}

# compare MODE ROUNDS: prints one line of the table.
compare()
{
    in_turns "$2" measure loop "$1"
    $prepare
    echo "$(ratios "$1" loop | quantiles 1 0.5 0.25 0.75)" \
        "$(spread "$1" 1) $(spread loop 1) $(calls "$1") $(calls loop)" |
        awk -v mode="$1" '{
            printf "%6.2f  %5.2f..%-5.2f %-9s %8.2f %8.2f %8d %8d\n",
                $1, $2, $3, mode, $4 / 1000, $7 / 1000, $10, $11 }'
}

# table TITLE ROUNDS PREPARE SIZE: prints a table. PREPARE runs before each
# command.
table()
{
    local title="$1: $files files of $4 bytes, $2 pairs"
    local prepare=$3 size=$4 mode

    is_wanted "$title" || return 0
    echo "$title"
    echo " ratio  spread       mode            ms  loop ms    calls loop calls"
    for mode in $modes; do
        compare "$mode" "$2"
    done
    echo
}

random_read() # adds a line "RATIO READS-PER-SECOND" for each of the two ways
{
    local way

    "$bin/random-read" "$folder/blocks" >"$scratch/random"
    for way in ring "ring, registered"; do
        sed -n "s/^$way  *\([0-9]*\) reads.s  *\([0-9.]*\) times/\2 \1/p" \
            "$scratch/random" >>"$scratch/$way.rounds"
    done
}

random_reads()
{
    local title="random: blocks of 4096 bytes, O_DIRECT, 32 in flight"
    local i way

    is_wanted "$title" || return 0
    head -c 256M /dev/urandom >"$folder/blocks"
    sync
    echo "$title, $cold_rounds runs"
    for ((i = 0; i < cold_rounds; i++)); do
        random_read
    done
    for way in ring "ring, registered"; do
        echo "$(quantiles 1 0.5 0.25 0.75 <"$scratch/$way.rounds")" \
            "$(quantiles 2 0.5 <"$scratch/$way.rounds")" |
            awk -v way="$way" '{
                printf "%6.1f times pread (%.1f..%.1f): %s, %d reads/s\n",
                    $1, $2, $3, way, $4 }'
    done
}

for size in 4096 16384 65536; do
    make_small_files "$folder/$size" "$files" "$size"
    cat "$folder/$size"/* >/dev/null
    table warm "$warm_rounds" : "$size"
done
if can_drop_cache; then
    for size in 4096 16384 65536; do
        table cold "$cold_rounds" drop_cache "$size"
    done
else
    echo "cold: skipped: only root may drop the page cache"
fi
random_reads
