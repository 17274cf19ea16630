# cp-uring: what a copy owes its user. Errors are in cp_errors.bats.
#
# Judges: cp-uring.

load ../support/judge
load ../support/steady

ENGINES="uring rw copy_file_range splice"

setup()
{
    cp=$BIN/cp-uring
    cd "$BATS_TEST_TMPDIR" || return
}

# BYTES FILE
make_file()
{
    head -c "$1" /dev/urandom >"$2"
}

# No temporary is left in this directory, or below it.
no_temporary()
{
    [ -z "$(find . -name '.cp-uring.*')" ]
}

@test "every size around a block is copied, by every engine" {
    make_file 3000001 big
    for size in 0 1 4095 4096 4097 262143 262144 262145 1048577 3000001; do
        head -c "$size" big >source
        for engine in $ENGINES; do
            "$cp" --engine "$engine" source target
            same_bytes source target
            "$cp" --engine "$engine" --depth 1 --block-size 4K source target
            same_bytes source target
        done
    done
    no_temporary
}

@test "a long file is copied byte for byte" {
    make_file 67108865 source
    "$cp" source target
    same_bytes source target
    "$cp" --depth 1024 --block-size 4096 source target
    same_bytes source target
    "$cp" --depth 3 --block-size 20M source target
    same_bytes source target
}

# bats test_tags=exotic
@test "a copy past the page cache has the bytes of its source" {
    dd if=/dev/zero of=try bs=4096 count=1 oflag=direct 2>/dev/null ||
        skip "this file system has no O_DIRECT"
    for size in 0 1 4096 262145 3000001; do
        make_file "$size" source
        for engine in uring rw; do
            "$cp" --direct --engine "$engine" source target
            same_bytes source target
        done
    done
}

# bats test_tags=exotic
@test "a copy starts no thread and no process" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0 # it cannot run under ptrace
    make_file 3000001 source
    strace -f -o trace -e trace=clone,clone3,fork,vfork,io_uring_setup \
        "$cp" source target
    same_bytes source target
    grep -q io_uring_setup trace
    run ! grep -E 'clone|fork' trace
}

@test "files whose size lies are read to their end" {
    for engine in $ENGINES; do
        "$cp" --engine "$engine" /proc/version target
        same_bytes target /proc/version
        rm target # as its source, it is not for an ordinary user to replace
        "$cp" --engine "$engine" /sys/kernel/mm/transparent_hugepage/enabled target
        same_bytes target /sys/kernel/mm/transparent_hugepage/enabled
        rm target
    done
    # Longer than any buffer, though it says 0.
    copies_steady /proc/kallsyms target "$cp" -f /proc/kallsyms target
}

@test "into a directory each source keeps its name" {
    mkdir directory
    echo a >a
    echo b >b
    "$cp" a b directory
    "$cp" a directory/
    "$cp" -t directory b
    same_bytes a directory/a
    same_bytes b directory/b
    run --separate-stderr "$cp" a b missing
    exits 1
    says "'missing': No such file or directory (ENOENT)"
    run --separate-stderr "$cp" -T a directory
    exits 1
    says "'directory': a directory"
    run --separate-stderr "$cp" a missing/
    exits 1
    [ ! -e missing ]
}

# bats test_tags=errors
@test "a failing source does not stop the others" {
    mkdir directory
    echo a >a
    echo b >b
    run --separate-stderr "$cp" a missing b directory
    exits 1
    says "cannot open 'missing': No such file or directory (ENOENT)"
    same_bytes a directory/a
    same_bytes b directory/b
}

# bats test_tags=errors
@test "a copy onto itself is refused, under any name" {
    echo precious >file
    ln file hard
    ln -s file soft
    ln -s . here
    for name in file ./file hard soft here/file; do
        run --separate-stderr "$cp" file "$name"
        exits 1
        says "same file"
        [ "$(cat file)" = precious ]
    done
    run --separate-stderr "$cp" file .
    exits 1
    no_temporary
}

