#!/bin/bash
# phase6/bench.sh: the strategies to read and write files, on this machine.
# `ninja bench` runs it, and then it runs the benches of phases 3 and 4.
#
# Read the column "ratio": a ratio to the loop of system calls, taken within each
# round, the median. Beside it is the middle half of those ratios. If it reaches
# across 1.00, this machine was too busy, or there is nothing to see.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase6/bench.sh [--bin DIR] [--dir DIR] [--rounds N] [--files N]
                       [--only WORD] [--plots DIR] [--markdown] [--calls]
                       [--own]

  --bin DIR    the programs ($BUILD/phase6; BUILD is build, if not set)
  --dir DIR    where the files are made: the file system that is measured
               ($TMPDIR or /var/tmp)
  --rounds N   rounds of each measurement (11)
  --files N    how many small files (1000)
  --only WORD  only measurements whose name contains WORD; the names are
               LOAD-read or LOAD-write, and -cold behind it
  --plots DIR  also make DIR/bench-depth.svg, bench-cache.svg and
               bench-where.svg; needs gnuplot
  --markdown   also print the ratios as docs/measurements.md shows them
  --calls      instead, count the system calls of each strategy by strace
  --own        only these; else the benches of phases 3 and 4 follow

Cold runs drop the page cache, and are skipped unless run by root.
USAGE
}

dir=${TMPDIR:-/var/tmp}
rounds=11
files=1000
own=0
calls=0
markdown=0
plots=
parse_options "bin:DIR dir:DIR rounds:N files:N only:WORD plots:DIR markdown \
calls own" "$@"
find_programs phase6 bench
[ -z "$plots" ] || command -v gnuplot >/dev/null ||
    stop "--plots: gnuplot is not installed; ./setup --bench"
[ "$calls" -eq 0 ] || command -v strace >/dev/null ||
    stop "--calls: strace is not installed; ./setup"
make_scratch
export TMPDIR=$dir

# Every measurement: LOAD-read or LOAD-write, -cold, and the options of bench.
measurements()
{
    cat <<LIST
files-read --files $files
files-read-cold --files $files --cold
files-write --files $files --write
stream-read --load stream
stream-read-cold --load stream --cold
stream-write --load stream --write
random-read --load random
random-read-cold --load random --size 8M --cold
random-write --load random --write
direct-read --load direct --size 8M
direct-write --load direct --size 8M --write
LIST
}

# NAME OPTION...: prints the table, and keeps it in $scratch/NAME.table.
measure()
{
    local name=$1
    shift

    is_wanted "$name" || return 0
    if [[ $name == *-cold ]] && ! can_drop_cache; then
        printf '%s: skipped: only root may drop the page cache\n\n' "$name"
        return 0
    fi
    echo "$name: bench $*"
    "$bin/bench" --rounds "$rounds" "$@" >"$scratch/$name.table"
    cat "$scratch/$name.table"
    echo
}

# Calls --------------------------------------------------------------------

# ROUNDS OPTION...: prints "all futex" of a run under strace.
traced()
{
    strace -f -c -o "$scratch/calls" "$bin/bench" --rounds "$@" \
        >"$scratch/table"
    awk '$NF == "futex" { futex = $4 }
        $NF == "total" { print $4, futex + 0 }' "$scratch/calls"
}

# The calls of one round, threads and set-up included: two rounds make so many
# more than one. bench prints only those for the work.
count_calls()
{
    local strategy one two

    echo "system calls to read $files files of 4 KiB"
    echo "strategy   printed by bench   seen by strace   of them futex"
    for strategy in sync pool-4 pool-16 pool-64 posix-aio libuv ring-1 ring-16 \
        ring-256; do
        one=$(traced 1 --files "$files" --only "$strategy")
        two=$(traced 2 --files "$files" --only "$strategy")
        awk -v name="$strategy" -v one="$one" -v two="$two" '
            $1 == name {
                split(one, a)
                split(two, b)
                printf "%-10s %16d %16d %15d\n", name, $9, b[1] - a[1],
                    b[2] - a[2]
            }' "$scratch/table"
    done
}

# STRATEGY...: a table with one row per measurement.
print_markdown()
{
    local name strategy

    printf '| measurement | `sync` |'
    printf ' `%s` |' "$@"
    printf '\n|---|---|'
    printf '%s' "${@/*/---|}"
    echo
    while read -r name _; do
        [ -s "$scratch/$name.table" ] || continue
        awk -v name="$name" '$1 == "sync" {
            printf "| `%s` | %s ms |", name, $5 }' "$scratch/$name.table"
        for strategy; do
            awk -v name="$strategy" '$1 == name {
                if ($3 ~ /\.\./)
                    printf " %s (%s) |", $2, $3
                else
                    printf " |" # not measured
            }' "$scratch/$name.table"
        done
        echo
    done < <(measurements)
    echo
}

