#!/usr/bin/env bats
# tests/suites runs the files of several suites side by side and adds them up.
# shellcheck disable=SC2016 # the quoted texts are programs

bats_require_minimum_version 1.5.0
load ../support/await

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p tests/phase3 tests/phase4 build/tests/phase3 build/tests/phase4 tmp
    cp "$BATS_TEST_DIRNAME/../run" "$BATS_TEST_DIRNAME/../suites" tests
}

unit() # SUITE NAME SCRIPT
{
    printf '#!/bin/sh\n%s\n' "$3" >"build/tests/$1/$2"
    chmod +x "build/tests/$1/$2"
}

# ARGUMENT...: runs tests/suites. Leaves out the lines that a slow run prints
# every 30 s.
suites()
{
    run env TMPDIR="$PWD/tmp" SUITE_TIMEOUT_S=250 tests/suites "$@"
    output=$(sed '/^[0-9]* of [0-9]* files; running: /d' <<<"$output")
    mapfile -t lines <<<"$output"
}

two_lines() # FILE
{
    [ -f "$1" ] && [ "$(wc -l <"$1")" -eq 2 ]
}

passing='echo "x: 2 passed, 0 failed, 0 skipped"'

@test "files and suites are added up" {
    unit phase3 one "$passing"
    unit phase3 two 'echo "two: 3 passed, 0 failed, 1 skipped"'
    unit phase4 three "$passing"
    suites phase3 phase4
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    # shellcheck disable=SC2001 # a regular expression
    without_times=$(sed 's/ ([0-9]* s)$//' <<<"$output")
    [ "$(grep phase3 <<<"$without_times")" = "phase3: 5 passed, 0 failed, 1 skipped" ]
    [ "$(grep phase4 <<<"$without_times")" = "phase4: 2 passed, 0 failed, 0 skipped" ]
    [ "$(tail -n 1 <<<"$without_times")" = "all: 7 passed, 0 failed, 1 skipped" ]
    [ "$(cat build/results/phase3)" = "phase3: 5 passed, 0 failed, 1 skipped" ]
    [ "$(cat build/results/phase4)" = "phase4: 2 passed, 0 failed, 0 skipped" ]
    [ "$(sed 's/^[0-9]* //' build/results/seconds | sort)" = "phase3 one
phase3 two
phase4 three" ]
}

@test "a failed test is shown above its suite's line, and the exit code is 1" {
    unit phase3 one 'echo "FAILED one: it: no"; echo "one: 2 passed, 1 failed, 0 skipped"; exit 1'
    unit phase3 two 'kill -SEGV $$'
    unit phase4 three "$passing"
    suites --jobs 1 phase3 phase4
    [ "$status" -eq 1 ]
    echo "$output"
    [[ "$output" = *"FAILED two: was killed by signal 11"*"
FAILED one: it: no
phase3: 2 passed, 2 failed, 0 skipped ("*" s)
phase4: 2 passed, 0 failed, 0 skipped ("*" s)
all: 4 passed, 2 failed, 0 skipped ("*" s)" ]]
}

@test "a suite without tests has failed" {
    suites phase3
    [ "$status" -eq 1 ]
    [[ "${lines[0]}" = "FAILED phase3: no tests: "* ]]
    [[ "${lines[-1]}" = "all: 0 passed, 1 failed, 0 skipped ("* ]]
}

@test "tests skipped for the same reason are one line" {
    unit phase3 one 'echo "skip one: a: no root"; echo "skip one: b: no root"
echo "skip one: c: no strace"; echo "one: 1 passed, 0 failed, 3 skipped"'
    suites phase3
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "skip one: a and 1 more: no root" ]
    [ "${lines[1]}" = "skip one: c: no strace" ]
}

@test "files run side by side, even those of one suite" {
    mkfifo here there
    meets='timeout 200 sh -c "echo >'$PWD'/MINE & cat '$PWD'/OTHER" &&'
    unit phase3 one "$(sed 's/MINE/here/; s/OTHER/there/' <<<"$meets") $passing"
    unit phase3 two "$(sed 's/MINE/there/; s/OTHER/here/' <<<"$meets") $passing"
    suites --jobs 2 phase3
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "a file that would begin after BEGIN_LIMIT_S is skipped, and named" {
    unit phase3 one "$passing"
    unit phase3 two "$passing"
    BEGIN_LIMIT_S=1000 suites phase3
    [ "$status" -eq 0 ]
    [[ "${lines[-1]}" = "all: 4 passed, 0 failed, 0 skipped ("* ]]
    BEGIN_LIMIT_S=0 suites phase3
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" = "skip "*" and 1 more: 0 s had passed" ]]
    [[ "${lines[-1]}" = "all: 0 passed, 0 failed, 2 skipped ("* ]]
}

@test "no more files run at once than --jobs says" {
    for name in one two three four; do
        unit phase3 $name "mkdir $PWD/busy && rmdir $PWD/busy && $passing"
    done
    suites --jobs 1 phase3
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "a suite's line is printed when its last file ends" {
    unit phase3 one "$passing"
    unit phase4 two "until grep '^phase3: 2 passed' $PWD/log; do sleep 0.05; done
$passing"
    SUITE_TIMEOUT_S=250 tests/suites --jobs 2 phase3 phase4 >log
}

@test "the files that take longest start first" {
    mkdir tests/infra build/tests/infra
    unit phase3 one "$passing"
    unit infra learner_last "$passing"
    suites --jobs 1 phase3 infra
    [ "$status" -eq 0 ]
    [ "$(sed 's/^[0-9]* //' build/results/seconds)" = "infra learner_last
phase3 one" ]
}

@test "a terminal shows what is running" {
    command -v script >/dev/null || skip "script is not installed"
    unit phase3 one "until grep 'running: phase3/one' $PWD/log; do sleep 0.05; done
$passing"
    script -qefc 'tests/suites phase3' log >/dev/null </dev/null
}

@test "a stopped run leaves no process and no folder" {
    unit phase3 one 'setsid sleep 4242 & echo $! >>'"$PWD"'/pids
sleep 4242 & echo $! >>'"$PWD/pids; wait"
    TMPDIR=$PWD/tmp tests/suites phase3 >log 2>&1 &
    suites=$!
    await_that --from "$suites" two_lines pids
    mapfile -t pids <pids
    kill "$suites"
    code=0
    wait "$suites" || code=$?
    [ "$code" -eq 143 ]
    # They were killed, but may still wait for a processor to end on.
    await_gone "${pids[0]}"
    await_gone "${pids[1]}"
    [ -z "$(ls tmp)" ]
}

@test "the lessons are a suite, a file each" {
    mkdir tests/tools
    cp "$BATS_TEST_DIRNAME"/../tools/{docs,slug.awk} tests/tools
    mkdir lib
    printf '# One\n\n[here](#one)\n' >README.md
    echo '[none](none.md)' >lib/README.md
    suites docs
    [ "$status" -eq 1 ]
    echo "$output"
    [[ "${lines[0]}" = "lib/README.md:1: none.md does not exist" ]]
    [[ "${lines[1]}" = "docs: 1 passed, 1 failed, 0 skipped ("* ]]
    [ "$(cat build/results/docs)" = "docs: 1 passed, 1 failed, 0 skipped" ]
}

@test "programs and units are taken from --build" {
    mkdir -p other/tests/phase3
    mv build/tests/phase3 other/tests
    unit=other/tests/phase3/one
    # The programs are copied to where every user reaches them.
    printf '#!/bin/sh\ncase $BIN in */other/phase3) %s ;; esac\n' "$passing" >$unit
    chmod +x $unit
    suites --build other phase3
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$(cat other/results/phase3)" = "phase3: 2 passed, 0 failed, 0 skipped" ]
}

@test "wrong usage is exit 2" {
    for words in "" "phase77" "--what phase3" "--jobs 0 phase3" "--jobs" \
        "phase3 phase77"; do
        # shellcheck disable=SC2086
        run tests/suites $words
        [ "$status" -eq 2 ] || { echo "tests/suites $words"; false; }
    done
    run tests/suites --help
    [ "$status" -eq 0 ]
}
