# One specification for the three cats: each test runs all of them, and where
# coreutils' cat has an answer, that is the answer expected.
#
# Judges: cat-raw, cat-sync, cat-uring.

load ../support/judge
load ../support/await
load ../support/steady

CATS="cat-sync cat-raw cat-uring"

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

# FUNCTION, once with each cat that is there in $cat; says which one failed.
each_cat()
{
    # Words on purpose.
    # shellcheck disable=SC2086
    judge_each $CATS
    # shellcheck disable=SC2154 # judge_each sets it
    for name in $programs; do
        cat=$BIN/$name
        echo "with $name:"
        "$1"
    done
}

# BYTES FILE: content that no two blocks have in common.
make_file()
{
    head -c "$1" /dev/urandom >"$2"
}

files_in_order()
{
    "$cat" b a b >got
    cat b a b | same_bytes - got
}

@test "files are written in the order given" {
    make_file 300000 a
    make_file 7 b
    each_cat files_in_order
}

every_size()
{
    for size in 0 1 4095 4096 4097 131071 131072 131073 1048576 3000001; do
        head -c "$size" big >sized
        "$cat" sized >got
        same_bytes sized got
        "$cat" sized | same_bytes sized -
        "$cat" <sized >got
        same_bytes sized got
        cat sized | "$cat" >got
        same_bytes sized got
        cat sized | "$cat" | same_bytes sized -
    done
}

@test "every size around a block arrives, from and to a file or a pipe" {
    make_file 3000001 big
    each_cat every_size
}

dash_is_stdin()
{
    echo middle | "$cat" first - last >got
    printf 'one\nmiddle\ntwo\n' | same_bytes - got
    echo alone | "$cat" >got
    [ "$(cat got)" = alone ]
}

@test "a dash, and no argument, mean standard input" {
    echo one >first
    echo two >last
    each_cat dash_is_stdin
}

symbols_to_got()
{
    "$cat" /proc/kallsyms >got
}

proc_and_sys()
{
    "$cat" /proc/version /proc/cmdline >got
    cat /proc/version /proc/cmdline | same_bytes - got
    "$cat" /sys/kernel/mm/transparent_hugepage/enabled | same_bytes - \
        /sys/kernel/mm/transparent_hugepage/enabled
    copies_steady /proc/kallsyms got symbols_to_got
}

@test "files whose size lies are read to their end" {
    [ "$(stat -c %s /proc/version)" -eq 0 ]
    each_cat proc_and_sys
}

unreadable_among_others()
{
    run --separate-stderr "$cat" a missing . b
    exits 1
    [ "$output" = "$(cat a b)" ]
    says "'missing'" "No such file or directory (ENOENT)"
    says "'.'" "Is a directory (EISDIR)"
}

# bats test_tags=errors
@test "an unreadable input does not stop the others" {
    echo first >a
    echo second >b
    each_cat unreadable_among_others
}

no_permission()
{
    run --separate-stderr setpriv --reuid 65534 --clear-groups "$cat" secret open
    exits 1
    [ "$output" = readable ]
    says "'secret'" "Permission denied (EACCES)"
}

# bats test_tags=errors
@test "a file without permission is named" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else"
    setpriv --reuid 65534 --clear-groups true 2>/dev/null ||
        skip "no other user in this container"
    chmod 755 .
    echo secret >secret
    chmod 600 secret
    echo readable >open
    chmod 644 open
    each_cat no_permission
}

usage()
{
    run --separate-stderr "$cat" --no-such-option
    exits 2
    [ -z "$output" ]
    says "--help"
}

# bats test_tags=errors
@test "an unknown option exits with 2, and the message names --help" {
    each_cat usage
}

help_and_version()
{
    run --separate-stderr "$cat" --version
    exits 0
    [ "$output" = "${cat##*/} (one-ring) 0.1" ]
    run --separate-stderr "$cat" --help
    exits 0
    [[ "$output" == "Usage: ${cat##*/} "* ]]
    [ -z "$stderr" ]
}

# bats test_tags=manners
@test "--help and --version print the course's texts and exit with 0" {
    each_cat help_and_version
}

append()
{
    echo kept >log
    "$cat" a >>log
    cat a >expected.a
    (echo kept; cat a) | same_bytes - log
}

@test "append mode appends" {
    make_file 400000 a
    each_cat append
}

shared_position()
{
    { echo head; "$cat" a; echo middle; "$cat" a; echo tail; } >got
    { echo head; cat a; echo middle; cat a; echo tail; } | same_bytes - got
}

@test "commands that share one output do not write over each other" {
    make_file 300001 a
    each_cat shared_position
}