# Plots --------------------------------------------------------------------

# NAME STRATEGY: prints the ratio and its quartiles, or "?" if they are missing.
ratio_of()
{
    awk -v name="$2" '$1 == name {
            split($3, edge, /\.\./)
            print $2, edge[1], edge[2]
            found = 1
        }
        END { if (!found) print "? ? ?" }' "$scratch/$1.table" 2>/dev/null ||
        echo "? ? ?"
}

# FILE: runs gnuplot on the script on stdin; the plot is in $plots/FILE.
plot()
{
    {
        cat <<COMMON
set terminal svg size 720,400 dynamic background rgb "white" font "sans-serif,13"
set output "$plots/$1"
set datafile missing "?"
set border 3
set tics nomirror
set grid ytics
set logscale y
set ytics (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
set ylabel "time, divided by the time of sync"
COMMON
        cat
    } | gnuplot
}

# The ratio by the depth of the ring: one line per measurement.
plot_depth()
{
    local depth name names=()

    for name in files-read files-read-cold files-write random-write \
        direct-read; do
        [ ! -s "$scratch/$name.table" ] || names+=("$name")
    done
    for depth in 1 4 16 64 256; do
        echo "$depth $(for name in "${names[@]}"; do
            ratio_of "$name" "ring-$depth"
        done | tr '\n' ' ')"
    done >"$scratch/depth"
    plot bench-depth.svg <<PLOT
set logscale x 2
set xrange [0.8:320]
set xtics (1, 4, 16, 64, 256)
set xlabel "operations in flight on the ring"
set key outside right
set arrow from graph 0, first 1 to graph 1, first 1 nohead dt 2
names = "${names[*]}"
plot for [i=1:words(names)] "$scratch/depth" \\
    using 1:(column(3*i-1)):(column(3*i)):(column(3*i+1)) \\
    with yerrorlines lw 2 pt 7 ps 0.6 title word(names, i)
PLOT
}

# FILE NAME... -- STRATEGY...: a group of bars per measurement, with one bar per
# strategy. A bar begins at 1, the time of sync: upwards the strategy loses,
# downwards it wins.
plot_bars()
{
    local file=$1 name strategy names=()
    shift

    while [ "$1" != -- ]; do
        [ ! -s "$scratch/$1.table" ] || names+=("$1")
        shift
    done
    shift
    for name in "${names[@]}"; do
        echo "$name $(for strategy; do
            ratio_of "$name" "$strategy"
        done | tr '\n' ' ')"
    done >"$scratch/bars"
    plot "$file" <<PLOT
set xtics rotate by -30
set xrange [-0.6:${#names[@]}-0.4]
set key outside right
set style fill solid 0.8
strategies = "$*"
width = 0.8 / words(strategies)
plot "$scratch/bars" using 0:(1):xtic(1) with points pt -2 notitle, \\
    for [i=1:words(strategies)] "$scratch/bars" \\
    using (\$0-0.4+width*(i-0.5)):(column(3*i-1)):(\$0-0.4+width*(i-1)):\\
(\$0-0.4+width*i):(1):(column(3*i-1)) \\
    with boxxyerror title word(strategies, i), 1 lc "black" notitle
PLOT
}

describe_machine
printf 'files       in a file system of type %s\n\n' "$(stat -f -c %T "$dir")"
if [ "$calls" -eq 1 ]; then
    count_calls
    exit 0
fi
while read -r name options; do
    # shellcheck disable=SC2086
    measure "$name" $options
done < <(measurements)
if [ "$markdown" -eq 1 ]; then
    print_markdown pool-4 pool-16 pool-64 posix-aio libuv
    print_markdown ring-1 ring-4 ring-16 ring-64 ring-256
fi
if [ -n "$plots" ]; then
    plot_depth
    plot_bars bench-cache.svg files-read files-read-cold stream-read \
        stream-read-cold random-read random-read-cold -- pool-16 posix-aio \
        libuv ring-64
    plot_bars bench-where.svg files-read files-write stream-read stream-write \
        random-read random-write direct-read direct-write -- ring-1 ring-64
fi
[ "$own" -eq 0 ] || exit 0
for phase in phase3 phase4; do
    [ -x "$bench_root/$phase/bench.sh" ] || continue
    echo "--- $phase/bench.sh"
    "$bench_root/$phase/bench.sh"
    echo
done
