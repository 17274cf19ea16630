#!/usr/bin/env bats
# One specification for the three ladders: callbacks, polled futures and
# coroutines are three ways to write one program.
#
# Judges: ladder-callback, ladder-coroutine, ladder-polled.

set -o pipefail # how a program ends counts, wherever its output goes

bats_require_minimum_version 1.5.0
load ../support/await

LADDERS="ladder-callback ladder-polled ladder-coroutine"

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

# FUNCTION, once with each ladder in $ladder; says which one failed.
each_ladder()
{
    for name in $LADDERS; do
        ladder=$BIN/$name
        # Of a learner's programs, those that are there.
        [ -z "${LEARNER-}" ] || [ -x "$ladder" ] || continue
        echo "with $name:"
        "$1"
    done
}

make_file() # BYTES FILE
{
    head -c "$1" /dev/urandom >"$2"
}

files_in_order()
{
    "$ladder" b a b >got
    cat b a b | cmp - got
}

@test "files are printed in the order given" {
    make_file 300000 a
    make_file 7 b
    each_ladder files_in_order
}

every_size()
{
    for size in 0 1 65535 65536 65537 131072 1000001; do
        head -c "$size" big >sized
        "$ladder" sized >got
        cmp sized got
        "$ladder" sized | cat | cmp sized -
    done
}

@test "files of every size around a buffer reach a file or a pipe" {
    make_file 1000001 big
    each_ladder every_size
}

hundred_files()
{
    # shellcheck disable=SC2046
    "$ladder" $(seq -f file%g 100) >got
    cat $(seq -f file%g 100) | cmp - got
}

@test "more files than can be open at a time are printed" {
    for i in $(seq 100); do
        make_file $((i * 1000)) "file$i"
    done
    each_ladder hundred_files
}

few_descriptors()
{
    (
        ulimit -n 40
        # shellcheck disable=SC2046
        "$ladder" $(yes a | head -n 500) >got
    )
    [ "$(wc -l <got)" -eq 500 ]
}

@test "descriptors do not grow with the number of files" {
    echo a >a
    each_ladder few_descriptors
}

# The writers of both pipes are this shell's: opened for reading and writing, so
# that neither end is ever missing.
second_is_read_while_the_first_is_waited_for()
{
    rm -f one two && mkfifo one two
    exec 7<>one 8<>two
    "$ladder" one two >got 7>&- 8>&- &
    pid=$!
    # A little more than a pipe holds: this ends only if somebody reads.
    timeout 100 head -c 66000 /dev/zero >&8
    echo first >&7
    exec 7>&- 8>&-
    wait $pid
    { echo first && head -c 66000 /dev/zero; } | cmp - got
}

@test "a file is read ahead while an earlier one is slow" {
    each_ladder second_is_read_while_the_first_is_waited_for
}

# What the process did so far, as the kernel counts it: nanoseconds on a
# processor, and how often it gave the processor up.
spent()
{
    cut -d ' ' -f 1 "/proc/$1/schedstat"
}

switches()
{
    awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$1/status"
}

# PID: it sleeps. On a busy machine it may as well be waiting for a processor.
is_asleep()
{
    grep -q '^State:.S' "/proc/$1/status"
}

# A second in which the program takes no time and is not woken: it makes no system
# call either. Before that it starts, which takes long on a busy machine.
is_idle_for_a_second()
{
    local spent_ns woken

    is_asleep $pid || return
    spent_ns=$(spent $pid) woken=$(switches $pid)
    sleep 1
    spent_ns=$(($(spent $pid) - spent_ns)) woken=$(($(switches $pid) - woken))
    echo "$spent_ns ns, woken $woken times"
    [ "$woken" -eq 0 ] && [ "$spent_ns" -lt 1000000 ]
}

idles()
{
    rm -f one && mkfifo one
    exec 7<>one
    "$ladder" one >got 7>&- &
    pid=$!
    await_that --from $pid is_idle_for_a_second
    echo last >&7
    exec 7>&-
    wait $pid
    [ "$(cat got)" = last ]
}