@test "a hard link among targets is replaced, a symbolic link followed" {
    echo new >source
    echo old >one
    ln one other
    "$cp" source one
    [ "$(cat one other)" = "$(printf 'new\nold')" ]
    mkdir below
    echo old >below/file
    ln -s below/file link
    "$cp" source link
    [ -L link ]
    [ "$(cat below/file)" = new ]
    ln -s nowhere dangling
    run --separate-stderr "$cp" source dangling
    exits 1
    [ ! -e nowhere ]
    no_temporary
}

# bats test_tags=errors
@test "a FIFO and a device are never replaced" {
    echo a >source
    mkfifo fifo
    for target in fifo /dev/null; do
        run --separate-stderr timeout 200 "$cp" -f source "$target"
        exits 1
        says "cannot replace '$target'"
    done
    [ -p fifo ]
    [ -c /dev/null ]
    for source in fifo /dev/null; do
        run --separate-stderr timeout 200 "$cp" "$source" target
        exits 1
        says "cannot copy '$source'"
        [ ! -e target ]
    done
}

# FILE COMMAND...: COMMAND runs while another process holds a lease on FILE. The
# kernel lets an open wait until the lease is released.
while_leased()
{
    run --separate-stderr timeout 200 "$TOOLS/syscalls" leased "$@"
    [[ "$stderr" != *lease:* ]] || skip "this file system has no leases"
    [ "$status" -eq 0 ]
}

@test "a source with a lease, as of Samba, is copied when it is released" {
    mkdir tree directory
    make_file 3000000 tree/big
    echo a >tree/small
    echo b >other
    for engine in $ENGINES; do
        while_leased tree/big "$cp" --engine "$engine" tree/big target
        cmp tree/big target
    done
    while_leased tree/small "$cp" -r tree new
    while_leased tree/big "$cp" -r tree new2
    while_leased tree/small "$cp" tree/small other directory
    diff -r tree new
    diff -r tree new2
    cmp tree/small directory/small
}

@test "files with names of 255 bytes and odd names are copied" {
    long=$(printf 'n%.0s' $(seq 255))
    odd=$(printf 'new\nline\377')
    echo a >"$long"
    "$cp" "$long" "$odd"
    rm "$long"
    "$cp" -v "$odd" "$long" >listed
    same_bytes "$odd" "$long"
    grep -qF "'new\\012line" listed
    [ "$(wc -l <listed)" -eq 1 ]
    run --separate-stderr "$cp" "$odd" "${long}n"
    exits 1
    says "(ENAMETOOLONG)"
}

@test "holes are kept, and filled when asked" {
    truncate -s 8M sparse
    printf data | dd of=sparse bs=1 seek=4M conv=notrunc status=none
    printf data | dd of=sparse bs=1 seek=5000000 conv=notrunc status=none
    [ "$(stat -c %b sparse)" -lt 100 ] || skip "no holes in this file system"
    for engine in $ENGINES; do
        "$cp" --engine "$engine" sparse target
        same_bytes sparse target
        [ "$(stat -c %b target)" -le "$(stat -c %b sparse)" ]
    done
    "$cp" --sparse never sparse target
    same_bytes sparse target
    [ "$(stat -c %b target)" -ge 16384 ]
    if dd if=/dev/zero of=try bs=4096 count=1 oflag=direct 2>/dev/null; then
        "$cp" --direct sparse target
        same_bytes sparse target
        [ "$(stat -c %b target)" -le "$(stat -c %b sparse)" ]
    fi
}

# bats test_tags=exotic
@test "a file of more than 4 GiB, most of it hole, is copied" {
    truncate -s 5G sparse 2>/dev/null || skip "no 5 GiB files here"
    make_file 300000 end
    dd if=end of=sparse bs=64K seek=65537 conv=notrunc status=none
    cat end >>sparse
    "$cp" sparse target
    [ "$(stat -c %s target)" -eq "$(stat -c %s sparse)" ]
    same_bytes <(tail -c +4294967296 sparse | head -c 1000000) \
        <(tail -c +4294967296 target | head -c 1000000)
    same_bytes <(tail -c 1000000 sparse) <(tail -c 1000000 target)
}

