# cp-uring and the page cache: a long source that is not there is read past it.
#
# Judges: cp-uring.

# bats file_tags=exotic

load ../support/judge

setup()
{
    cp=$BIN/cp-uring
    cd "$BATS_TEST_TMPDIR" || return
}

# BYTES FILE: a file, on the disk and not in the cache.
make_cold()
{
    head -c "$1" /dev/urandom >"$2"
    evict "$2"
}

# FILE
evict()
{
    sync "$1"
    dd if="$1" iflag=nocache count=0 status=none
}

# ARGUMENT…: copies source to target, which is right then. Prints how many reads
# went past the cache.
direct_reads()
{
    "$cp" --stats=json "$@" source target 2>stats
    same_bytes source target
    sed 's/.*"direct_reads":\([0-9]*\),.*/\1/' stats
    evict source # where cmp has put it
}

# What the program asks, asked in another way.
needs_cold()
{
    "$TOOLS/syscalls" has-cachestat ||
        skip "this kernel does not tell what is in the page cache (cachestat)"
    case $(stat -f -c %T .) in
    ext2/ext3 | xfs) ;;
    *) skip "unknown whether this file system says what O_DIRECT takes" ;;
    esac
    dd if=/dev/zero of=try bs=4096 count=1 oflag=direct status=none ||
        skip "this file system has no O_DIRECT"
}

@test "a long source that is not in the page cache is read past it" {
    needs_cold
    for size in 16777216 16777217 20000000 33558527; do
        make_cold "$size" source
        [ "$(direct_reads)" -gt 0 ]
        [ "$(direct_reads --depth 1 --block-size 4K)" -gt 4000 ]
        [ "$(direct_reads --depth 3 --block-size 20M)" -gt 0 ]
    done
}

@test "a copy past the page cache does not leave its source there" {
    needs_cold
    make_cold 20000000 source
    "$cp" source target
    "$cp" --stats=json source target 2>stats
    run ! grep '"direct_reads":0,' stats
    same_bytes source target
}

@test "a source in the page cache is copied from there" {
    make_cold 20000000 source
    cat source >/dev/null
    "$cp" --stats=json source target 2>stats
    grep '"direct_reads":0,' stats
    same_bytes source target
}

@test "a source that is partly in the page cache is copied from there" {
    make_cold 40000000 source
    head -c 20000000 source >/dev/null
    "$cp" --stats=json source target 2>stats
    grep '"direct_reads":0,' stats
    same_bytes source target
}

@test "a source whose data around holes is cached is copied from there" {
    truncate -s 64M source
    head -c 1000000 /dev/urandom |
        dd of=source bs=1M seek=30 conv=notrunc status=none
    [ "$(stat -c %b source)" -lt 4096 ] || skip "no holes in this file system"
    sync source
    dd if=source of=/dev/null bs=1M skip=30 count=1 status=none
    "$cp" --stats=json source target 2>stats
    grep '"direct_reads":0,' stats
    same_bytes source target
}

@test "a source that has just been written is copied from the page cache" {
    head -c 20000000 /dev/urandom >source
    "$cp" --stats=json source target 2>stats
    grep '"direct_reads":0,' stats
    same_bytes source target
}

@test "the holes of a source that is read past the page cache are kept" {
    needs_cold
    truncate -s 64M source
    for offset in 5000000 20000001 67000000; do
        head -c 70001 /dev/urandom |
            dd of=source bs=4K seek="$offset" oflag=seek_bytes conv=notrunc \
                status=none
    done
    [ "$(stat -c %b source)" -lt 1000 ] || skip "no holes in this file system"
    evict source
    [ "$(direct_reads)" -gt 0 ]
    [ "$(stat -c %b target)" -le "$(stat -c %b source)" ]
    [ "$(direct_reads --sparse=never)" -gt 0 ]
}

@test "a long source is read through the page cache on request" {
    make_cold 20000000 source
    [ "$(direct_reads --direct=never)" -eq 0 ]
}

@test "if blocks or engine need it, a source is read through the page cache" {
    make_cold 20000000 source
    [ "$(direct_reads --block-size 5000)" -eq 0 ]
    for engine in rw copy_file_range splice; do
        [ "$(direct_reads --engine "$engine")" -eq 0 ]
    done
}

@test "--direct makes every capable engine read past the page cache" {
    needs_cold
    make_cold 1000000 source
    for engine in uring rw; do
        [ "$(direct_reads --direct --engine "$engine")" -gt 0 ]
    done
}

@test "a short source goes through the page cache" {
    make_cold 1000000 source
    [ "$(direct_reads)" -eq 0 ]
    [ "$(direct_reads --direct=auto)" -eq 0 ]
}

@test "-p and -r copy a cold source like any other" {
    needs_cold
    mkdir tree
    make_cold 20000000 tree/cold
    "$cp" -rp --stats=json tree copy 2>stats
    run ! grep '"direct_reads":0,' stats
    diff -r tree copy
    [ "$(stat -c '%a %Y' tree/cold)" = "$(stat -c '%a %Y' copy/cold)" ]
}
