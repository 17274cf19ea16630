# cp-uring where a rename cannot replace the target, and --inplace, which writes
# into it: the message names the obstacle, and nothing stays behind.
#
# Judges: cp-uring.

load ../support/judge

ENGINES="uring rw copy_file_range splice"

setup()
{
    judge cp-uring
    cp=$BIN/cp-uring
    cd "$BATS_TEST_TMPDIR" || return
}

teardown()
{
    umount "$BATS_TEST_TMPDIR/mounted" 2>/dev/null || true
    chattr -R -ia "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

make_file()
{
    head -c "$1" /dev/urandom >"$2"
}

no_temporary()
{
    [ -z "$(find . -name '.cp-uring.*')" ]
}

as_nobody()
{
    setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

needs_nobody()
{
    [ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else"
    as_nobody true 2>/dev/null || skip "no other user in this container"
    chmod 755 .
}

# FLAG FILE: chattr, or the test is skipped.
set_flag()
{
    [ "$(id -u)" -eq 0 ] || skip "needs root, to set flags of a file"
    command -v chattr >/dev/null || skip "chattr is not installed"
    chattr "$1" "$2" 2>/dev/null || skip "this file system has no such flags"
}

# REASON FILE: cp-uring does not replace FILE for this REASON.
refuses()
{
    run --separate-stderr $as "$cp" source "$2"
    [ "$status" -eq 1 ]
    [[ "$stderr" == "cp-uring: cannot replace '$2': $1"* ]]
    [ "$(cat "$2")" = old ]
    no_temporary
}

@test "a mount point is refused by name, and --inplace writes into it" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a file"
    echo new >source
    echo old >real
    : >mounted
    mount --bind real mounted 2>/dev/null || skip "no bind mounts here"
    as=
    refuses "it is a mount point (--inplace writes into it)" mounted
    "$cp" --inplace source mounted
    [ "$(cat mounted real)" = "$(printf 'new\nnew')" ]
    no_temporary
}

@test "a directory that is not writable is named, and --inplace writes" {
    needs_nobody
    echo new >source
    mkdir theirs
    echo old >theirs/file
    chmod 666 theirs/file
    as=as_nobody
    refuses "its directory is not writable (--inplace writes" theirs/file
    as_nobody "$cp" --inplace source theirs/file
    [ "$(cat theirs/file)" = new ]
    run --separate-stderr as_nobody "$cp" --inplace source theirs/absent
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"cannot create 'theirs/absent': "*"(EACCES)"* ]]
}

@test "a sticky directory with another user's file is named" {
    needs_nobody
    echo new >source
    mkdir -m 1777 sticky
    echo old >sticky/file
    chmod 666 sticky/file
    as=as_nobody
    refuses "its directory is sticky, and another user owns" sticky/file
    # For others' files in such directories, the kernel may forbid O_CREAT. An
    # open without it is allowed.
    as_nobody "$cp" --inplace source sticky/file
    [ "$(cat sticky/file)" = new ]
}

@test "an append-only directory takes new names, and keeps old files" {
    echo new >source
    mkdir -p box tree/below
    echo a >tree/below/a
    make_file 200000 tree/big
    ln -s nowhere tree/link
    echo old >box/file
    set_flag +a box
    as=
    refuses "its directory is append-only (--inplace writes" box/file
    "$cp" source box/new
    "$cp" -p source box/kept
    "$cp" source tree/below/a tree/big box # in a batch
    "$cp" -r tree box
    "$cp" -r tree/link box
    "$cp" -r --fsync tree box/other
    cmp source box/new
    cmp source box/kept
    cmp source box/source
    cmp tree/below/a box/a
    [ "$(readlink box/link)" = nowhere ]
    diff -r --no-dereference tree box/tree
    diff -r --no-dereference tree box/other
    run --separate-stderr "$cp" -r tree/link box # a link is replaced, too
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"cannot replace 'box/link': its directory is append-"* ]]
    "$cp" --inplace source box/file
    [ "$(cat box/file)" = new ]
    chattr -a box
    no_temporary
}

@test "files that are merged into an append-only directory leave nothing" {
    mkdir -p tree/below into/tree/below
    echo a >tree/below/a
    echo b >tree/below/b
    set_flag +a into/tree/below
    "$cp" -r tree into
    diff -r tree into/tree
    chattr -a into/tree/below
    no_temporary
}

@test "an immutable or append-only file is named, and so is a directory" {
    echo new >source
    mkdir closed
    echo old >closed/file
    echo old >append
    echo old >fixed
    as=
    set_flag +a append
    refuses "it is append-only (chattr +a)" append
    set_flag +i fixed
    refuses "it is immutable (chattr +i)" fixed
    set_flag +i closed
    refuses "its directory is immutable (--inplace writes" closed/file
    "$cp" --inplace source closed/file
    [ "$(cat closed/file)" = new ]
}