@test "the mode is the source's without the umask's bits and set-id" {
    echo a >source
    chmod 4755 source
    (umask 027 && "$cp" source target)
    [ "$(stat -c %a target)" = 750 ]
    chmod 0444 source
    (umask 000 && "$cp" source other)
    [ "$(stat -c %a other)" = 444 ]
    "$cp" -p source kept
    [ "$(stat -c %a kept)" = 444 ]
    chmod 6711 source
    "$cp" -p source kept2
    [ "$(stat -c %a kept2)" = 6711 ]
}

@test "-p keeps the times to the nanosecond, and the owner" {
    echo a >source
    touch -d '2001-02-03 04:05:06.123456789' source
    [ "$(id -u)" -ne 0 ] || chown 12:34 source
    "$cp" -p source target
    [ "$(stat -c '%y %u %g %a' target)" = "$(stat -c '%y %u %g %a' source)" ]
    "$cp" source other
    [ "$(stat -c %y other)" != "$(stat -c %y source)" ]
}

@test "-n keeps a target, -f replaces a protected one" {
    echo new >source
    echo old >target
    "$cp" -n source target
    [ "$(cat target)" = old ]
    "$cp" -n source other
    [ "$(cat other)" = new ]
    "$cp" -n source source # nothing would be overwritten
    mkfifo fifo
    "$cp" -n source fifo
    [ -p fifo ]
    "$cp" -f source target
    [ "$(cat target)" = new ]
}

# A tree with everything in it: links, empty directories and files, small
# files, a big one, modes, depth.
make_tree()
{
    mkdir -p tree/a/b/c tree/empty tree/readonly
    for i in $(seq 300); do echo "$i" >"tree/a/$i"; done
    : >tree/a/b/nothing
    make_file 65535 tree/a/b/small
    make_file 65536 tree/a/b/not-small
    make_file 2000001 tree/a/b/c/big
    ln -s ../1 tree/a/b/link
    ln -s nowhere tree/dangling
    echo x >tree/readonly/file
    chmod 555 tree/readonly
    chmod 640 tree/a/1
    chmod 444 tree/a/2
}

# Names, kinds, modes, link targets and contents of a tree, below DIRECTORY.
describe()
{
    (
        cd "$1" || return
        find . -mindepth 1 -printf '%p %y %m %l\n' | sort
        find . -type f -print0 | sort -z | xargs -0 sha256sum
    )
}