@test "an idle second makes no system call and takes no time" {
    [ -r /proc/self/schedstat ] || skip "this kernel has no /proc/PID/schedstat"
    each_ladder idles
}

silent()
{
    rm -f one && mkfifo one
    exec 7<>one
    : >calls
    strace -f -qq -o calls "$ladder" one >got 7>&- &
    pid=$!
    await_that --from $pid is_silent_for_a_second
    echo last >&7
    exec 7>&-
    wait $pid
    [ "$(cat got)" = last ]
}

# A second in which strace sees no call of the program, which runs and sleeps.
is_silent_for_a_second()
{
    local before after

    before=$(wc -l <calls)
    [ "$before" -gt 10 ] && is_asleep "$(pgrep -P $pid)" || return
    sleep 1
    after=$(wc -l <calls)
    echo "$before lines before, $after lines after"
    [ "$after" -eq "$before" ]
}

@test "strace sees no system call in an idle second" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0 # a process has one tracer
    each_ladder silent
}

files_without_a_length()
{
    "$ladder" /proc/version a >got
    cat /proc/version a | cmp - got
}

@test "a file of reported size 0 is read to its end" {
    echo a >a
    each_ladder files_without_a_length
}

a_bad_file_among_good_ones()
{
    run --separate-stderr "$ladder" a nowhere folder a
    [ "$status" -eq 1 ]
    [ "$output" = "$(cat a a)" ]
    # shellcheck disable=SC2154
    [ "${stderr_lines[0]}" = "$name: cannot open 'nowhere': \
No such file or directory (ENOENT)" ]
    [ "${stderr_lines[1]}" = "$name: cannot read 'folder': \
Is a directory (EISDIR)" ]
    [ "${#stderr_lines[@]}" -eq 2 ]
}

@test "a file that fails is named, and the others are printed" {
    echo a >a
    mkdir folder
    each_ladder a_bad_file_among_good_ones
}

only_bad_files()
{
    run "$ladder" nowhere nowhere nowhere
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 3 ]
}

@test "every file that fails is named" {
    each_ladder only_bad_files
}

full_output()
{
    run "$ladder" a big a >/dev/null
    [ "$status" -eq 0 ]
    run --separate-stderr sh -c '"$1" a big a >/dev/full' sh "$ladder"
    [ "$status" -eq 1 ]
    [ "$stderr" = "$name: cannot write 'standard output': \
No space left on device (ENOSPC)" ]
}

@test "a full stdout is reported once" {
    echo a >a
    make_file 200000 big
    each_ladder full_output
}

reader_that_leaves()
{
    local code=0
    "$ladder" big big 2>message | head -c 10 >/dev/null || code=$?
    [ "$code" -eq 1 ]
    grep -q "(EPIPE)" message
}

@test "a closed stdout is an error without a signal" {
    make_file 1000000 big
    each_ladder reader_that_leaves
}

help_and_mistakes()
{
    run --separate-stderr "$ladder" --help
    [ "$status" -eq 0 ]
    [[ $output == "Usage: $name FILE..."* ]]
    [ -z "$stderr" ]
    run "$ladder" --version
    [ "$status" -eq 0 ]
    [ "$output" = "$name (one-ring) 0.1" ]
    run --separate-stderr "$ladder"
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == "$name: "*"; see --help" ]]
    run "$ladder" --nonsense a
    [ "$status" -eq 2 ]
}

@test "help and version exit with 0, and wrong usage with 2" {
    each_ladder help_and_mistakes
}

refused_ring()
{
    run "$deny" --all EPERM -- "$ladder" a
    [ "$status" -eq 2 ]
    [ "$output" = "$name: cannot set up io_uring: Operation not permitted \
(EPERM): phase 0's envcheck names the cause" ]
}

@test "without io_uring the exit code is 2 and the message names it" {
    deny=$TOOLS/deny
    [ -x "$deny" ] || skip "the program deny is not built"
    echo a >a
    each_ladder refused_ring
}
