#!/bin/bash
# phase1/bench.sh: this phase's programs against coreutils, in one run.
#
# Each measurement is a pair of commands, run alternately (A B A B ...) so that
# whatever else the machine does meets both alike. Printed is the ratio of the
# two wall times, then the times themselves: medians, and least to greatest.
# Below 1 means that ours takes less time.
set -eu

usage()
{
    cat <<'USAGE'
usage: phase1/bench.sh [--bin DIR] [--dir DIR] [--rounds N] [--size MIB]
                       [--files N] [--only WORD]

  --bin DIR     the programs (build/phase1)
  --dir DIR     where to make the files: the file system that is measured
                ($TMPDIR or /tmp); small files are measured in /dev/shm as well
  --rounds N    pairs of each measurement (7)
  --size MIB    the big file (2048)
  --files N     the small files, 4 KiB each (10000)
  --only WORD   only measurements whose name contains WORD

Cold measurements need root, to drop the page cache; otherwise they are
skipped. Needs twice the big file's room.
USAGE
}

stop()
{
    echo "bench.sh: $1" >&2
    exit 2
}

here=$(cd "$(dirname "$0")/.." && pwd)
bin=$here/build/phase1
dir=${TMPDIR:-/tmp}
rounds=7
size_mib=2048
files=10000
only=
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --bin | --dir | --rounds | --size | --files | --only)
        [ $# -ge 2 ] || stop "$1 needs a value; see --help"
        case $1 in
        --bin) bin=$(cd "$2" && pwd) ;;
        --dir) dir=$2 ;;
        --rounds) rounds=$2 ;;
        --size) size_mib=$2 ;;
        --files) files=$2 ;;
        --only) only=$2 ;;
        esac
        shift
        ;;
    *) stop "unknown option $1; see --help" ;;
    esac
    shift
done
[ -x "$bin/cp-uring" ] || stop "no programs in $bin: ninja phase1 makes them"

scratch=$(mktemp -d "$dir/bench.XXXXXX")
shm=$(mktemp -d /dev/shm/bench.XXXXXX 2>/dev/null || true)
trap 'rm -rf "$scratch" ${shm:+"$shm"}' EXIT
trap 'exit 130' INT TERM
cd "$scratch"

# COMMAND: its wall time in microseconds.
time_us()
{
    local begin=${EPOCHREALTIME/[.,]/}

    eval "$1" || stop "failed: $1"
    echo $((${EPOCHREALTIME/[.,]/} - begin))
}

# PREPARE COMMAND: the wall time of COMMAND, after it has been run once. In a
# virtual machine, memory that was free for a while may have been returned to
# the host, and is slow when it is touched again; so each command finds the very
# memory that it has just used.
again_us()
{
    eval "$1" && eval "$2" && eval "$1"
    time_us "$2"
}

# Reads numbers; prints "MEDIAN LEAST GREATEST".
spread()
{
    sort -n | awk '{ v[NR] = $1 } END {
        m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        print m, v[1], v[NR] }'
}

# NAME GOAL PREPARE OURS THEIRS: PREPARE runs before each command, untimed.
pair()
{
    local name=$1 goal=$2 prepare=$3 ours=$4 theirs=$5 a b
    local times_a times_b ratios

    case $name in *"$only"*) ;; *) return ;; esac
    times_a=$scratch/.a times_b=$scratch/.b ratios=$scratch/.r
    : >"$times_a"
    : >"$times_b"
    : >"$ratios"
    for ((i = 0; i < rounds; i++)); do
        a=$(again_us "$prepare" "$ours")
        b=$(again_us "$prepare" "$theirs")
        echo "$a" >>"$times_a"
        echo "$b" >>"$times_b"
        awk "BEGIN { print $a / $b }" >>"$ratios"
    done
    echo "$(spread <"$ratios") $(spread <"$times_a") $(spread <"$times_b")" |
        awk -v name="$name" -v goal="$goal" '{
            printf "%.2f (%.2f..%.2f)  %-34s goal %s\n", $1, $2, $3, name, goal
            printf "    ours   %.3f s (%.3f..%.3f)\n", $4/1e6, $5/1e6, $6/1e6
            printf "    theirs %.3f s (%.3f..%.3f)\n", $7/1e6, $8/1e6, $9/1e6
        }'
}

# Directory of small files.
make_small()
{
    mkdir -p "$1"
    head -c $((files * 4096)) /dev/urandom |
        split -b 4096 -a 5 --numeric-suffixes - "$1/f"
}

drop_cache()
{
    sync
    echo 3 >/proc/sys/vm/drop_caches
}

sink="$bin/cat-uring >/dev/null" # empties a pipe without copying
head -c $((size_mib << 20)) /dev/urandom >big
sync
# Warm is a file that has been read, not one that has just been written: its
# memory comes in larger blocks then.
[ ! -w /proc/sys/vm/drop_caches ] || drop_cache
cat big >/dev/null

# On two processors the ends of the pipe quarrel over its lock.
one="taskset -c 0 bash -c"
pair "cat into a pipe, one processor" "0.10" : \
    "$one \"'$bin/cat-uring' big | $sink\"" "$one \"cat big | $sink\""
pair "cat into a pipe, two processors" "-" : \
    "'$bin/cat-uring' big | $sink" "cat big | $sink"
pair "cat into a pipe that cat reads" "-" : \
    "'$bin/cat-uring' big | cat >/dev/null" "cat big | cat >/dev/null"
pair "cat to /dev/null" "1.05" : \
    "'$bin/cat-uring' big >/dev/null" "cat big >/dev/null"
pair "cat-raw to /dev/null" "-" : \
    "'$bin/cat-raw' big >/dev/null" "cat big >/dev/null"

# The copy of before is removed, and on the disk is what has to be.
pair "cp warm" "0.65" "rm -f out; sync" \
    "'$bin/cp-uring' big out" "cp big out"
pair "cp warm, cp --reflink=never" "0.75" "rm -f out; sync" \
    "'$bin/cp-uring' big out" "cp --reflink=never big out"
for engine in rw copy_file_range splice; do
    pair "cp warm, our own engine $engine" "-" "rm -f out; sync" \
        "'$bin/cp-uring' big out" "'$bin/cp-uring' --engine $engine big out"
done
if [ -w /proc/sys/vm/drop_caches ]; then
    pair "cp cold" "0.60" "rm -f out; drop_cache" \
        "'$bin/cp-uring' big out" "cp big out"
else
    echo "skipped: cp cold: dropping the page cache needs root"
fi
rm -f out big

make_small small
# A new directory for each: ext4 without a journal looks for inodes past those
# that were deleted a moment ago, and takes seconds for it.
# shellcheck disable=SC2016
pair "cp -r small files" "0.80" 'copy=$(mktemp -d copy.XXXXXX); sync' \
    "'$bin/cp-uring' -r small \"\$copy/small\"" 'cp -r small "$copy/small"'
if [ -n "$shm" ]; then
    make_small "$shm/small"
    cd "$shm"
    pair "cp -r small files, tmpfs" "0.65" "rm -rf copy" \
        "'$bin/cp-uring' -r small copy" "cp -r small copy"
fi
