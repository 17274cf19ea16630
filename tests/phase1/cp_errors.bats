# cp-uring when something is in the way: the target is the old file or the new
# one, no temporary stays behind, and the message says what, on what and why.
#
# Judges: cp-uring.

# bats file_tags=errors

load ../support/judge

ENGINES="uring rw copy_file_range splice"

setup()
{
    cp=$BIN/cp-uring
    cd "$BATS_TEST_TMPDIR" || return
}

teardown()
{
    umount "$BATS_TEST_TMPDIR/small" 2>/dev/null || true
}

make_file()
{
    head -c "$1" /dev/urandom >"$2"
}

no_temporary()
{
    [ -z "$(find . -name '.cp-uring.*')" ]
}

# OPTIONS: a small file system in small/, or the test is skipped.
mount_small()
{
    mkdir -p small
    mount -t tmpfs -o "$1" none small 2>/dev/null ||
        skip "cannot mount a small tmpfs (needs root)"
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

@test "a full disk is reported, and the old file stays" {
    mount_small size=1m
    echo old >small/target
    make_file 3000000 source
    for engine in $ENGINES; do
        run --separate-stderr "$cp" --engine "$engine" source small/target
        exits 1
        says "cannot write 'small/target' at offset " "No space left on device (ENOSPC)"
        [ "$(cat small/target)" = old ]
        [ "$(ls -A small)" = target ]
    done
    # Too small to be allocated beforehand: the write fails.
    head -c 900000 source >most
    cp most small/filler
    head -c 500000 source >part
    run --separate-stderr "$cp" part small/target
    exits 1
    says "(ENOSPC)"
    [ "$(ls -A small | sort | tr '\n' ' ')" = "filler target " ]
}

# bats test_tags=exotic
@test "a file system without O_DIRECT is named, and no file is left there" {
    mkdir small
    mount -t ramfs none small 2>/dev/null ||
        skip "cannot mount a ramfs (needs root)"
    (dd if=/dev/zero of=small/try count=1 bs=4096 oflag=direct) 2>/dev/null &&
        skip "this kernel's ramfs has O_DIRECT"
    rm -f small/try
    make_file 100000 source
    for engine in uring rw; do
        run --separate-stderr "$cp" --direct --engine "$engine" source \
            small/target
        exits 1
        says "cannot create 'small/target': " "does not support O_DIRECT"
        [ -z "$(ls -A small)" ]
    done
    "$cp" source small/from
    run --separate-stderr "$cp" --direct small/from target
    exits 1
    says "cannot copy 'small/from': " "does not support O_DIRECT"
    [ ! -e target ]
    no_temporary
}

@test "a tree on a full disk has whole files, and the others are named" {
    mount_small size=1m
    mkdir tree
    for i in $(seq 100); do make_file 20000 "tree/$i"; done
    run --separate-stderr "$cp" -r tree small/tree
    exits 1
    says "'small/tree/" "(ENOSPC)"
    for file in small/tree/*; do
        same_bytes "$file" "tree/${file##*/}"
    done
    no_temporary
}

@test "a file system out of inodes is named" {
    mount_small nr_inodes=20
    mkdir tree
    for i in $(seq 100); do echo "$i" >"tree/$i"; done
    run --separate-stderr "$cp" -r tree small/tree
    exits 1
    says "cannot create 'small/tree/" "(ENOSPC)"
    for file in small/tree/*; do
        same_bytes "$file" "tree/${file##*/}"
    done
    no_temporary
}

@test "a file size limit is an error, not a signal" {
    make_file 3000000 source
    echo old >target
    for engine in $ENGINES; do
        run --separate-stderr bash -c 'ulimit -f 1000
            "$0" --engine "$1" source target' "$cp" "$engine"
        exits 1
        says "cannot write 'target' at offset " "File too large (EFBIG)"
        [ "$(cat target)" = old ]
        no_temporary
    done
}

@test "a write that a limit cuts short is not taken for complete" {
    # Shorter than the length from which cp-uring reserves the space, so that
    # the last write of each engine crosses the limit: its result is short.
    make_file 900000 source
    echo old >target
    for engine in $ENGINES; do
        run --separate-stderr bash -c 'ulimit -f 800
            "$0" --engine "$1" --depth 1 source target' "$cp" "$engine"
        exits 1
        says "cannot write 'target' at offset 819200: " "(EFBIG)"
        [ "$(cat target)" = old ]
        no_temporary
    done
}

