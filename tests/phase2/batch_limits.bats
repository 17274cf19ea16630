# batch with few descriptors, little memory to lock, or little memory at all:
# the bytes are the same.
#
# Judges: batch.

# bats file_tags=exotic

load ../support/judge
load batch

# Whether the programs are instrumented: memory limits are not for them then.
skip_under_asan()
{
    if grep -q __asan_init "$BIN/batch"; then
        skip "AddressSanitizer maps terabytes of address space"
    fi
}

with_16_descriptors()
{
    (ulimit -n 16 && "$batch" --mode "$mode" f*) | same_bytes want -
    [ -n "${LEARNER-}" ] || (ulimit -n 16 && "$batch" --mode "$mode" --verify f*)
}

@test "16 descriptors are enough for any number of files" {
    make_files 100
    cat f* >want
    each_mode with_16_descriptors
}

# COMMAND...: as an unprivileged user who may lock $1 KiB of memory.
limited()
{
    (ulimit -l "$1" && shift &&
        setpriv --reuid 54323 --regid 54323 --clear-groups "$@")
}

with_little_locked_memory()
{
    # None at all: a ring is refused, unless a kernel does not count it.
    run --separate-stderr limited 0 "$batch" --mode "$mode" f001 f005
    if [ "$status" -ne 0 ]; then
        exits 2
        says "(ENOMEM): " "raise ulimit -l"
        [ -z "$output" ]
    fi
    # Enough for the ring, and not for four megabytes of buffers.
    limited 128 "$batch" --mode "$mode" f* | same_bytes want -
    [ "$mode" != fixed ] || [ -n "${LEARNER-}" ] || {
        limited 128 "$batch" --mode fixed --stats f* 2>stats | same_bytes want -
        grep buffers=refused stats
    }
}

@test "without locked memory batch writes the right bytes, or reports ENOMEM" {
    skip_unless_root
    chmod 755 .
    make_files 12
    cat f* >want
    each_mode with_little_locked_memory
}

within_a_limit()
{
    (ulimit -v 65536 && "$batch" --mode "$mode" huge?) | same_bytes want -
}

@test "the window limits the memory of batch, whatever the files" {
    skip_under_asan
    for i in 1 2 3; do
        echo "$i" >huge$i
        truncate -s 100M huge$i
    done
    cat huge? >want
    each_mode within_a_limit
}

nothing_stays_open()
{
    "$batch" --mode "$mode" f* /proc/self/fd/1 >/dev/null 2>&1 || true
    (ulimit -n 10 && "$batch" --mode "$mode" f* f* f* f*) | same_bytes - want
}

@test "batch closes each descriptor when its file ends" {
    make_files 12
    cat f* f* f* f* >want
    each_mode nothing_stays_open
}
