#!/usr/bin/env bats
# tests/tools/power-cuts finds copies that a power cut tears or loses.

bats_require_minimum_version 1.5.0

setup()
{
    root=$BATS_TEST_DIRNAME/../..
    export TMPDIR=$BATS_TEST_TMPDIR
}

needs_disk()
{
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a file system"
    command -v mkfs.ext4 >/dev/null || skip "mkfs.ext4 is not installed"
    truncate -s 4M "$TMPDIR/probe" && mkfs.ext4 -q "$TMPDIR/probe"
    mkdir "$TMPDIR/at"
    mount -o loop "$TMPDIR/probe" "$TMPDIR/at" || skip "no loop devices here"
    umount "$TMPDIR/at"
}

# A program in $TMPDIR/bin that copies by these commands: $2 is the source, and
# $3 the target.
copy_by()
{
    mkdir "$TMPDIR/bin"
    printf '#!/bin/sh\n%s\n' "$1" >"$TMPDIR/bin/cp-uring"
    chmod +x "$TMPDIR/bin/cp-uring"
}

@test "power cuts leave the old file or the new one of cp-uring --fsync" {
    needs_disk
    run -0 "$root/tests/tools/power-cuts" --cuts 4
    [[ ${lines[-1]} == *": 4 cuts: "*" 0 torn, 0 lost" ]]
}

@test "power cuts find a copy that does not sync, and ends with 0" {
    needs_disk
    copy_by 'cp "$2" "$3.new" && mv "$3.new" "$3"'
    run -1 "$root/tests/tools/power-cuts" --cuts 8 \
        --bin "$TMPDIR/bin"
    [[ $output == *": lost"* ]]
}

@test "power cuts find a file that is overwritten in place" {
    needs_disk
    copy_by 'dd if="$2" of="$3" bs=64k oflag=dsync conv=notrunc 2>/dev/null'
    run -1 "$root/tests/tools/power-cuts" --cuts 8 \
        --bin "$TMPDIR/bin"
    [[ $output == *": torn"* ]]
}

@test "power-cuts names the argument that is wrong" {
    run -2 "$root/tests/tools/power-cuts" --cuts none
    [[ $output == *"--cuts 'none' is not 1 to 999999"* ]]
    run -2 "$root/tests/tools/power-cuts" --bin "$TMPDIR"
    [[ $output == *"cp-uring"* ]]
    run -2 "$root/tests/tools/power-cuts" --seed
    [[ $output == *"--seed needs a value"* ]]
}
