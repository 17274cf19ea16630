# cp-uring where the file system lacks an operation: what the user did not
# request may be missing; what the user requested is reported, and the data is
# kept. strace makes the calls fail, so this needs no such file system.
#
# Judges: cp-uring.

load ../support/judge

ENGINES="uring rw copy_file_range splice"

setup()
{
    judge cp-uring
    command -v strace >/dev/null || skip "strace is not installed"
    cp=$BIN/cp-uring
    cd "$BATS_TEST_TMPDIR" || return
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS=detect_leaks=0 # which cannot look under strace
}

no_temporary()
{
    [ -z "$(find . -name '.cp-uring.*')" ]
}

# CALLS ERROR WHEN COMMAND...: the command, whose calls fail. Its exit code is
# in $status and its messages are in err.
with_fault()
{
    local calls=$1 error=$2 when=$3
    shift 3
    status=0
    timeout -k 5 200 strace -qq -o trace -e trace="$calls" \
        -e inject="$calls:error=$error:when=$when" "$@" \
        2>err || status=$?
}

make_tree()
{
    mkdir -p tree/below/deep tree/readonly
    head -c 1500000 /dev/urandom >tree/big
    echo a >tree/below/a
    : >tree/below/deep/empty
    ln -s a tree/below/link
    echo b >tree/readonly/b
    chmod 555 tree/readonly
}

teardown()
{
    chmod -R u+w "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

@test "without -p cp-uring needs no chmod, chown or utimensat" {
    make_tree
    for error in EPERM EOPNOTSUPP ENOSYS EINVAL EACCES; do
        for calls in chmod,fchmod,fchmodat,fchown,fchownat,utimensat; do
            rm -rf target copy
            with_fault $calls $error 1+ "$cp" tree/big target
            [ "$status" -eq 0 ]
            cmp tree/big target
            with_fault $calls $error 1+ "$cp" -r tree copy
            [ "$status" -eq 0 ]
            [ ! -s err ]
            diff -r tree copy
            chmod -R u+w copy
        done
    done
    no_temporary
}

@test "a file is copied where ftruncate is not supported" {
    head -c 3000001 /dev/urandom >whole
    truncate -s 3M tail # ends with a hole
    echo begin | dd of=tail conv=notrunc status=none
    truncate -s 2M hole
    : >empty
    for error in EOPNOTSUPP ENOSYS EINVAL; do
        for engine in $ENGINES; do
            for source in whole tail hole empty; do
                with_fault ftruncate $error 1+ \
                    "$cp" --engine "$engine" "$source" target
                [ "$status" -eq 0 ]
                cmp "$source" target
            done
        done
    done
    no_temporary
}

@test "an ftruncate that fails with EIO is reported, and the old file stays" {
    truncate -s 2M hole
    echo old >target
    with_fault ftruncate EIO 1+ "$cp" hole target
    [ "$status" -eq 1 ]
    grep -q "cannot write 'target' at offset .*(EIO)" err
    [ "$(cat target)" = old ]
    no_temporary
}

@test "-p keeps the copy and reports a mode, owner or time that was refused" {
    make_tree
    chmod 640 tree/big
    for fault in "fchmod EPERM" "fchmod EIO" "utimensat ENOSYS" \
        "utimensat EPERM" "fchown EIO" "fchown EOPNOTSUPP"; do
        rm -rf target copy
        # Two words on purpose.
        # shellcheck disable=SC2086
        with_fault $fault 1+ "$cp" -p tree/big target
        [ "$status" -eq 1 ]
        grep -q "cannot set .* of 'target': .*(${fault#* })" err
        cmp tree/big target
        # shellcheck disable=SC2086
        with_fault $fault 1+ "$cp" -rp tree copy
        [ "$status" -eq 1 ]
        grep -q "cannot set .*(${fault#* })" err
        diff -r tree copy
        chmod -R u+w copy
    done
    no_temporary
}

@test "-p without chown never makes a file that runs as another user" {
    echo a >source
    chmod 6755 source
    for error in EPERM EINVAL EIO EOPNOTSUPP ENOSYS; do
        rm -f target
        with_fault fchown $error 1+ "$cp" -p source target
        [ "$(stat -c %a target)" = 755 ]
    done
}

@test "-p keeps a link whose owner or times were refused" {
    ln -s nowhere link
    mkdir tree
    ln -s nowhere tree/link
    for fault in "fchownat EIO" "utimensat ENOSYS"; do
        rm -rf copy
        # Two words on purpose.
        # shellcheck disable=SC2086
        with_fault $fault 1 "$cp" -rp tree copy
        [ "$status" -eq 1 ]
        [ "$(readlink copy/link)" = nowhere ]
    done
    no_temporary
}

@test "-n works where RENAME_NOREPLACE and links are not supported" {
    echo new >source
    echo old >kept
    for calls in renameat2 renameat2,linkat; do
        for error in EINVAL EOPNOTSUPP ENOSYS; do
            rm -f target
            with_fault $calls $error 1+ "$cp" -n source target
            [ "$status" -eq 0 ]
            cmp source target
            with_fault $calls $error 1+ "$cp" -n source kept
            [ "$status" -eq 0 ]
            [ "$(cat kept)" = old ]
        done
    done
    no_temporary
}

@test "a copy succeeds where fallocate is not supported" {
    head -c 3000001 /dev/urandom >source
    for error in EOPNOTSUPP ENOSYS EINVAL EPERM; do
        with_fault fallocate $error 1+ "$cp" source target
        [ "$status" -eq 0 ]
        cmp source target
    done
}

@test "--fsync succeeds where directories have no fsync" {
    make_tree
    for error in EINVAL EOPNOTSUPP; do
        rm -rf target copy
        # The first one is that of the file.
        with_fault fsync $error 2+ "$cp" --fsync tree/big target
        [ "$status" -eq 0 ]
        cmp tree/big target
        rm -rf dirs dirs2
        mkdir -p dirs/one/two
        with_fault fsync $error 1+ "$cp" -r --fsync dirs dirs2
        [ "$status" -eq 0 ]
        [ ! -s err ]
        diff -r dirs dirs2
        with_fault fsync $error 1+ "$cp" -rT --fsync dirs dirs2/one
        [ "$status" -eq 0 ]
    done
    no_temporary
}

@test "--fsync reports a file without fsync, and keeps its copy" {
    head -c 100000 /dev/urandom >source
    for error in EINVAL EOPNOTSUPP; do
        rm -f target
        with_fault fsync $error 1 "$cp" --fsync source target
        [ "$status" -eq 1 ]
        grep -q "cannot sync 'target': .*($error)" err
        cmp source target
    done
    no_temporary
}

# Each test of this kind runs with a fault in the n-th call, for every n.
# CALL ERROR CHECK COMMAND...
every_fault()
{
    local call=$1 error=$2 check=$3 n
    shift 3
    for ((n = 1; n < 100; n++)); do
        rm -rf copy
        with_fault "$call" "$error" "$n" "$@"
        grep -q INJECTED trace || break
        "$check" || {
            echo "$call $error, call $n, exit code $status:" "$(cat err)"
            return 1
        }
        chmod -R u+w copy
    done
    echo "$call $error: $((n - 1)) calls"
    [ "$n" -gt 1 ]
}

whole_and_reported()
{
    [ "$status" -eq 1 ] && [ -s err ] && diff -r tree copy
}

@test "--fsync reports each directory that fails, and keeps the whole tree" {
    make_tree
    rm tree/big # its fsync comes before its rename, and may remove it
    every_fault fsync EIO whole_and_reported "$cp" -r --fsync tree copy
    no_temporary
}

@test "a directory that cannot be opened for its fsync does not cost the tree" {
    mkdir -p tree/below
    echo a >tree/below/a
    chmod -R a+rX tree
    mkdir box
    chmod 333 box
    as=
    if [ "$(id -u)" -eq 0 ]; then
        chmod 755 .
        chown 65534 box
        as="setpriv --reuid 65534 --regid 65534 --clear-groups"
        $as true 2>/dev/null || skip "no other user in this container"
    fi
    run --separate-stderr $as "$cp" -r --fsync tree box/copy
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"cannot sync the directory of 'box/copy': "*"(EACCES)"* ]]
    chmod 755 box
    diff -r tree box/copy
    no_temporary
    chmod 333 box
    run --separate-stderr $as "$cp" --fsync tree/below/a box/a
    [ "$status" -eq 1 ]
    cmp tree/below/a box/a
    chmod 755 box
    no_temporary
}

