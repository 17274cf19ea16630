#!/bin/bash
# phase1/bench.sh: this phase's programs against coreutils, in one run.
#
# Each measurement runs two commands in turn. The script prints the ratio of
# their wall times, then the times themselves: the medians, the shortest and the
# longest. A ratio below 1 means that our program takes less time.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase1/bench.sh [--bin DIR] [--dir DIR] [--rounds N] [--size MIB]
                       [--files N] [--only WORD]

  --bin DIR     the programs ($BUILD/phase1; BUILD is build, if not set)
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

dir=${TMPDIR:-/tmp}
rounds=7
size=2048
files=10000
parse_options "bin:DIR dir:DIR rounds:N size:N files:N only:WORD" "$@"
find_programs phase1 cp-uring
make_scratch
make_folder "$dir"
cd "$folder"

# measure OURS|THEIRS: prints the wall time of that command's second run. In a
# virtual machine, the host may take back memory that is free for a while, and
# the next access to it is slow. So the first run gets the memory, and the
# second run uses it again.
measure()
{
    local command=${!1}

    eval "$prepare" && eval "$command" && eval "$prepare"
    timed eval "$command"
    echo "$took"
}

# pair NAME GOAL PREPARE OURS THEIRS: PREPARE runs before each command, untimed.
pair()
{
    # shellcheck disable=SC2034 # measure uses them by name
    local prepare=$3 ours=$4 theirs=$5 name

    is_wanted "$1" || return 0
    in_turns "$rounds" measure ours theirs
    print_ratio ours theirs "$(printf '%-34s goal %s' "$1" "$2")"
    for name in ours theirs; do
        spread $name 1 | awk -v name=$name '{
            printf "    %-6s %.3f s (%.3f..%.3f)\n",
                name, $1 / 1e6, $2 / 1e6, $3 / 1e6 }'
    done
}

sink="$bin/cat-uring >/dev/null" # empties a pipe without copying
head -c $((size << 20)) /dev/urandom >big
sync
# A warm file is one that has been read. A file that has just been written does
# not count as warm, because its memory is in smaller blocks.
! can_drop_cache || drop_cache
cat big >/dev/null

# Use one processor. On two, the reader and the writer of the pipe would wait
# for its lock.
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

# Remove the last copy before each run, and wait until the disk is idle.
pair "cp warm" "0.65" "rm -f out; sync" \
    "'$bin/cp-uring' big out" "cp big out"
pair "cp warm, cp --reflink=never" "0.75" "rm -f out; sync" \
    "'$bin/cp-uring' big out" "cp --reflink=never big out"
for engine in rw copy_file_range splice; do
    pair "cp warm, our own engine $engine" "-" "rm -f out; sync" \
        "'$bin/cp-uring' big out" "'$bin/cp-uring' --engine $engine big out"
done
if can_drop_cache; then
    pair "cp cold" "0.60" "rm -f out; drop_cache" \
        "'$bin/cp-uring' big out" "cp big out"
else
    echo "skipped: cp cold: dropping the page cache needs root"
fi
rm -f out big

make_small_files small "$files" 4096
# Each run copies to a new folder. ext4 without a journal does not reuse inodes
# that were deleted a moment ago, and takes seconds to find others.
# shellcheck disable=SC2016
pair "cp -r small files" "0.80" 'copy=$(mktemp -d copy.XXXXXX); sync' \
    "'$bin/cp-uring' -r small \"\$copy/small\"" 'cp -r small "$copy/small"'
if [ -d /dev/shm ] && [ -w /dev/shm ]; then
    make_folder /dev/shm
    cd "$folder"
    make_small_files small "$files" 4096
    pair "cp -r small files, tmpfs" "0.65" "rm -rf copy" \
        "'$bin/cp-uring' -r small copy" "cp -r small copy"
fi