@test "an input error is named with its offset" {
    # The memory of a process is a file that cannot be read at 0.
    echo old >target
    for engine in $ENGINES; do
        run --separate-stderr "$cp" --engine "$engine" /proc/self/mem target
        exits 1
        says "cannot read '/proc/self/mem' at offset 0: Input/output error (EIO)"
        [ "$(cat target)" = old ]
        no_temporary
    done
}

@test "directories are refused without -r, and as targets of files" {
    mkdir directory empty
    echo a >a
    run --separate-stderr "$cp" directory new
    exits 1
    says "'directory'" "-r"
    [ ! -e new ]
    mkdir empty/a
    run --separate-stderr "$cp" a empty
    exits 1
    says "cannot replace 'empty/a': a directory"
    run --separate-stderr "$cp" -rT directory a
    exits 1
    says "'a': Not a directory (ENOTDIR)"
    [ "$(cat a)" = a ]
    run --separate-stderr "$cp" a nowhere/a
    exits 1
    says "cannot create 'nowhere/a': No such file or directory (ENOENT)"
}

@test "missing permission is named, source or target" {
    needs_nobody
    mkdir public private
    chmod 777 public
    chmod 755 private
    echo secret >public/secret
    chmod 600 public/secret
    echo a >public/a
    chmod 644 public/a
    run --separate-stderr as_nobody "$cp" public/secret public/copy
    exits 1
    says "cannot open 'public/secret': Permission denied (EACCES)"
    run --separate-stderr as_nobody "$cp" public/a private/a
    exits 1
    says "cannot create 'private/a': Permission denied (EACCES)"
    # In a directory that may be written: -f or not makes the difference.
    run --separate-stderr as_nobody "$cp" public/a public/secret
    exits 1
    says "cannot replace (use -f) 'public/secret'" "(EACCES)"
    [ "$(cat public/secret)" = secret ]
    as_nobody "$cp" -f public/a public/secret
    [ "$(cat public/secret)" = a ]
    no_temporary
}

@test "a copy without its source's owner loses the set-id bits" {
    needs_nobody
    mkdir public
    chmod 777 public
    echo a >public/a
    chmod 4755 public/a
    as_nobody "$cp" -p public/a public/b
    [ "$(stat -c '%u %a' public/b)" = "65534 755" ]
    # A group that one is in can be given, to a directory too.
    mkdir -m 1755 public/tree
    echo c >public/tree/c
    chown -R 0:4242 public/tree
    setpriv --reuid 65534 --regid 65534 --groups 4242 \
        "$cp" -rp public/tree public/kept
    [ "$(stat -c '%u %g %a' public/kept)" = "65534 4242 1755" ]
    [ "$(stat -c '%u %g %a' public/kept/c)" = "65534 4242 644" ]
}

# bats test_tags=exotic
@test "an owner that this container does not know is not a failure" {
    needs_nobody
    mkdir public
    chmod 777 public
    echo a >public/a
    chown 70000:70000 public/a
    as_nobody unshare -r true 2>/dev/null || skip "no user namespaces here"
    as_nobody unshare -r "$cp" -p public/a public/b
    [ "$(stat -c '%u %a' public/b)" = "65534 644" ]
}

@test "a tree with read-only directories that cannot be renamed is removed" {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS=detect_leaks=0 # which cannot look under strace
    mkdir -p tree/a/b/c
    echo a >tree/a/a
    echo c >tree/a/b/c/c
    chmod 555 tree/a tree/a/b tree/a/b/c tree
    as=
    if [ "$(id -u)" -eq 0 ]; then
        as="setpriv --reuid 65534 --regid 65534 --clear-groups"
        $as true 2>/dev/null || skip "no other user in this container"
        chmod 777 .
        $as strace -o trace2 true 2>/dev/null || skip "strace may not trace here"
    fi
    run --separate-stderr $as strace -qq -o trace2 -e trace=renameat \
        -e inject=renameat:error=EIO "$cp" -r tree copy
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"cannot rename the copy to 'copy': "*"(EIO)"* ]]
    [ ! -e copy ]
    no_temporary
    chmod -R u+w tree
}