# Every copy of source: to a new name, over a file, with -n, several into a
# directory.
copies_are_right()
{
    local call=$1 error=$2
    rm -rf new directory
    mkdir directory
    echo old >old
    echo old >kept
    head -c 100000 /dev/urandom >source
    echo a >other
    with_fault "$call" "$error" 1+ "$cp" source new
    [ "$status" -eq 0 ] && cmp source new || return 1
    with_fault "$call" "$error" 1+ "$cp" source old
    [ "$status" -eq 0 ] && cmp source old || return 1
    with_fault "$call" "$error" 1+ "$cp" -n source kept
    [ "$status" -eq 0 ] && [ "$(cat kept)" = old ] || return 1
    with_fault "$call" "$error" 1+ "$cp" -n source directory/new
    [ "$status" -eq 0 ] && cmp source directory/new || return 1
    with_fault "$call" "$error" 1+ "$cp" -p source other directory
    [ "$status" -eq 0 ] && cmp source directory/source || return 1
    cmp other directory/other || return 1
    [ ! -s err ] || return 1
    no_temporary
}

@test "a copy succeeds where links are not supported" {
    for error in EPERM EOPNOTSUPP ENOSYS EXDEV EINVAL EMLINK; do
        copies_are_right linkat $error
    done
}

@test "a copy succeeds without /proc, by which a file gets its name" {
    # This call finds out whether /proc is there.
    copies_are_right '?access,?faccessat' ENOENT
}

@test "a link that fails for lack of space is reported, and nothing stays" {
    echo new >source
    echo old >target
    for error in ENOSPC EDQUOT EIO; do
        with_fault linkat $error 1+ "$cp" source target
        if [ "$status" -eq 0 ]; then
            cmp source target
            skip "this file system has no O_TMPFILE"
        fi
        [ "$status" -eq 1 ]
        grep -q "cannot rename the copy to 'target': .*($error)" err
        [ "$(cat target)" = old ]
        no_temporary
    done
}
