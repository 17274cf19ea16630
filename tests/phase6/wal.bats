#!/usr/bin/env bats
# wal keeps each record whose number it has printed, whatever fails.
#
# Judges: wal.

load ../support/judge
load ../support/await

setup()
{
    judge wal
    cd "$BATS_TEST_TMPDIR" || return
    wal=$BIN/wal
}

teardown()
{
    [ ! -d disk ] || umount disk 2>/dev/null || true
}

# COUNT: prints that many lines, "line 1" and so on.
lines()
{
    seq "$1" | sed 's/^/line /'
}

# LOG FIRST LAST: the log has the lines with these numbers, as its records.
has_lines()
{
    "$wal" dump "$1" >got
    seq "$2" "$3" | sed 's/.*/& line &/' | diff - got
}

# LOG COUNT: the first COUNT records of the log are the lines 1 to COUNT.
begins_with()
{
    "$wal" dump "$1" >all
    sed "$2q" all >got
    seq "$2" | sed 's/.*/& line &/' | diff - got | sed 5q
}

@test "append prints the number of each record, and dump prints its bytes" {
    printf 'one\n\nt\0o\nlast' | "$wal" append log >numbers
    seq 4 | diff - numbers
    "$wal" dump log >got
    printf '1 one\n2 \n3 t\0o\n4 last\n' | cmp - got
    run -0 "$wal" check log
    [[ $output == "4 records, "*", a torn tail of 0 bytes" ]]
}

@test "a second append continues the numbers of the first" {
    lines 100 | "$wal" append log >numbers
    lines 103 | sed 1,100d | "$wal" append --tasks 1 log >>numbers
    seq 103 | diff - numbers
    has_lines log 1 103
}

@test "an append of no lines makes a log without records" {
    "$wal" append log </dev/null
    run -0 "$wal" check log
    [[ $output == "0 records, "* ]]
    run -0 "$wal" dump log
    [ -z "$output" ]
}

@test "a line that is too long ends the input, and the lines before it are kept" {
    { lines 50; head -c 70000 /dev/zero | tr '\0' x; echo; echo after; } >input
    run -1 --separate-stderr "$wal" append log <input
    says "a line of the input is longer than 65536 bytes"
    [ "${lines[-1]}" = 50 ]
    has_lines log 1 50
}

@test "a log that is torn at its end is cut, and the cut is printed" {
    lines 9 | "$wal" append log >/dev/null
    size=$("$wal" check log | sed 's/.*, \([0-9]*\) bytes, .*/\1/')
    truncate -s $((size - 3)) log
    run -0 "$wal" check log
    [[ $output == "8 records, "*", a torn tail of "[1-9]*" bytes" ]]
    run -0 --separate-stderr "$wal" append log <<<"line 9"
    says "wal: log: cut off " " bytes of a batch that was never acknowledged; the last record is 8"
    [ "$output" = 9 ]
    has_lines log 1 9
}

@test "a damaged log is reported by each command, and not changed" {
    lines 3 | "$wal" append --tasks 1 log >/dev/null
    printf X | dd of=log bs=1 seek=50 conv=notrunc 2>/dev/null
    cp log before
    for action in append dump check; do
        run -1 --separate-stderr "$wal" "$action" log <<<more
        says "wal: log is damaged: record 1 at offset 24 is not what was written, and record 2 was written after it was durable; restore the file from a copy"
        [ -z "$output" ]
    done
    cmp log before
}

@test "a file that is not a log is refused, and not changed" {
    echo "a letter" >letter
    head -c 5000 /dev/urandom >bytes
    for file in letter bytes; do
        cp $file before
        for action in append dump check; do
            run -1 --separate-stderr "$wal" "$action" $file <<<more
            says "$file: it is not a log of wal; choose another file"
        done
        cmp $file before
    done
    mkfifo fifo
    run -1 --separate-stderr "$wal" append fifo <<<more
    says "wal: cannot open fifo: it is not a regular file"
    run -1 --separate-stderr "$wal" append . <<<more
    says "wal: cannot open .: " "(EISDIR)"
    run -1 --separate-stderr "$wal" dump none
    says "wal: cannot open none: " "(ENOENT)"
}

@test "a log is not its own input" {
    echo 1 | "$wal" append log >/dev/null
    cp log before
    run -1 --separate-stderr "$wal" append log <log
    says "wal: cannot append to log: it is the input"
}

