# One specification for the bridges: each test runs all of them, with every kind
# of ring and everything that a host can watch. cat says what to expect.
#
# Judges: bridge-epoll, bridge-glib, bridge-uv.

bats_require_minimum_version 1.5.0
load ../support/await

BRIDGES="bridge-epoll bridge-uv bridge-glib"

setup()
{
    set -o pipefail # how a bridge ends counts, wherever its output goes
    cd "$BATS_TEST_TMPDIR" || return
    pid=
}

# Whatever a failed test has left waiting at its fifo.
teardown()
{
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
}

# FUNCTION, once with each bridge in $bridge and its options in $how.
each_bridge()
{
    for name in $BRIDGES; do
        bridge=$BIN/$name
        # GLib may be missing; the test below says so.
        [ "$name" != bridge-glib ] || [ -x "$bridge" ] || continue
        # Of a learner's programs, those that are there.
        [ -z "${LEARNER-}" ] || [ -x "$bridge" ] || continue
        for how in "" "--watch eventfd" "--ring deferred" "--watch host" \
            "--watch host --ring deferred"; do
            # GLib waits by poll(2): there is no descriptor that a ring could watch.
            [[ $name$how != bridge-glib*host* ]] || continue
            echo "with $name $how:"
            "$1"
        done
    done
}

# shellcheck disable=SC2086 # $how is words
run_bridge()
{
    timeout 100 "$bridge" $how "$@"
}

# BYTES FILE: content that no two blocks have in common.
make_file()
{
    head -c "$1" /dev/urandom >"$2"
}

@test "every host was tested" {
    [ -z "${LEARNER-}" ] || skip "of your hosts, those that are there are tested"
    [ -x "$BIN/bridge-epoll" ]
    [ -x "$BIN/bridge-uv" ]
    [ -x "$BIN/bridge-glib" ] ||
        skip "bridge-glib: $(cat "$BIN/bridge-glib" || echo "not there")"
}

files_in_order()
{
    run_bridge b a b c >got
    cat b a b c | cmp - got
}

@test "files are written in the order given" {
    make_file 300000 a
    make_file 7 b
    : >c
    each_bridge files_in_order
}

more_files_than_the_window()
{
    run_bridge many.* >got
    cat many.* | cmp - got
}

@test "more files than are open at a time are written in order" {
    for i in $(seq 10 149); do
        head -c $((i * 97)) /dev/urandom >many."$i"
    done
    each_bridge more_files_than_the_window
}

every_size()
{
    for size in 0 1 65535 65536 65537 1000001; do
        head -c "$size" big >sized
        run_bridge sized >got
        cmp sized got
        run_bridge sized sized | cmp - <(cat sized sized)
        run_bridge - <sized | cmp - sized
        cat sized | run_bridge sized - sized | cmp - <(cat sized sized sized)
    done
}

@test "files and pipes of every size around a block are copied" {
    make_file 1000001 big
    each_bridge every_size
}

empty_in_size_only()
{
    run_bridge /proc/self/limits >got
    [ -s got ]
    run_bridge /proc/sys/kernel/ostype | cmp - /proc/sys/kernel/ostype
}

@test "a file that reports a wrong size is read to its end" {
    each_bridge empty_in_size_only
}

through_a_fifo()
{
    run_bridge a fifo a >got 3>&- &
    pid=$!
    # Opening it waits for the reader; so the first file is under way by then.
    cat b >fifo
    wait "$pid"
    cat a b a | cmp - got
}

@test "a slow fifo between two files is written in order" {
    make_file 100000 a
    make_file 200000 b
    mkfifo fifo
    each_bridge through_a_fifo
}

# Runs the bridge in the background, reading a pipe; fd 7 writes to it. The pipe
# has both ends before anybody waits: a shell that waits in the open of a fifo
# may be interrupted there, after its partner has gone on.
start_with_pipe()
{
    exec 6<>fifo 7>fifo 8<fifo 6>&-
    # shellcheck disable=SC2086
    "$bridge" $how "$@" - <&8 >got 2>report 3>&- 7>&- 8<&- &
    pid=$!
    exec 8<&-
}

# Between two bytes the writer waits until the program has gone to sleep a hundred
# times more: for some of it while it starts, else only its ticker wakes it.
sleeps_of()
{
    awk '/^voluntary/ { print $2 }' "/proc/$1/status"
}

# COUNT: the program has gone to sleep that many times.
has_slept()
{
    [ "$(sleeps_of "$pid")" -ge "$1" ]
}

ticks_meanwhile()
{
    start_with_pipe --report
    printf x >&7
    await_that --from "$pid" has_slept $(($(sleeps_of "$pid") + 100))
    printf y >&7
    exec 7>&-
    wait "$pid"
    [ "$(cat got)" = xy ]
    ticks=$(sed -n 's/.* ticks, \([0-9]*\) of them with I\/O in flight.*/\1/p' report)
    [ "$ticks" -ge 50 ]
}

# The program has been in one and the same sleep for a tenth of a second: a host
# that ticks wakes up all the time. A program that waits for a processor does not
# sleep either.
stands_still()
{
    local before

    before=$(sleeps_of "$pid")
    sleep 0.1
    [ "$(sleeps_of "$pid")" -eq "$before" ] &&
        grep -q '^State:.S' "/proc/$pid/status"
}

# Sets $gap to the longest time without a tick, in milliseconds.
measure_gap()
{
    start_with_pipe --blocking --report
    await_that --from "$pid" stands_still
    printf late >&7
    exec 7>&-
    wait "$pid"
    [ "$(cat got)" = late ]
    gap=$(sed 's/.*longest gap \([0-9]*\).*/\1/' report)
}

