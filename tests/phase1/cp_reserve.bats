# cp-uring and the space of its target: it is reserved only where that changes
# nothing but the speed.
#
# Judges: cp-uring.

bats_require_minimum_version 1.5.0

setup()
{
    cp=$BIN/cp-uring
    cd "$BATS_TEST_TMPDIR" || return
    mkdir disk
}

teardown()
{
    umount "$BATS_TEST_TMPDIR/disk" 2>/dev/null || true
}

# OPTIONS: a btrfs of 128 MiB in disk/, or the test is skipped.
mount_btrfs()
{
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a file system"
    command -v mkfs.btrfs >/dev/null || skip "mkfs.btrfs is not installed"
    truncate -s 128M image
    mkfs.btrfs -q -f image >/dev/null || skip "mkfs.btrfs cannot make this one"
    mount -o "loop,$1" image disk 2>/dev/null || skip "no btrfs here"
}

needs_strace()
{
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS=detect_leaks=0 # which cannot look under strace
}

@test "a file that fits only compressed is copied to a compressing btrfs" {
    mount_btrfs compress=zstd
    yes "the same line again and again" | head -c 300M >source
    for engine in uring rw; do
        "$cp" --engine "$engine" source disk/target
        cmp source disk/target
        rm disk/target
        sync -f disk
    done
}

@test "no space is reserved on a file system that copies on write" {
    needs_strace
    mount_btrfs compress=zstd
    head -c 3M /dev/zero >source
    strace -qq -o trace -e trace=fallocate "$cp" --sparse never source \
        disk/target
    cmp source disk/target
    run ! grep fallocate trace
}

@test "space is reserved on ext4, XFS and tmpfs" {
    needs_strace
    head -c 3M /dev/urandom >source
    case $(stat -f -c %T .) in
    ext2/ext3 | xfs | tmpfs) ;;
    *) skip "the temporary directory is on another file system" ;;
    esac
    strace -qq -o trace -e trace=fallocate "$cp" source target
    grep -q 'fallocate(.*3145728) *= 0' trace
}