@test "an unreadable file in a tree is named, and the others are copied" {
    needs_nobody
    mkdir -p tree/closed tree/open
    chmod 777 .
    echo a >tree/open/a
    echo b >tree/b
    echo secret >tree/secret
    chmod 600 tree/secret
    chmod 700 tree/closed
    run --separate-stderr as_nobody "$cp" -r tree new
    exits 1
    says "cannot open 'tree/secret': Permission denied (EACCES)"
    says "cannot open the directory 'tree/closed': Permission denied (EACCES)"
    same_bytes tree/open/a new/open/a
    same_bytes tree/b new/b
    [ ! -e new/secret ]
    no_temporary
}

@test "FIFOs and sockets in a tree are named and left out" {
    mkdir tree
    mkfifo tree/fifo
    echo a >tree/a
    run --separate-stderr timeout 200 "$cp" -r tree new
    exits 1
    says "cannot copy 'tree/fifo': a FIFO"
    same_bytes tree/a new/a
    [ ! -e new/fifo ]
}

@test "two sources of one name do not overwrite each other" {
    mkdir -p a/tree b/tree directory
    echo 1 >a/x
    echo 2 >b/x
    echo 1 >a/tree/y
    echo 2 >b/tree/y
    echo 2 >b/tree/z
    run --separate-stderr "$cp" a/x b/x directory
    exits 1
    says "cannot overwrite 'directory/x': this run created it"
    [ "$(cat directory/x)" = 1 ]
    "$cp" b/x directory # by itself it does
    [ "$(cat directory/x)" = 2 ]
    run --separate-stderr "$cp" -r a/tree b/tree directory
    exits 1
    says "cannot overwrite 'directory/tree/y'"
    [ "$(cat directory/tree/y directory/tree/z)" = "$(printf '1\n2')" ]
    no_temporary
}

# bats test_tags=bytes
@test "a source named twice is copied once, without a failure" {
    mkdir directory
    echo a >a
    make_file 200000 b
    run --separate-stderr "$cp" a ./a b b directory
    exits 0
    says "'directory/a': its source was named more than once"
    says "'directory/b': its source was named more than once"
    same_bytes a directory/a
    same_bytes b directory/b
    run --separate-stderr "$cp" -f a a directory
    exits 0
    no_temporary
}

# bats test_tags=bytes
@test "sixteen descriptors are enough for a thousand files" {
    mkdir directory
    for i in $(seq 1000); do echo "$i" >"$i"; done
    (ulimit -n 16 && "$cp" $(seq 1000) directory)
    [ "$(ls directory | wc -l)" -eq 1000 ]
    cat $(seq 1000) | same_bytes - <(cd directory && cat $(seq 1000))
}

@test "without a ring cp-uring exits with 2, and --engine rw works" {
    command -v strace >/dev/null || skip "strace is not installed"
    echo a >a
    export ASAN_OPTIONS=detect_leaks=0 # which cannot look under strace
    run --separate-stderr strace -qq -o trace -e trace=io_uring_setup \
        -e inject=io_uring_setup:error=EPERM "$cp" a b
    exits 2
    says "cannot set up io_uring" "Operation not permitted (EPERM)"
    [ ! -e b ]
    strace -qq -o trace -e trace=io_uring_setup \
        -e inject=io_uring_setup:error=EPERM "$cp" --engine rw a b
    same_bytes a b
}

# bats test_tags=exotic
@test "cp-uring works with the rings and tables of older kernels" {
    command -v strace >/dev/null || skip "strace is not installed"
    mkdir tree
    for i in $(seq 20); do echo "$i" >"tree/$i"; done
    export ASAN_OPTIONS=detect_leaks=0 # which cannot look under strace
    # Flags that it does not know are EINVAL: two ladders of three steps.
    strace -qq -o trace -e trace=io_uring_setup \
        -e inject=io_uring_setup:error=EINVAL:when=1..2 "$cp" -r tree new
    diff -r tree new
    [ "$(grep -c INJECTED trace)" -eq 2 ]
    # No table of files: then one file at a time.
    strace -qq -o trace -e trace=io_uring_register \
        -e inject=io_uring_register:error=EINVAL "$cp" -r tree other
    diff -r tree other
}