# On a busy machine the program may stand still before its first read.
blocked()
{
    run_bridge --blocking a - a <a | cmp - <(cat a a a)
    gap=0
    for _ in 1 2 3 4 5; do
        [ "$gap" -ge 50 ] || measure_gap
    done
    [ "$gap" -ge 50 ]
}

@test "blocking reads stop the ticks of the host" {
    make_file 300000 a
    mkfifo fifo
    each_bridge blocked
}

@test "the host ticks while a read is in flight" {
    mkfifo fifo
    each_bridge ticks_meanwhile
}

# Sixty-four fifos, each with a writer and nothing in it. Opening one does not wait,
# but reading it does.
open_fifos()
{
    for i in $(seq 64); do
        exec {writer}<>"fifo$i"
        writers[i]=$writer
    done
}

close_fifos()
{
    for i in $(seq 64); do
        exec {writers[i]}>&-
    done
}

# The reader must not hold the writers' ends open itself: then no fifo would end.
start_closed()
{
    (
        close_fifos
        # shellcheck disable=SC2086
        exec "$bridge" $how --report "$@" >got 2>report 3>&-
    ) &
    pid=$!
}

sixty_four_slow_reads()
{
    open_fifos
    # shellcheck disable=SC2046
    start_closed $(seq -f fifo%g 64)
    await_that --from "$pid" has_slept $(($(sleeps_of "$pid") + 200))
    for i in $(seq 64); do
        echo "$i" >&"${writers[i]}"
    done
    close_fifos
    wait "$pid"
    seq 64 | cmp - got
    ticks=$(sed -n 's/.* ticks, \([0-9]*\) of them with I\/O in flight (64 at most).*/\1/p' report)
    [ "$ticks" -ge 50 ]
}

@test "the host ticks while sixty-four reads are in flight" {
    for i in $(seq 64); do
        mkfifo "fifo$i"
    done
    each_bridge sixty_four_slow_reads
}

missing_file()
{
    run --separate-stderr run_bridge a missing a
    [ "$status" -eq 1 ]
    [ "$output" = "aa" ]
    # shellcheck disable=SC2154
    [ "$stderr" = "${bridge##*/}: cannot open 'missing': No such file or directory (ENOENT)" ]
}

@test "a file that is missing is named, and the others are written" {
    printf a >a
    each_bridge missing_file
}

a_directory()
{
    run --separate-stderr run_bridge a folder a
    [ "$status" -eq 1 ]
    [ "$output" = "aa" ]
    [ "$stderr" = "${bridge##*/}: cannot read 'folder': Is a directory (EISDIR)" ]
}

@test "a directory is named, and the others are written" {
    printf a >a
    mkdir folder
    each_bridge a_directory
}

full_disk()
{
    run_bridge a a a </dev/null >/dev/null
    run --separate-stderr sh -c "\"$bridge\" $how a a a >/dev/full"
    [ "$status" -eq 1 ]
    [ "$stderr" = "${bridge##*/}: cannot write 'standard output': No space left on device (ENOSPC)" ]
}

@test "a full disk is reported once and ends the run" {
    make_file 200000 a
    each_bridge full_disk
}

closed_stdout()
{
    run --separate-stderr sh -c "\"$bridge\" $how a >&-"
    [ "$status" -eq 1 ]
    [[ $stderr == *"cannot write 'standard output'"* ]]
}

@test "a closed standard output is an error and no file gets its number" {
    printf a >a
    each_bridge closed_stdout
}

usage()
{
    for arguments in "" "--no-such-option a" "--ring square a" "--watch sky a" \
        "--ring deferred --watch ring a"; do
        # shellcheck disable=SC2086
        run --separate-stderr "$bridge" $arguments
        [ "$status" -eq 2 ]
        [ -z "$output" ]
        [[ $stderr == "${bridge##*/}: "*"; see --help" ]]
    done
}

@test "a usage error exits 2 and names --help" {
    each_bridge usage
}

help_and_version()
{
    run --separate-stderr "$bridge" --help
    [ "$status" -eq 0 ]
    [[ $output == "Usage: ${bridge##*/} "* ]]
    [ -z "$stderr" ]
    run --separate-stderr "$bridge" --version
    [ "$status" -eq 0 ]
    [ "$output" = "${bridge##*/} (one-ring) 0.1" ]
}

@test "help and version are printed on standard output" {
    each_bridge help_and_version
}

forbidden()
{
    run --separate-stderr "$deny" --all EPERM -- "$bridge" a
    [ "$status" -eq 2 ]
    [[ $stderr == *"cannot set up io_uring"*"(EPERM)"* ]]
}

registering_forbidden()
{
    run --separate-stderr "$deny" --register EPERM -- "$bridge" --watch ring a
    [ "$status" -eq 0 ]
    [ "$output" = a ]
    run --separate-stderr "$deny" --register EPERM -- "$bridge" --watch eventfd a
    [ "$status" -eq 2 ]
    [[ $stderr == *"cannot connect the ring to the host"*"(EPERM)"* ]]
}

@test "without registration the bridge watches the ring's own fd" {
    deny=$TOOLS/deny
    [ -x "$deny" ] || skip "no tests/deny beside these programs"
    printf a >a
    each_bridge registering_forbidden
}

@test "without io_uring the exit code is 2 and the message names it" {
    deny=$TOOLS/deny
    [ -x "$deny" ] || skip "no tests/deny beside these programs"
    printf a >a
    each_bridge forbidden
}

interrupted()
{
    start_with_pipe
    for _ in 1 2 3 4 5; do
        kill -STOP "$pid"
        kill -CONT "$pid"
    done
    printf end >&7
    exec 7>&-
    wait "$pid"
    [ "$(cat got)" = end ]
}

@test "a bridge that is stopped and continued loses nothing" {
    mkfifo fifo
    each_bridge interrupted
}