@test "a second process does not open a log that is open" {
    mkfifo input
    "$wal" append log <input >numbers 3>&- &
    exec 7>input
    echo one >&7
    await_that --from $! [ -s numbers ]
    for action in append dump; do
        run -1 --separate-stderr "$wal" "$action" log </dev/null 7>&-
        says "wal: cannot open log: another process has it open"
    done
    echo two >&7
    exec 7>&-
    wait $!
    seq 2 | diff - numbers
}

@test "each wrong command line is a usage error" {
    run -2 --separate-stderr "$wal" append
    run -2 --separate-stderr "$wal" read log
    says "wal: 'read' is not append, dump or check; see --help"
    run -2 --separate-stderr "$wal" append --tasks 0 log
}

@test "a full device for the numbers is a failure" {
    [ -w /dev/full ] || skip "there is no /dev/full"
    code=0
    echo one | "$wal" append log >/dev/full 2>err || code=$?
    [ "$code" -eq 1 ]
    grep -q "wal: stdout: " err
}

# LOG: waits until the log is open nowhere: the ring of a killed process is torn
# down after its end. Prints the result of check into the file checked.
until_checked()
{
    await_that can_check "$1"
    [ "$code" -eq 0 ] || { cat err; return 1; }
}

# LOG: it is open nowhere. Sets $code to the exit code of check.
can_check()
{
    code=0
    "$wal" check "$1" >checked 2>err || code=$?
    [ "$code" -eq 0 ] || ! grep -q "has it open" err
}

# What a process printed is in the log after the process was killed.
@test "a kill loses no record whose number was printed" {
    for ((i = 0; i < 10; i++)); do
        : >numbers
        lines 100000 | "$wal" append log >numbers 3>&- &
        await_that --from $! [ -s numbers ]
        kill -KILL $! || true # a busy machine may come too late
        wait $! || true
        until_checked log
        printed=$(grep -c . numbers)
        records=$(sed 's/ .*//' checked)
        [ "$records" -ge "$printed" ]
        begins_with log "$printed"
        rm log
    done
}

# BYTES COMMAND: runs the command with a limit on the size of its files, and
# without the signal that usually comes with it.
limited()
{
    (trap '' XFSZ && ulimit -f $(($1 / 1024)) && shift && "$@")
}

@test "a write that is cut short stops the log, and loses no record" {
    lines 20000 >input
    run -1 --separate-stderr limited 102400 "$wal" append log <input
    says "wal: cannot write log: File too large (EFBIG)" "find the cause, and run append again"
    printed=${#lines[@]}
    [ "$printed" -gt 100 ]
    run -0 --separate-stderr "$wal" append log <<<more
    records=$((output - 1))
    [ "$records" -ge "$printed" ]
    begins_with log "$records"
}

@test "a full disk stops the log, and a later append continues it" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a file system"
    mkdir disk
    mount -t tmpfs -o size=200k none disk
    lines 20000 >input
    run -1 --separate-stderr "$wal" append disk/log <input
    says "wal: cannot write disk/log: No space left on device (ENOSPC)"
    printed=${#lines[@]}
    mount -o remount,size=8m disk
    run -0 --separate-stderr "$wal" append disk/log <<<more
    [ "$output" -gt "$printed" ]
    begins_with disk/log "$printed"
}

# Waits until no loop device has the image: a ring that ended may still hold a
# file, and a mount of the same device would show what is in memory.
until_released()
{
    await_that is_released
}

is_released()
{
    [ -z "$(losetup -j image)" ]
}

# COUNT: wal has printed that many numbers.
has_printed()
{
    [ "$(grep -c . numbers)" -ge "$1" ]
}

@test "a power cut loses no record whose number was printed" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a file system"
    command -v mkfs.ext4 >/dev/null || skip "mkfs.ext4 is not installed"
    truncate -s 32M image
    mkfs.ext4 -q image
    mkdir disk
    mount -o loop image disk 2>/dev/null || skip "no loop devices here"
    total=0
    for wanted in 1 30 300 1000 3000; do
        # The first cut comes right after the log was created.
        : >numbers
        lines 100000 | tail -n +$((total + 1)) |
            "$wal" append disk/log >numbers 2>err 3>&- &
        await_that --from $! has_printed "$wanted"
        # A machine without power prints nothing. Here the process runs on, and
        # an fsync that is in flight during the shutdown may return 0.
        printed=$(tail -n 1 numbers)
        "$TOOLS/syscalls" cut-power disk
        wait $! || true
        umount disk
        until_released
        mount -o loop image disk
        until_checked disk/log
        total=$(sed 's/ .*//' checked)
        [ "$total" -ge "$printed" ] || { echo "lost: $total, $printed"; false; }
        begins_with disk/log "$total"
    done
}
