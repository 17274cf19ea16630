#!/bin/bash
# phase1/bench.sh: this phase's programs against coreutils, in one run.
#
# Each measurement is a pair of commands, run in turn. Printed is the ratio of
# the two wall times, then the times themselves: medians, and least to greatest.
# Below 1 means that ours takes less time.
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

# OURS|THEIRS: the wall time of its command, after it has been run once. In a
# virtual machine, memory that was free for a while may have been returned to
# the host, and is slow when it is touched again; so each command finds the very
# memory that it has just used.
measure()
{
    local command=${!1}

    eval "$prepare" && eval "$command" && eval "$prepare"
    timed eval "$command"
    echo "$took"
}

# NAME GOAL PREPARE OURS THEIRS: PREPARE runs before each command, untimed.
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
# Warm is a file that has been read, not one that has just been written: its
# memory comes in larger blocks then.
! can_drop_cache || drop_cache
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

# Before each copy the last one is removed, and the disk has nothing to write.
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
# A new place for each: ext4 without a journal looks for inodes past those that
# were deleted a moment ago, and takes seconds for it.
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