@test "/dev/stdout and a link to a FIFO are refused by their kind" {
    echo a >source
    mkfifo fifo
    ln -s fifo link
    for option in "" --inplace; do
        # The word may be absent.
        # shellcheck disable=SC2086
        run --separate-stderr timeout 200 "$cp" $option source link
        [ "$status" -eq 1 ]
        [[ "$stderr" == *"cannot replace 'link': a FIFO"* ]]
        # shellcheck disable=SC2086
        status=$("$cp" $option source /dev/stdout 2>err | cat >got
            echo "${PIPESTATUS[0]}")
        [ "$status" -eq 1 ]
        grep -q "cannot replace '/dev/stdout': a FIFO" err
        [ ! -s got ]
    done
    "$cp" -n source link # it exists, so it is kept
    [ -p fifo ]
}

@test "--inplace writes into a file that has no name any more" {
    echo new >source
    exec 8<>lost
    rm lost
    "$cp" --inplace source /dev/fd/8
    [ "$(cat /dev/fd/8)" = new ]
    exec 8>&-
}

@test "--inplace keeps inode, mode and other names, whatever the engine" {
    make_file 3000001 long
    make_file 100 short
    : >empty
    truncate -s 2M holes
    make_file 2500000 target
    ln target other
    chmod 604 target
    inode=$(stat -c %i target)
    for engine in $ENGINES; do
        for source in long holes long short empty; do
            "$cp" --inplace --engine "$engine" "$source" target
            cmp "$source" target
            cmp "$source" other
        done
    done
    [ "$(stat -c '%i %a' target)" = "$inode 604" ]
    ln -s target link
    "$cp" --inplace short link
    cmp short target
    [ -L link ]
    "$cp" --inplace --fsync -p short target
    cmp short other
    [ "$(stat -c '%i %a %Y' target)" = \
        "$inode $(stat -c '%a %Y' short)" ]
}

@test "--inplace makes new files as always, and refuses itself and -f" {
    echo a >source
    "$cp" --inplace source new
    cmp source new
    ln source hard
    run --separate-stderr "$cp" --inplace source hard
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"same file"* ]]
    [ "$(cat source)" = a ]
    echo old >kept
    "$cp" --inplace -n source kept
    [ "$(cat kept)" = old ]
    run --separate-stderr "$cp" --inplace -f source kept
    [ "$status" -eq 2 ]
    [ "$(cat kept)" = old ]
    mkdir a b directory
    echo 1 >a/x
    echo 2 >b/x
    echo old >directory/x
    run --separate-stderr "$cp" --inplace a/x b/x directory
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"cannot overwrite 'directory/x': this run created it"* ]]
    [ "$(cat directory/x)" = 1 ]
}

@test "-r --inplace writes into the files of an existing tree" {
    mkdir -p tree/below into/tree/below
    echo new >tree/below/a
    echo b >tree/b
    echo old >into/tree/below/a
    ln into/tree/below/a other
    "$cp" -r --inplace tree into
    diff -r tree into/tree
    [ "$(cat other)" = new ]
    no_temporary
}

@test "--inplace reports that the target is incomplete after a failure" {
    make_file 3000000 source
    echo old >target
    for engine in $ENGINES; do
        run --separate-stderr bash -c 'ulimit -f 1000
            "$0" --inplace --engine "$1" source target' "$cp" "$engine"
        [ "$status" -eq 1 ]
        [[ "$stderr" == *"cannot write 'target' at offset "*"(EFBIG)"* ]]
        [[ "$stderr" == *"incomplete 'target': its old content is lost"* ]]
    done
    run --separate-stderr "$cp" --inplace missing target
    [ "$status" -eq 1 ]
    [[ "$stderr" != *incomplete* ]]
}

@test "--inplace writes into a protected file only with permission" {
    needs_nobody
    echo new >source
    mkdir -m 777 public
    echo old >public/file
    run --separate-stderr as_nobody "$cp" --inplace source public/file
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"cannot write into 'public/file': "*"(EACCES)"* ]]
    [ "$(cat public/file)" = old ]
}

@test "--inplace waits for the lease on its target" {
    echo new >source
    echo old >target
    run --separate-stderr timeout 200 "$TOOLS/syscalls" leased target \
        "$cp" --inplace source target
    [[ "$stderr" != *lease:* ]] || skip "this file system has no leases"
    [ "$status" -eq 0 ]
    [ "$(cat target)" = new ]
}