shared_input()
{
    {
        IFS= read -r line
        "$cat"
        "$cat" # nothing is left for this one
    } <lines >got
    [ "$line" = "line 1" ]
    tail -n +2 lines | same_bytes - got
    { head -c 5 >/dev/null; "$cat"; } < <(printf 'abcdefgh') | same_bytes - <(printf fgh)
}

@test "standard input is read from its position, and left at its end" {
    seq -f 'line %g' 100000 >lines
    each_cat shared_input
}

input_is_output()
{
    echo something >f
    run --separate-stderr bash -c 'ulimit -f 2000; "$0" f other >>f' "$cat"
    exits 1
    says "'f': input file is output file"
    [ "$(cat f)" = "$(printf 'something\nother')" ]
    # An empty file has nothing to be read for ever: as with cat, no error.
    : >empty
    run --separate-stderr bash -c 'ulimit -f 2000; "$0" empty >>empty' "$cat"
    exits 0
}

# bats test_tags=errors
@test "cat f >> f is refused, and the other inputs are written" {
    echo other >other
    each_cat input_is_output
}

closed_stdout()
{
    run --separate-stderr bash -c '"$0" a >&-' "$cat"
    exits 1
    says "write error" "(EBADF)"
    run --separate-stderr bash -c '"$0" - a <&-' "$cat"
    exits 1
    [ "$output" = a ]
    says "'standard input'" "(EBADF)"
    run bash -c '"$0" missing a 2>&-' "$cat"
    exits 1
    [ "$output" = a ]
}

# bats test_tags=errors
@test "closed standard descriptors are reported and never mistaken" {
    echo a >a
    each_cat closed_stdout
}

full_device()
{
    run --separate-stderr bash -c '"$0" a >/dev/full' "$cat"
    exits 1
    says "write error" "No space left on device (ENOSPC)"
    run --separate-stderr bash -c 'cat a | "$0" >/dev/full' "$cat"
    exits 1
    says "(ENOSPC)"
}

# bats test_tags=errors
@test "a full output is an error, and the message names it" {
    make_file 200000 a
    each_cat full_device
}

sigpipe()
{
    # 141 is 128 + SIGPIPE: died of it, as cat does.
    run bash -c 'head -c 1G /dev/zero | "$0" | head -c 1 | wc -c
        echo "${PIPESTATUS[1]}"' "$cat"
    [ "${lines[0]}" -eq 1 ]
    [ "${lines[1]}" -eq 141 ]
    run bash -c '"$0" big | head -c 1 >head; echo "${PIPESTATUS[0]}"' "$cat"
    [ "${lines[0]}" -eq 141 ]
    run bash -c 'trap "" PIPE; "$0" big 2>err | head -c 1 >head
        echo "${PIPESTATUS[0]}"' "$cat"
    [ "${lines[0]}" -eq 1 ]
    grep -q 'write error: Broken pipe (EPIPE)' err
}

# bats test_tags=errors
@test "a closed output ends cat by SIGPIPE, or is an error if that is ignored" {
    truncate -s 64M big
    each_cat sigpipe
}

many_arguments()
{
    (
        ulimit -n 16
        seq -f 'many/%g' 10000 | xargs -x -n 10000 -s 1000000 "$cat" >got
    )
    seq 10000 | same_bytes - got
}

@test "10,000 arguments are written with 16 descriptors" {
    mkdir many
    # A loop of bats takes seconds.
    seq 10000 | awk '{ file = "many/" $1; print >file; close(file) }'
    each_cat many_arguments
}

fifo()
{
    rm -f fifo
    mkfifo fifo
    # The shells inside open it: they give up if the cat never does.
    timeout 100 sh -c 'cat a >fifo' 3>&- &
    "$cat" fifo >got
    same_bytes a got
    wait
    timeout 100 sh -c 'cat fifo >got' 3>&- &
    timeout 100 sh -c '"$0" a >fifo' "$cat"
    wait
    same_bytes a got
}

@test "a FIFO is read and written like a file" {
    make_file 500000 a
    each_cat fifo
}

# The writer waits for an answer to each line: were the line kept back, both
# would wait, and the reads below time out.
# [COMMAND…]: runs the cat, by itself or by COMMAND.
at_once()
{
    coproc "$@" "$cat"
    for line in one two three; do
        echo "$line" >&"${COPROC[1]}"
        IFS= read -r -t 100 answer <&"${COPROC[0]}"
        [ "$answer" = "$line" ]
    done
    # COPROC goes when the coprocess ends; keep what is needed of it.
    local pid=$COPROC_PID in=${COPROC[1]}
    exec {in}>&-
    wait "$pid"
}

# bats test_tags=interruptions
@test "input is passed on at once" {
    each_cat at_once
}

