#!/usr/bin/env bats
# The lab that compares four ways to wait for many descriptors.
#
# Judges: readiness.

set -o pipefail # how a program ends counts, wherever its output goes

bats_require_minimum_version 1.5.0

# COLUMN LINE: a number of the table; lines 1 and 2 are its head.
cell()
{
    awk -v column="$1" -v line="$2" 'NR == line + 2 { print $column }' <<<"$output"
}

measured()
{
    run --separate-stderr timeout 200 "$BIN/readiness"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 6 ]
}

@test "readiness counts the system calls of each way" {
    measured
    for line in 1 2 3 4; do
        # One wait and four reads for four descriptors; the ring: one wait. An
        # interrupted wait counts twice.
        for column in 2 4 6; do
            [[ $(cell $column $line) == 1.2[5-9] ]]
        done
        [[ $(cell 8 $line) == 0.2[5-9] ]]
    done
    [ "$(cell 1 1)" -eq 16 ]
    [ "$(cell 1 4)" -eq 1000 ]
}

# A thousand descriptors cost select and poll more than four times what sixteen
# cost, and the others less than half of what poll costs.
slows_select_and_poll()
{
    local column

    for column in 3 5; do
        [ "$(cell $column 4)" -gt $((4 * $(cell $column 1))) ] || return
    done
    for column in 7 9; do
        [ $((2 * $(cell $column 4))) -lt "$(cell 5 4)" ] || return
    done
}

# Another program may take the processor in the middle of a measurement.
@test "idle descriptors slow down select and poll, not epoll and the ring" {
    for _ in 1 2 3 4 5; do
        measured
        echo "$output"
        ! slows_select_and_poll || return 0
    done
    false
}

@test "readiness prints a message if there are too few descriptors" {
    export ASAN_OPTIONS=detect_leaks=0 # it opens files at the end
    run bash -c 'ulimit -n 100; "$1" 2>&1' bash "$BIN/readiness"
    [ "$status" -eq 2 ]
    [[ ${lines[2]} == *" 16 "* ]]
    [[ ${lines[-1]} == "readiness: cannot make an eventfd: "*" (EMFILE); "* ]]
}

@test "usage errors of the lab exit 2, help and version 0" {
    for wrong in --nonsense spare; do
        run --separate-stderr "$BIN/readiness" "$wrong"
        [ "$status" -eq 2 ]
        [ -z "$output" ]
        # shellcheck disable=SC2154
        [[ $stderr == "readiness: "* ]]
    done
    run "$BIN/readiness" --help
    [ "$status" -eq 0 ]
    [[ $output == "Usage: readiness"* ]]
    run "$BIN/readiness" --version
    [ "$output" = "readiness (one-ring) 0.1" ]
}
