#!/usr/bin/env bats
# tests/tools/bench.bash, the bench.sh that source it, and bench-pair.
# shellcheck disable=SC2016 # the quoted texts are programs

bats_require_minimum_version 1.5.0

setup()
{
    top=$BATS_TEST_DIRNAME/../..
    tools=$top/tests/tools
    cd "$BATS_TEST_TMPDIR" || return
    export log=$PWD/log TMPDIR=$PWD/tmp
    mkdir tmp
}

# FOLDER PROGRAM SCRIPT: a program of a build.
program()
{
    mkdir -p "$1/${2%/*}"
    printf '#!/bin/sh\n%s\n' "$3" >"$1/$2"
    chmod +x "$1/$2"
}

# FOLDER NANOSECONDS: a build whose bench-switch prints that a switch costs so
# much, and writes to the log that it ran.
switch_build()
{
    program "$1" phase3/bench-switch "echo ${1##*/} >>'$log'
        echo 'a switch  2.0 times   ctx_switch $2 ns, swapcontext 99.0 ns'"
}

sourced() # COMMANDS: run by a script that has sourced bench.bash
{
    run --separate-stderr timeout 200 bash -euc '. "$0"; usage() { echo usage; }; '"$1" \
        "$tools/bench.bash"
}

@test "parse_options sets variables, flags, and operands" {
    sourced 'own=0; parse_options "rounds:N server-cpu:CPU only:WORD dir:DIR own ..." \
        --rounds 12 x --server-cpu 0 --own --only "a word" --dir tmp y
        echo "$rounds|$server_cpu|$own|$only|$dir|${operands[*]}"'
    [ "$status" -eq 0 ]
    [ "$output" = "12|0|1|a word|$PWD/tmp|x y" ]
}

@test "parse_options prints the usage for --help, and does nothing else" {
    sourced 'parse_options "rounds:N" --help; echo went on'
    [ "$status" -eq 0 ]
    [ "$output" = usage ]
}

@test "parse_options refuses what is not an option or not a value" {
    for wrong in "--rounds 0" "--rounds 1x" "--rounds -1" "--rounds" \
        "--server-cpu x" "--dir nowhere" "--nonsense" "--round 1" "operand"; do
        sourced 'parse_options "rounds:N server-cpu:CPU dir:DIR" '"$wrong
            echo went on"
        [ "$status" -eq 2 ]
        [ -z "$output" ]
        [ -n "$stderr" ]
    done
}

@test "quantiles lie between the numbers of a column" {
    sourced 'printf "x %s\n" 40 10 30 20 | quantiles 2 0.5 0 1 0.25'
    [ "$output" = "25 10 40 17.5" ]
    sourced 'echo 7 | quantiles 1 0.5 0.1 0.9'
    [ "$output" = "7 7 7" ]
    sourced 'printf "%s\n" 123456789 123456790 9 | quantiles 1 0.5 1'
    [ "$output" = "123456789 123456790" ]
}

@test "in_turns alternates, and print_ratio has the median of the pairs' ratios" {
    sourced 'make_scratch; n=0
        one() { n=$((n + 1)); echo "$n $1" >>"$log"; echo $((n * n)); }
        in_turns 3 one a b
        print_ratio a b "a to b"'
    [ "$output" = "0.56 (0.25..0.69)  a to b" ] # 1/4, 9/16, 25/36
    [ "$(cut -d ' ' -f 2 log | tr -d '\n')" = ababab ]
    [ -z "$(ls -A tmp)" ]
}

@test "start_server waits for the server, which ends with the script" {
    program . bin/server 'echo $$ >"$log"; echo listening on http://127.0.0.1:1234
        exec sleep 600'
    sourced 'make_scratch; start_server web bin/server; echo "$url $pid"'
    [ "$status" -eq 0 ]
    [ "$output" = "http://127.0.0.1:1234 $(cat log)" ]
    run ! kill -0 "$(cat log)"
    [ -z "$(ls -A tmp)" ]
}

@test "start_server prints the message of a server that does not start" {
    program . bin/server 'echo no room >&2; exit 1'
    sourced 'make_scratch; start_server web bin/server; echo went on'
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == *"web does not start: no room" ]]
}

@test "each bench.sh prints its usage, and refuses an unknown option" {
    for script in "$top"/phase*/bench.sh; do
        run --separate-stderr "$script" --help
        [ "$status" -eq 0 ]
        [[ $output == "usage: phase"*"/bench.sh "* ]]
        run --separate-stderr "$script" --nonsense
        [ "$status" -eq 2 ]
        [[ $stderr == *"--nonsense"* ]]
    done
}

