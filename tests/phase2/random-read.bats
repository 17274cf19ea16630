# random-read: the numbers are the machine's, the bytes are the same.
#
# Judges: random-read.

# bats file_tags=manners

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    head -c 1M /dev/urandom >blocks
    dd if=blocks of=/dev/null iflag=direct bs=4096 count=1 2>/dev/null ||
        skip "this file system has no O_DIRECT"
}

@test "all three ways of random-read read the same blocks at any depth" {
    for depth in 1 2 32 256; do
        run -0 "$BIN/random-read" --depth $depth --reads 300 blocks
        [ "${#lines[@]}" -eq 3 ]
        [[ ${lines[0]} =~ ^pread\ +[0-9]+\ reads/s$ ]]
        [[ ${lines[1]} =~ ^ring\ +[0-9]+\ reads/s\ +[0-9.]+\ times$ ]]
        [[ ${lines[2]} =~ ^"ring, registered"\ +[0-9]+\ reads/s ]]
    done
}

@test "random-read ends if it has fewer reads than the depth" {
    run -0 timeout 20 "$BIN/random-read" --depth 64 --reads 3 blocks
}

@test "random-read reports refused registration without failing" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0 # it cannot run under ptrace
    run -0 strace -qq -o /dev/null -e inject=io_uring_register:error=ENOMEM \
        "$BIN/random-read" --reads 10 blocks
    [[ $output == *"ring, registered   refused: Cannot allocate memory"* ]]
}

@test "random-read measures a block device, whose stat size is 0" {
    [ "$(id -u)" -eq 0 ] || skip "only root can make a block device"
    device=$(losetup --find --show blocks) || skip "no loop device here"
    code=0
    "$BIN/random-read" --reads 50 "$device" >out 2>&1 || code=$?
    losetup --detach "$device"
    cat out
    [ "$code" -eq 0 ]
    grep "^ring, registered" out
}

mount_and_measure()
{
    truncate -s 60M image
    mkfs.ext4 -q -F image
    mkdir mnt
    mount -o loop image mnt || return 77
    cp blocks mnt/f
    for _ in $(seq 20); do
        "$BIN/random-read" --reads 100 mnt/f >/dev/null || return
        umount mnt || { umount --lazy mnt && return 1; }
        mount -o loop image mnt || return
    done
    umount mnt
}

@test "a file system can be unmounted as soon as random-read has ended" {
    [ "$(id -u)" -eq 0 ] || skip "only root can mount"
    command -v mkfs.ext4 >/dev/null || skip "mkfs.ext4 is not installed"
    unshare --mount true 2>/dev/null || skip "no mount namespaces here"
    export -f mount_and_measure
    code=0
    BIN=$BIN unshare --mount bash -c mount_and_measure || code=$?
    [ "$code" -ne 77 ] || skip "no loop device here"
    [ "$code" -eq 0 ]
}

@test "random-read names an unreadable file" {
    run -2 "$BIN/random-read" nowhere
    [[ $output == *"nowhere: No such file or directory (ENOENT)"* ]]
    head -c 100 blocks >short
    run -2 "$BIN/random-read" short
    [[ $output == *"short: No data available (ENODATA)"* ]]
}

@test "a wrong command line of random-read exits with 2, --help with 0" {
    for wrong in "" "a b" "--depth 0 blocks" "--depth 257 blocks" \
        "--reads 0 blocks" "--nothing blocks" "--depth 4294967328 blocks" \
        "--depth 4x blocks" "--depth +4 blocks" "--reads -1 blocks" \
        "--reads 18446744073709551617 blocks" "--reads 1e3 blocks"; do
        # shellcheck disable=SC2086
        run -2 timeout 20 "$BIN/random-read" $wrong
    done
    run -0 "$BIN/random-read" --help
    run -0 "$BIN/random-read" --version
    [ "$output" = "random-read (one-ring) 0.1" ]
}

@test "random-read fails if stdout is full" {
    for arguments in --help --version "--reads 10 blocks"; do
        # shellcheck disable=SC2086
        run -1 --separate-stderr bash -c '"$0" "$@" >/dev/full' \
            "$BIN/random-read" $arguments
        says_exactly "random-read: stdout: No space left on device (ENOSPC)"
    done
}