# STATES PID: waits until the process is in one of these states of proc(5).
until_state()
{
    await_that --from "$2" grep -q "^State:[[:space:]][$1]" "/proc/$2/status"
}

# What is typed is behind the cat, in the pipe, before the next line is.
at_once_from_terminal()
{
    : >got
    rm -f typing
    mkfifo typing
    script -qec "$cat | cat >got" /dev/null <typing >/dev/null 3>&- &
    exec 7>typing
    for line in one two; do
        echo "$line" >&7
        await_line got "$line" >/dev/null
    done
    printf '\004' >&7
    exec 7>&-
    wait
}

at_once_from_socket()
{
    at_once "$TOOLS/syscalls" socket
}

# bats test_tags=interruptions
@test "input from a terminal or a socket goes into a pipe at once" {
    each_cat at_once_from_terminal
    each_cat at_once_from_socket
}

terminal()
{
    # script runs its command on a terminal; 4 is the terminal's end of file.
    printf 'typed\n\004' | script -qec "$cat >got" /dev/null >/dev/null
    [ "$(cat got)" = typed ]
    script -qec "$cat a" /dev/null </dev/null | tr -d '\r' | grep -qx shown
}

# bats test_tags=interruptions
@test "a terminal is read and written" {
    echo shown >a
    each_cat terminal
}

non_blocking()
{
    # Its first read finds nothing: that is -EAGAIN, and no end.
    mkfifo input.fifo
    "$TOOLS/syscalls" non-blocking 0 "$cat" <input.fifo >got 3>&- &
    pid=$!
    exec 7>input.fifo
    until_state S "$pid"
    echo late >&7
    exec 7>&-
    wait "$pid"
    rm input.fifo
    [ "$(cat got)" = late ]
}

# bats test_tags=interruptions
@test "a non-blocking input is waited for" {
    each_cat non_blocking
}

direct_output()
{
    dd if=/dev/zero of=got bs=1M count=1 conv=fsync status=none
    "$TOOLS/syscalls" direct got "$cat" a
    same_bytes a got
}

# bats test_tags=exotic
@test "an O_DIRECT output, whose writes complete later, gets every block" {
    dd if=/dev/zero of=try bs=4096 count=1 oflag=direct 2>/dev/null ||
        skip "this file system has no O_DIRECT"
    make_file 1048576 a
    each_cat direct_output
}

odd_names()
{
    "$cat" -- "$odd" -dash >got
    printf 'ab' | same_bytes - got
    run --separate-stderr "$cat" "$(printf 'no\nsuch\033')"
    exits 1
    says "'no\\012such\\033'"
}

@test "odd names are opened as bytes, and escaped in messages" {
    odd=$(printf 'new\nline\377')
    printf a >"$odd"
    printf b >-dash
    each_cat odd_names
}

past_4_gib()
{
    # From one mebibyte before the limit; dd leaves its input there.
    { dd bs=1M skip=4095 count=0 status=none; "$cat"; } <sparse | same_bytes expected -
    { dd bs=1M skip=4095 count=0 status=none; "$cat"; } <sparse >got
    same_bytes expected got
}

# bats test_tags=exotic
@test "a file longer than 4 GiB is copied across that limit" {
    truncate -s 4G sparse 2>/dev/null || skip "no 4 GiB files here"
    make_file 300000 tail
    cat tail >>sparse
    { head -c 1M /dev/zero; cat tail; } >expected
    each_cat past_4_gib
}

limited_file()
{
    run --separate-stderr bash -c 'ulimit -f 100; trap "" XFSZ
        "$0" a >limited' "$cat"
    exits 1
    says "write error" "File too large (EFBIG)"
    same_bytes <(head -c 102400 a) limited
    rm limited
}

# bats test_tags=interruptions
@test "a file size limit stops cat after the bytes that fit" {
    make_file 300000 a
    each_cat limited_file
}

stopped_and_continued()
{
    mkfifo slow.fifo
    start_behind got err "$cat" slow.fifo
    # shellcheck disable=SC2154 # start_behind sets it
    pid=$started
    exec 7<>slow.fifo # does not wait for a cat that never opens it
    echo before >&7
    await_line got before "$pid" >/dev/null
    for _ in 1 2 3 4 5; do
        until_state S "$pid" # it waits for more
        kill -STOP "$pid"
        until_state T "$pid"
        kill -CONT "$pid"
    done
    echo after >&7
    exec 7>&-
    wait "$pid"
    rm slow.fifo
    printf 'before\nafter\n' | same_bytes - got
}

# bats test_tags=interruptions
@test "a cat that is stopped and continued writes all bytes" {
    each_cat stopped_and_continued
}
