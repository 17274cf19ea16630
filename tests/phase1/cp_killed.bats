# cp-uring interrupted, killed and crashed: at every instant the target is the
# old file or the new one.
#
# Judges: cp-uring.

# bats file_tags=interruptions

load ../support/judge
load ../support/await

setup()
{
    cp=$BIN/cp-uring
    cd "$BATS_TEST_TMPDIR" || return
}

teardown()
{
    umount "$BATS_TEST_TMPDIR/disk" 2>/dev/null || true
}

make_file()
{
    head -c "$1" /dev/urandom >"$2"
}

no_temporary()
{
    [ -z "$(find . -name '.cp-uring.*')" ]
}

# PID: its exit code in $status.
await()
{
    status=0
    wait "$1" || status=$?
}

# PID: the fd of the new file, if that has no name.
unnamed_fd()
{
    find "/proc/$1/fd" -lname '*/#* (deleted)' -printf '%f\n' 2>/dev/null
}

# PID: true if the copy has begun, and its file has a temporary name or none.
has_begun()
{
    [ -n "$(unnamed_fd "$1")" ] || ! no_temporary
}

# A copy that is slow enough to be met half-way, in the background: of two
# gigabytes of nothing (or $size), page by page.
start_slow_copy()
{
    truncate -s "${size:-2G}" source
    [ -e target ] || echo old >target
    "$cp" --sparse never --depth 1 --block-size 4K "$@" source target \
        2>messages &
    pid=$!
    await_that --from "$pid" has_begun "$pid" || { cat messages; false; }
}

# The copy gets its name only at the end, or the test is skipped.
needs_unnamed()
{
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS=detect_leaks=0 # which cannot look under strace
    echo probe >probe
    strace -qq -o trace -e trace=openat "$cp" probe probed
    grep -q 'O_TMPFILE.*) = [0-9]' trace ||
        skip "this file system has no O_TMPFILE"
    rm probe probed trace
}

@test "SIGTERM, SIGINT and SIGHUP remove the temporary and leave the old file" {
    set -m # without it a background job ignores SIGINT
    for signal in TERM INT HUP; do
        start_slow_copy
        kill -"$signal" "$pid"
        await "$pid"
        [ "$status" -eq $((128 + $(kill -l "$signal"))) ]
        [ "$(cat target)" = old ]
        no_temporary
    done
}

@test "a closed output of -v ends cp-uring by SIGPIPE, without a temporary" {
    mkdir -p many into/many
    for i in $(seq 2000); do echo "$i" >"many/$i"; done
    # 141 is 128 + SIGPIPE: died of it, as cp does.
    run bash -c '"$0" -rv many new | true; echo "${PIPESTATUS[0]}"' "$cp"
    [ "$output" = 141 ]
    [ ! -e new ]
    no_temporary
    run bash -c '"$0" -rv many into | true; echo "${PIPESTATUS[0]}"' "$cp"
    [ "$output" = 141 ]
    no_temporary
    for copied in into/many/*; do same_bytes "$copied" "many/${copied##*/}"; done
    # Ignored, it is an error like others, and nothing stays uncopied.
    run bash -c 'trap "" PIPE
        "$0" -rv many all 2>err | true; echo "${PIPESTATUS[0]}"' "$cp"
    [ "$output" = 1 ]
    grep -q 'write error: Broken pipe (EPIPE)' err
    diff -r many all
}

has_entered_below()
{
    [ -e "$(echo .cp-uring.*/below/source)" ]
}

@test "SIGTERM in the middle of a tree leaves no part of it" {
    mkdir tree
    for i in $(seq 200); do echo "$i" >"tree/$i"; done
    mkdir tree/below
    truncate -s 2G tree/below/source
    "$cp" -r --sparse never --depth 1 --block-size 4K tree new &
    pid=$!
    await_that --from "$pid" has_entered_below
    [ ! -e new ]
    kill -TERM "$pid"
    await "$pid"
    exits 143
    [ ! -e new ]
    no_temporary
}

@test "SIGKILL leaves the old file" {
    for engine in uring rw; do
        start_slow_copy --engine "$engine"
        kill -KILL "$pid"
        await "$pid"
        exits 137
        [ "$(cat target)" = old ]
        rm -f .cp-uring.*
    done
}

@test "a source that grows is copied up to its end at the last read" {
    size=128M # all of it is waited for
    start_slow_copy
    echo grown >>source
    wait "$pid"
    same_bytes source target
}

@test "a source that becomes shorter is an error, and the old file stays" {
    start_slow_copy
    truncate -s 1000 source
    await "$pid"
    exits 1
    grep -q "cannot copy 'source': it became shorter" messages
    [ "$(cat target)" = old ]
    no_temporary
}

@test "with -p an unfinished copy can be read by its owner alone" {
    umask 0
    start_slow_copy -p
    fd=$(unnamed_fd "$pid")
    if [ -n "$fd" ]; then
        mode=$(stat -L -c %a "/proc/$pid/fd/$fd")
    else
        mode=$(stat -c %a .cp-uring.*)
    fi
    kill -KILL "$pid"
    await "$pid"
    [ "$mode" = 600 ]
    rm -f .cp-uring.*
}

@test "SIGKILL leaves no file behind, since an unfinished copy has no name" {
    needs_unnamed
    for engine in uring rw; do
        start_slow_copy --engine "$engine"
        kill -KILL "$pid"
        await "$pid"
        [ "$status" -eq 137 ]
        no_temporary
    done
}