teardown()
{
    chmod -R u+w "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

@test "a tree is copied with its links, modes and empty directories" {
    umask 022
    make_tree
    "$cp" -r tree new
    diff <(describe tree) <(describe new)
    [ "$(stat -c %a new)" = "$(stat -c %a tree)" ]
    mkdir directory
    "$cp" -r tree directory
    diff <(describe tree) <(describe directory/tree)
    "$cp" -rT tree directory/tree2
    diff <(describe tree) <(describe directory/tree2)
    for engine in rw copy_file_range splice; do
        "$cp" -r --engine "$engine" tree "by-$engine"
        diff <(describe tree) <(describe "by-$engine")
    done
    no_temporary
}

@test "a shared directory's group and a sticky bit reach below" {
    mkdir -p tree/below tree/tmp shared
    echo a >tree/below/a
    chmod 1777 tree/tmp
    chmod 2775 shared
    (umask 022 && "$cp" -r tree shared)
    [ "$(cd shared/tree && stat -c %a . below tmp | tr '\n' ' ')" = \
        "2755 2755 3755 " ]
    chmod 2755 tree/below
    (umask 022 && "$cp" -r tree new)
    [ "$(stat -c %a new/below new/tmp | tr '\n' ' ')" = "755 1755 " ]
}

# DIRECTORY: new files in it get rwxrwxr-x by an ACL, as far as they request it,
# and user 1234 may write them. The umask is not used.
set_default_acl()
{
    "$TOOLS/syscalls" default-acl "$1" ||
        skip "this file system has no ACLs"
}

@test "a default ACL decides the modes of a copy, and the umask does not" {
    mkdir -p tree/below tree/closed acl existing/tree
    make_file 2000000 tree/big
    for file in tree/below/a one two; do echo a >$file; done
    chmod 666 tree/big tree/below/a one two
    chmod 777 tree tree/below
    chmod 700 tree/closed
    set_default_acl acl
    set_default_acl existing/tree
    umask 077
    for engine in $ENGINES; do
        rm -rf acl/*
        "$cp" --engine "$engine" tree/big acl
        "$cp" --engine "$engine" -r tree acl
        [ "$(cd acl && stat -c %a big tree tree/big tree/below tree/below/a \
            tree/closed | tr '\n' ' ')" = "664 775 664 775 664 700 " ]
    done
    "$cp" one two acl # as a batch
    "$cp" -r tree existing
    [ "$(stat -c %a acl/one existing/tree/below existing/tree/below/a |
        tr '\n' ' ')" = "664 775 664 " ]
    # The entry of user 1234 has arrived, too.
    [[ "$(ls -l acl/one)" == -rw-rw-r--+* ]]
    mkdir plain
    "$cp" -r tree one plain
    [ "$(stat -c %a plain/tree plain/one plain/tree/below/a |
        tr '\n' ' ')" = "700 600 600 " ]
}

@test "-p keeps the mode of the source, and permits nobody more by an ACL" {
    mkdir acl tree
    echo a >tree/a
    chmod 640 tree/a
    chmod 750 tree
    set_default_acl acl
    "$cp" -p tree/a acl
    "$cp" -rp tree acl
    [[ "$(ls -l acl/a)" == "-rw-r----- "* ]]
    [[ "$(ls -l acl/tree/a)" == "-rw-r----- "* ]]
    [[ "$(ls -ld acl/tree)" == "drwxr-x---"* ]]
}

@test "a umask against the owner does not keep the copy from being made" {
    mkdir -p tree/below
    echo a >tree/below/a
    chmod -R 777 tree
    chmod 777 .
    as=
    [ "$(id -u)" -ne 0 ] || as="setpriv --reuid 65534 --clear-groups"
    $as true 2>/dev/null || skip "no other user in this container"
    (umask 0722 && $as "$cp" -r tree new)
    [ "$(stat -c %a new)" = 55 ]
    chmod -R u+rwX new
    diff -r tree new
}

@test "a tree is merged into an existing one, whose other files stay" {
    umask 022
    make_tree
    mkdir -p into/tree/a
    echo mine >into/tree/mine
    echo old >into/tree/a/1
    "$cp" -rf tree into
    [ "$(cat into/tree/mine)" = mine ]
    rm into/tree/mine
    diff <(describe tree) <(describe into/tree)
    "$cp" -r tree/. fresh
    diff <(describe tree) <(describe fresh)
    no_temporary
}

@test "-rp keeps the times of files, links and directories" {
    make_tree
    find tree -depth -exec touch -h -d '2001-02-03 04:05:06.123456789' {} +
    "$cp" -rp tree new
    diff <(cd tree && find . -printf '%p %t %m %U %G\n' | sort) \
        <(cd new && find . -printf '%p %t %m %U %G\n' | sort)
}

# bats test_tags=errors
@test "a tree is not copied into itself" {
    make_tree
    ln -s tree/a link
    for target in tree/copy tree/a/b tree link "-T tree" "-T link"; do
        # Two words on purpose.
        # shellcheck disable=SC2086
        run --separate-stderr "$cp" -r tree $target
        exits 1
        says "into itself"
    done
    rm link
    no_temporary
}

# COUNT FOLDER: small files 1, 2, ... A loop of bats takes seconds.
make_many()
{
    mkdir "$2"
    seq "$1" | awk -v folder="$2" '{
        file = folder "/" $1
        print $1, $1, $1 >file
        close(file)
    }'
}

@test "10,000 small files arrive byte for byte, even with 16 descriptors" {
    make_many 10000 many
    "$cp" -r --stats=json many new 2>stats
    diff -r many new
    grep -q '"files":10000' stats
    make_many 1000 few
    (ulimit -n 16 && "$cp" -r few fewer)
    diff -r few fewer
    no_temporary
}

# bats test_tags=manners
@test "-v names each file once, on stdout" {
    make_tree
    "$cp" -rv tree new | sort >listed
    (cd tree && find . ! -type d -printf '%P\n') |
        sed "s|.*|'tree/&' -> 'new/&'|" | sort | diff - listed
}

# bats test_tags=errors
@test "-v with a closed stdout is exit 1, and the copy is whole" {
    echo a >source
    run --separate-stderr bash -c '"$0" -v source target >&-' "$cp"
    exits 1
    same_bytes source target # the copy itself was right
    run bash -c '"$0" source other <&- >&- 2>&-' "$cp"
    exits 0
    same_bytes source other
}

# bats test_tags=errors
@test "usage errors exit with 2 and name the mistake" {
    echo a >a
    for bad in "--depth=0 a b" "--depth=x a b" "--depth=1025 a b" \
        "--depth= a b" "--depth=-1 a b" "--block-size=0 a b" \
        "--block-size=4095 a b" "--block-size=1T a b" \
        "--block-size=18446744073709551617 a b" "--block-size=4Kx a b" \
        "--depth=1024 --block-size=512M a b" "--engine=none a b" \
        "--sparse=sometimes a b" "--stats=xml a b" "--no-such a b" "a" "" \
        "-T a b c" "-T -t . a" \
        "--direct --engine=splice a b" \
        "--direct=always --engine=copy_file_range a b" \
        "--direct=perhaps a b" "--direct= a b" \
        "--direct --block-size=5000 a b"; do
        # Words on purpose.
        # shellcheck disable=SC2086
        run --separate-stderr "$cp" $bad
        echo "$bad: $status $stderr"
        exits 2
        says "--help"
        [ ! -e b ]
    done
    run --separate-stderr "$cp" --version
    [ "$output" = "cp-uring (one-ring) 0.1" ]
    run --separate-stderr "$cp" --help
    exits 0
    [ -z "$stderr" ]
}

# bats test_tags=manners
@test "--stats counts files, bytes and operations" {
    make_file 1048576 source
    "$cp" --stats=json source target 2>stats
    [ "$(wc -l <stats)" -eq 1 ]
    grep -q '"engine":"uring","files":1,"bytes":1048576,"sqes":8,' stats
    "$cp" --stats source target 2>stats
    grep -q '^engine uring, files 1, bytes 1048576, SQEs 8, ' stats
    "$cp" --stats=json source target 2>stats
    "$TOOLS/json-check" <stats
    grep -q '"bytes":1048576,' stats
    grep -q '"enters":[1-9]' stats
}

# bats test_tags=manners
@test "--progress prints bytes, share, rate and time left" {
    line='^[0-9.]+ [KMG]iB of 256.0 MiB, [0-9]+%, [0-9.]+ [KMG]iB/s, [0-9]+:[0-9]{2} left$'
    truncate -s 256M source
    "$cp" --progress --sparse never --depth 1 --block-size 4K source target \
        2>shown
    grep -qE "$line" shown
    # Holes are not bytes that are to be copied.
    truncate -s 8G target 2>/dev/null || skip "no 8 GiB files here"
    "$cp" --progress --depth 1 --block-size 4K target other 2>shown
    tail -n 1 shown | grep -qE '^256.0 MiB of 256.0 MiB, (99|100)%'
    # On a terminal it is one line, written over, and ended at the end.
    command -v script >/dev/null || skip "script is not installed"
    script -qec "'$cp' --progress --sparse never --depth 1 --block-size 4K \
        source target" /dev/null </dev/null >shown
    tr '\r' '\n' <shown | grep -q '^256.0 MiB of 256.0 MiB, 100%, '
    # However short the copy is, the last line is printed.
    echo a >short
    script -qec "'$cp' --progress short target" /dev/null </dev/null >shown
    tr '\r' '\n' <shown | grep -q '^2 B of 2 B, 100%, '
    "$cp" --progress short target 2>shown
    tail -n 1 shown | grep -q '^2 B of 2 B, 100%, '
    # On a busy machine even this copy takes long enough for another line.
    run -1 grep -vE '^[02] B of 2 B, [0-9]+%, ' shown
    # A message does not end up in the line, and the line still comes.
    run --separate-stderr "$cp" --progress short missing short2 .
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"same file"*"cannot open 'missing'"*"0 B, 0 B/s" ]]
    # Unasked, and not on a terminal, it says nothing.
    "$cp" --sparse never source target 2>shown
    [ ! -s shown ]
}