@test "each bench.sh says that the build of BUILD has no programs" {
    for script in "$top"/phase*/bench.sh; do
        BUILD=$PWD/nothing run --separate-stderr "$script"
        [ "$status" -eq 2 ]
        [[ $stderr == "bench.sh: "*": ninja phase"* ]]
        [ -z "$output" ]
    done
}

@test "phase3/bench.sh measures the programs of BUILD" {
    switch_build "$PWD/other" 7.5
    BUILD=$PWD/other run --separate-stderr "$top/phase3/bench.sh" --rounds 3
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = "  2.00   2.00..2.00   a switch     ctx_switch 7.5 ns, \
swapcontext 99.0 ns" ]
    [ "$(wc -l <log)" -eq 3 ]
}

@test "bench-pair alternates, and prints the ratio of after to before first" {
    switch_build "$PWD/one" 10.0
    switch_build "$PWD/two" 15.0
    run --separate-stderr "$tools/bench-pair" --rounds 7 --only switches one two
    [ "$status" -eq 0 ]
    row=$(grep 'a switch' <<<"$output")
    [ "$(tr -s ' ' <<<"$row")" = " 1.500 1.500..1.500 10.0 15.0 ns 7 a switch slower" ]
    [ "${lines[-1]}" = "1 figures: 1 slower beyond the spread, 0 faster" ]
    # The first run of each is not counted.
    [ "$(tr '\n' ' ' <log)" = "one two $(printf 'one two two one %.0s' 1 2 3)one two " ]
    [ -z "$(ls -A tmp)" ]
}

@test "bench-pair does not mark a row of a few pairs" {
    switch_build "$PWD/one" 15.0
    switch_build "$PWD/two" 10.0
    run "$tools/bench-pair" --rounds 3 --only switches one two
    [[ $output == *" 3  a switch"* ]]
    [[ ${lines[-1]} == *"0 slower beyond the spread, 0 faster" ]]
    run "$tools/bench-pair" --rounds 7 --only switches one two
    [[ ${lines[-1]} == *"0 slower beyond the spread, 1 faster" ]]
}

@test "bench-pair ends after --seconds, but not before three pairs" {
    switch_build "$PWD/one" 10.0
    program two phase3/bench-switch 'sleep 0.4; echo two >>"$log"
        echo "a switch  2.0 times   ctx_switch 10 ns, swapcontext 99.0 ns"'
    run "$tools/bench-pair" --seconds 1 --rounds 100 --only switches one two
    [ "$status" -eq 0 ]
    pairs=$(grep -c two log)
    [ "$pairs" -ge 4 ]
    [ "$pairs" -le 10 ] # of 100; a busy machine does fewer
}

@test "bench-pair skips what a build does not have, and measures the rest" {
    switch_build "$PWD/one" 10.0
    switch_build "$PWD/two" 10.0
    program "$PWD/one" phase3/ladder-polled 'exit 0'
    run "$tools/bench-pair" --rounds 1 --only phase3 one two
    [ "$status" -eq 0 ]
    [[ $output == *"skipped: phase3/ladder-polled ladder ladder-polled: not in after"* ]]
    [[ ${lines[-1]} == "1 figures: "* ]]
    run "$tools/bench-pair" --rounds 1 --only phase4 one two
    [ "$status" -eq 2 ]
    [[ ${lines[-1]} == "bench-pair: nothing was measured" ]]
}

@test "bench-pair ends with the message of a program that fails" {
    switch_build "$PWD/one" 10.0
    program two phase3/bench-switch 'echo broken >&2; exit 1'
    run --separate-stderr "$tools/bench-pair" --rounds 1 --only switches one two
    [ "$status" -eq 2 ]
    [[ $stderr == *broken*"bench-pair: after failed: switches"* ]]
    [ -z "$(ls -A tmp)" ]
}

@test "bench-pair times commands, and their processor time" {
    program one phase2/batch 'sleep 0.02'
    program two phase2/batch 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done'
    run "$tools/bench-pair" --rounds 1 --only "batch batch" one two
    [ "$status" -eq 0 ]
    # RATIO SPREAD BEFORE AFTER UNIT PAIRS NAME...
    awk '/batch batch, 1000 files$/ { wall = $3 }
        /processor$/ { before = $3; after = $4 }
        END { exit !(wall >= 20000 && before < wall / 2 && after > before) }' \
        <<<"$output"
}

@test "bench-pair needs two builds" {
    mkdir one
    for wrong in "" one "one nowhere" "one one one"; do
        # shellcheck disable=SC2086 # words on purpose
        run --separate-stderr "$tools/bench-pair" $wrong
        [ "$status" -eq 2 ]
        [ -z "$output" ]
    done
}