@test "every reader sees the whole old file or the whole new one" {
    make_file 2000000 one
    make_file 2000000 two
    cp one target
    sums=$(sha256sum <one; sha256sum <two)
    (for _ in $(seq 20); do
        "$cp" two target
        "$cp" one target
    done; touch done) &
    while [ ! -e done ]; do
        [[ "$sums" == *"$(sha256sum <target)"* ]]
    done
    wait
}

# Kills COMMAND at its k-th system call, for every k until it lives; CHECK
# judges each time.
kill_everywhere()
{
    local check=$1 k
    shift
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS=detect_leaks=0 # which cannot look under strace
    for ((k = 1; k < 2000; k++)); do
        status=0
        timeout -k 5 200 strace -qq -o trace -e trace="$calls" \
            -e inject="$calls:signal=KILL:when=$k" "$@" 2>/dev/null ||
            status=$?
        "$check" || {
            echo "killed at call $k:"
            tail -n 3 trace
            return 1
        }
        [ "$status" -ne 0 ] || break
    done
    echo "$((k - 1)) calls"
    [ "$k" -gt 5 ]
}

old_or_new()
{
    cmp -s old target || cmp -s new target
}

calls=openat,io_uring_enter,pread64,fallocate,ftruncate,fchmod,fsync,close,linkat,renameat

@test "killed at any system call, cp-uring leaves the old file or the new one" {
    make_file 1500000 new
    make_file 1500000 old
    cp old target
    kill_everywhere old_or_new "$cp" --fsync new target
    same_bytes new target # the last one lived
}

nothing_or_new()
{
    no_temporary && { [ ! -e target ] || cmp -s new target; } && rm -f target
}

@test "killed at any system call, a copy to a new name leaves nothing else" {
    needs_unnamed
    make_file 1500000 new
    kill_everywhere nothing_or_new "$cp" --fsync new target
}

tree_is_nothing_or_whole()
{
    rm -rf .cp-uring.*
    [ ! -e copy ] || diff -r tree copy || return 1
    # The next one is not to go into this one.
    [ "$status" -eq 0 ] || rm -rf copy
}

@test "killed at any system call, cp-uring -r leaves no tree or the whole one" {
    mkdir -p tree/below
    for i in 1 2 3; do make_file 3000 "tree/$i"; done
    make_file 100000 tree/below/big
    calls=openat,io_uring_enter,preadv2,mkdirat,fchmod,close,renameat
    kill_everywhere tree_is_nothing_or_whole "$cp" -r tree copy
    diff -r tree copy
}

# The calls in trace that succeeded.
order()
{
    sed -n '/ = 0$/s/(.*//p' trace | tr '\n' ' '
}

@test "--fsync syncs the file, then names it, then syncs the directory" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0
    make_file 100000 new
    strace -qq -o trace -e trace=fsync,linkat,renameat \
        "$cp" --fsync new target
    case $(order) in
    "fsync linkat fsync ") ;;
    "fsync renameat fsync ") ;; # no O_TMPFILE here
    *) cat trace && false ;;
    esac
    strace -qq -o trace -e trace=fsync,linkat,renameat \
        "$cp" --fsync new target
    case $(order) in
    "fsync linkat renameat fsync " | "fsync renameat fsync ") ;;
    *) cat trace && false ;;
    esac
    strace -qq -o trace -e trace=fsync,linkat,renameat \
        "$cp" --fsync --inplace new target
    [ "$(order)" = "fsync " ]
}

@test "--fsync syncs the old directory after it makes a new one in it" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0
    mkdir -p tree/new old
    strace -qq -y -o trace -e trace=fsync "$cp" -rT --fsync tree old
    [ -d old/new ]
    grep -q "fsync([0-9]*<$PWD/old/new>) *= 0" trace
    grep -q "fsync([0-9]*<$PWD/old>) *= 0" trace
}

# A file system of our own in disk/, or the test is skipped.
mount_disk()
{
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a file system"
    command -v mkfs.ext4 >/dev/null || skip "mkfs.ext4 is not installed"
    truncate -s 32M image
    mkfs.ext4 -q image
    mkdir disk
    mount -o loop image disk 2>/dev/null || skip "no loop devices here"
}

# Waits until no loop device has the image. The kernel keeps the file system for
# as long as a ring that ended still holds a file of it, and a mount of the same
# device would be of what is in memory.
until_released()
{
    await_that is_released
}

is_released()
{
    [ -z "$(losetup -j image)" ]
}

# Stops the file system as a power cut would: what is not on the disk is lost.
cut_power()
{
    "$TOOLS/syscalls" cut-power disk
    umount disk
    until_released
    mount -o loop image disk
}

@test "after --fsync a power cut loses nothing" {
    mount_disk
    make_file 2000000 new
    echo old >disk/target
    sync
    "$cp" --fsync new disk/target
    cut_power
    same_bytes new disk/target
    mkdir -p tree/below
    for i in 1 2 3; do make_file 3000 "tree/below/$i"; done
    "$cp" -r --fsync tree disk/tree
    cut_power
    diff -r tree disk/tree
}

@test "without --fsync a power cut leaves the old file or the new one" {
    mount_disk
    make_file 2000000 new
    make_file 2000000 old
    cp old disk/target
    sync
    "$cp" new disk/target
    cut_power
    same_bytes old disk/target || same_bytes new disk/target
}
