# cp-uring -p keeps the extended attributes of files and directories, where that
# is possible.
#
# Judges: cp-uring.

# bats file_tags=exotic

load ../support/judge

setup()
{
    judge cp-uring
    cp=$BIN/cp-uring
    tool=$TOOLS/syscalls
    cd "$BATS_TEST_TMPDIR" || return
    echo bytes >source
    "$tool" set-xattr source user.lang de 2>/dev/null ||
        skip "this file system has no extended attributes"
    export ASAN_OPTIONS=detect_leaks=0 # which cannot look under strace
}

teardown()
{
    [ ! -d small ] || umount small 2>/dev/null || true
}

# FILE NAME VALUE: the file has an attribute with this value.
has()
{
    local value
    value=$("$tool" get-xattr "$1" "$2" 2>&1) || true
    [ "$value" = "$3" ] || { echo "$1: $2 is '$value', not '$3'"; false; }
}

# FILE NAME: the file has no such attribute.
has_no()
{
    run ! --separate-stderr "$tool" get-xattr "$1" "$2"
}

# COMMAND...: runs it as an ordinary user. Paths are relative: the directories
# above may be closed.
as_another()
{
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
        return
    fi
    setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null ||
        skip "no other user in this container"
    chmod 755 .
    setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# TYPE OPTIONS: a file system of our own in small/, or the test is skipped.
mount_small()
{
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a file system"
    mkdir small
    mount -t "$1" -o "$2" none small 2>/dev/null || skip "no $1 here"
}

@test "-p keeps every extended attribute of a file, by each engine" {
    for i in $(seq 20); do "$tool" set-xattr source user.n$i "value $i"; done
    "$tool" set-xattr source user.empty ""
    for engine in uring rw copy_file_range splice; do
        rm -f target
        "$cp" -p --engine $engine source target
        cmp source target
        has target user.lang de
        has target user.empty ""
        for i in $(seq 20); do has target user.n$i "value $i"; done
    done
}

@test "without -p no extended attribute is copied" {
    "$cp" source target
    has_no target user.lang
}

@test "-p keeps the extended attributes of files in a tree, and of many files" {
    mkdir -p tree/below many
    for i in $(seq 30); do
        echo "$i" >"tree/below/$i"
        "$tool" set-xattr "tree/below/$i" user.number "$i"
    done
    "$cp" -rp tree copy
    "$cp" -p tree/below/* many
    for i in $(seq 30); do
        has "copy/below/$i" user.number "$i"
        has "many/$i" user.number "$i"
    done
}

@test "-p keeps the extended attributes of directories, new and existing ones" {
    mkdir -p tree/below/closed existing/below
    "$tool" set-xattr tree user.depth 0
    "$tool" set-xattr tree/below user.depth 1
    "$tool" set-xattr tree/below/closed user.depth 2
    chmod 555 tree/below/closed
    "$cp" -rp tree copy
    "$cp" -rpT tree existing
    "$cp" -r tree plain
    for copy in copy existing; do
        has $copy/below user.depth 1
        has $copy/below/closed user.depth 2
        [ "$(stat -c %a $copy/below/closed)" = 555 ]
    done
    has copy user.depth 0
    has_no plain user.depth
    has_no plain/below user.depth
}

@test "-p keeps the extended attributes of a file that may not be written" {
    chmod 444 source
    mkdir open
    chmod 777 open
    as_another "$cp" -p source open/target
    has open/target user.lang de
    [ "$(stat -c %a open/target)" = 444 ]
}

@test "root's -p keeps trusted attributes, and the copy of another user does not" {
    "$tool" set-xattr source trusted.place here 2>/dev/null ||
        skip "needs root"
    "$cp" -p source target
    has target trusted.place here
    mkdir open
    chmod 777 open
    as_another "$cp" -p source open/target
    has_no open/target trusted.place
    has open/target user.lang de
}

@test "a file system without extended attributes does not fail the copy" {
    mount_small ramfs size=1m
    run ! --separate-stderr "$tool" set-xattr small user.a b
    run -0 --separate-stderr "$cp" -p source small/target
    [ -z "$stderr" ]
    cmp source small/target
    # And as the source.
    run -0 --separate-stderr "$cp" -p small/target back
    [ -z "$stderr" ]
}

@test "an attribute for which there is no room is reported, and the data is kept" {
    mount_small tmpfs size=1m
    echo bytes >small/source
    long=$(head -c 60000 /dev/zero | tr '\0' x)
    "$tool" set-xattr small/source user.long "$long" 2>/dev/null ||
        skip "tmpfs has no extended attributes here"
    echo >probe
    ! "$tool" set-xattr probe user.long "$long" 2>/dev/null ||
        skip "this file system has room for 60 KB"
    "$tool" set-xattr small/source user.short b
    run --separate-stderr "$cp" -p small/source target
    exits 1
    says "cannot set mode, owner, times and attributes of 'target': " "(ENOSPC)"
    cmp small/source target
    has target user.short b
}

@test "the ring reads and sets the attributes where the kernel can" {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    run -0 strace -qq -f -o trace \
        -e trace=flistxattr,fgetxattr,fsetxattr,io_uring_enter \
        "$cp" -p source target
    has target user.lang de
    ! grep -q 'getxattr' trace || skip "this kernel has no such operations"
    grep -q flistxattr trace
    ! grep -q fsetxattr trace
    [ "$(grep -c io_uring_enter trace)" -ge 2 ]
}

@test "without a ring the system calls copy the attributes" {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    # The first ring copies the data, and the second one the attributes.
    run -0 strace -qq -f -o trace -e trace=io_uring_setup,fsetxattr \
        -e inject=io_uring_setup:error=ENOMEM:when=2+ "$cp" -p source target
    has target user.lang de
    grep -q fsetxattr trace
    grep -q INJECTED trace
}
