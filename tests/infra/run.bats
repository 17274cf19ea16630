#!/usr/bin/env bats
# What tests/run makes of tests that pass, fail, skip, crash, hang or lie.
# shellcheck disable=SC2016 # the quoted texts are programs

load ../support/await

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p tests/phase3 phase3 units/phase3 units/tests/phase3
    cp "$BATS_TEST_DIRNAME/../run" tests/run
}

unit() # NAME SCRIPT
{
    printf '#!/bin/sh\n%s\n' "$2" >"units/tests/phase3/$1"
    chmod +x "units/tests/phase3/$1"
}

# In two halves: this file's own bats would take the line for its own.
commands() # NAME TEXT
{
    printf '%s\n' "${2//TEST/@""test}" >"tests/phase3/$1.bats"
}

# tests/run as from a shell: bats within bats trips over its own variables.
fresh() # COMMAND...
{
    run env -i PATH="$(printf %s "$PATH" | tr : '\n' | grep -v bats | tr '\n' :)" \
        TMPDIR="$BATS_TEST_TMPDIR" SUITE_TIMEOUT_S="${SUITE_TIMEOUT_S-250}" \
        TEST_TIMEOUT_S="${TEST_TIMEOUT_S-}" "$@"
}

suite()
{
    fresh tests/run phase3 --bin units/phase3 --units units/tests/phase3
}

@test "units and commands are added up, and the sum is left for others" {
    unit one 'echo "one: 2 passed, 0 failed, 0 skipped"'
    unit two 'echo noise; echo "two: 3 passed, 0 failed, 0 skipped"'
    commands a 'TEST "it is" { true; }'
    suite
    [ "$status" -eq 0 ]
    [ "$output" = "phase3: 6 passed, 0 failed, 0 skipped" ]
    [ "$(cat units/results/phase3)" = "$output" ]
}

@test "a failed unit shows what it printed" {
    unit one 'echo "FAILED one: it: no"; echo "one: 2 passed, 1 failed, 0 skipped"; exit 1'
    suite
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "FAILED one: it: no" ]
    [ "${lines[-1]}" = "phase3: 2 passed, 1 failed, 0 skipped" ]
}

@test "a unit that crashes is one failure" {
    unit one 'echo started; kill -SEGV $$'
    suite
    [ "$status" -eq 1 ]
    [[ "$output" = *"FAILED one: was killed by signal 11, and printed no summary"* ]]
    [ "${lines[-1]}" = "phase3: 0 passed, 1 failed, 0 skipped" ]
}

@test "a unit whose tests pass but which ends badly has failed" {
    unit one 'echo "one: 2 passed, 0 failed, 0 skipped"; echo leak >&2; exit 23'
    suite
    [ "$status" -eq 1 ]
    [[ "$output" = *leak*"FAILED one: exit code 23 after its tests had passed"* ]]
    [ "${lines[-1]}" = "phase3: 2 passed, 1 failed, 0 skipped" ]
}

@test "a unit that hangs is ended" {
    unit one 'sleep 4242'
    SUITE_TIMEOUT_S=1 suite
    [ "$status" -eq 1 ]
    [[ "$output" = *"FAILED one: did not end within 1 s"* ]]
}

@test "skips are printed with their reasons and do not fail" {
    unit one 'echo "skip one: it: no root"; echo "one: 1 passed, 0 failed, 1 skipped"'
    commands a 'TEST "it is" { skip "no strace"; }'
    suite
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "skip one: it: no root" ]
    [ "${lines[1]}" = "skip a.bats: it is: no strace" ]
    [ "${lines[2]}" = "phase3: 1 passed, 0 failed, 2 skipped" ]
}

@test "a failed command shows where and why" {
    commands a 'TEST "it is" { true; }
TEST "it is not" { run echo hello; [ "$output" = bye ]; }'
    suite
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "FAILED a.bats: it is not" ]
    [[ "$output" = *'[ "$output" = bye ]'*hello* ]]
    [ "${lines[-1]}" = "phase3: 1 passed, 1 failed, 0 skipped" ]
}

@test "tests whose set-up failed have all failed" {
    commands a 'setup_file() { false; }
TEST "one" { true; }
TEST "two" { true; }
TEST "three" { true; }'
    suite
    [ "$status" -eq 1 ]
    [ "${lines[-1]}" = "phase3: 0 passed, 3 failed, 0 skipped" ]
}

@test "a file that bats cannot read has failed" {
    commands a 'TEST "one" { true'
    suite
    [ "$status" -eq 1 ]
    [[ "${lines[-1]}" = "phase3: 0 passed, "[1-9]*" failed, 0 skipped" ]]
}

@test "commands that hang are ended" {
    commands a 'TEST "one" { sleep 4242; }'
    SUITE_TIMEOUT_S=1 suite
    [ "$status" -eq 1 ]
    [ "${lines[-1]}" = "phase3: 0 passed, 1 failed, 0 skipped" ]
}

@test "a suite without tests has failed" {
    suite
    [ "$status" -eq 1 ]
    [[ "${lines[0]}" = "FAILED phase3: no tests: "* ]]
    unit one 'echo "one: 0 passed, 0 failed, 0 skipped"'
    suite
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "FAILED phase3: 1 files, but not one test in them" ]
}

@test "the programs are found from anywhere, and nothing temporary stays" {
    touch units/phase3/cat-sync
    mkdir units/phase3/lib
    commands a 'TEST "it is" {
    [ -f "$BIN/cat-sync" ]
    [ "$BIN/lib" -ef "'"$PWD"'/units/phase3/lib" ]
    echo "$TMPDIR" >"'"$PWD"'/where"
    touch "$TMPDIR/left"
}'
    mkdir elsewhere
    cd elsewhere
    fresh ../tests/run phase3 --units ../units/tests/phase3 --bin ../units/phase3
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ -s ../where ]
    [ ! -e "$(cat ../where)" ]
}

@test "another user can run the programs and tools of a folder that is closed" {
    for name in units/phase3/cat-sync units/tests/tool; do
        printf '#!/bin/sh\necho ran\n' >$name
        chmod 700 $name
    done
    chmod 755 "$BATS_RUN_TMPDIR" .
    chmod 700 units/phase3 units
    commands a 'TEST "it runs" {
    user=
    [ "$(id -u)" -ne 0 ] || user="setpriv --reuid 65534 --clear-groups"
    [ "$($user "$BIN/cat-sync")" = ran ]
    [ "$($user "$TOOLS/tool")" = ran ]
}'
    umask 077
    suite
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$output" = "phase3: 1 passed, 0 failed, 0 skipped" ]
}

@test "the programs' path still says that they are instrumented" {
    mkdir -p asan
    mv units/phase3 asan/phase3
    commands a 'TEST "it does" { [[ $BIN == */asan/phase3 ]]; }'
    fresh tests/run phase3 --bin asan/phase3 --units units/tests/phase3
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "one file of a suite runs by itself and is not the suite's result" {
    unit one 'echo "one: 2 passed, 0 failed, 0 skipped"'
    unit two 'echo "two: 3 passed, 0 failed, 0 skipped"'
    commands a 'TEST "it is" { true; }'
    fresh tests/run phase3 --units units/tests/phase3 --list
    [ "$output" = "$(printf 'one\ntwo\na.bats')" ]
    fresh tests/run phase3 --bin units/phase3 --units units/tests/phase3 --file two
    [ "$output" = "phase3: 3 passed, 0 failed, 0 skipped" ]
    fresh tests/run phase3 --bin units/phase3 --units units/tests/phase3 --file a.bats
    [ "$output" = "phase3: 1 passed, 0 failed, 0 skipped" ]
    [ ! -e units/results ]
    fresh tests/run phase3 --bin units/phase3 --units units/tests/phase3 --file b.bats
    [ "$status" -eq 2 ]
    [ "$output" = "tests/run: phase3 has no file b.bats; see --list" ]
}

@test "a test starts with no signal ignored, however tests/run was started" {
    unit one 'grep -q "^SigIgn:.*[0189]$" /proc/self/status
echo "one: $((1 - $?)) passed, $? failed, 0 skipped"'
    fresh sh -c 'trap "" INT QUIT
exec tests/run phase3 --bin units/phase3 --units units/tests/phase3'
    [ "$output" = "phase3: 1 passed, 0 failed, 0 skipped" ]
}

@test "a suite that is stopped ends its tests and their mounts" {
    [ "$(id -u)" -eq 0 ] || skip "only root may mount"
    mkfifo started
    unit one 'mkdir "$TMPDIR/disk"
mount -t tmpfs none "$TMPDIR/disk" || mount=no
setsid sleep 4242 & echo "$! $TMPDIR $mount" >'"$PWD"'/started
wait'
    tests/run phase3 --bin units/phase3 --units units/tests/phase3 &
    suite=$!
    read -r left folder mount <started
    kill "$suite"
    code=0
    wait "$suite" || code=$?
    [ "$code" -eq 143 ]
    await_gone "$left"
    [ ! -e "$folder" ]
    run grep -F "$folder" /proc/self/mounts
    [ "$status" -eq 1 ]
    [ -z "$mount" ] || skip "this root may not mount"
}

@test "missing programs are exit 2, not failures" {
    unit one 'echo "one: 2 passed, 0 failed, 0 skipped"'
    run tests/run phase3 --bin nowhere --units units/tests/phase3
    [ "$status" -eq 2 ]
    [[ "$output" = *"no programs in "*"/nowhere: build them first"* ]]
}

@test "wrong usage is exit 2" {
    for words in "" "phase77" "--what" "phase3 phase4" "phase3 --bin"; do
        # shellcheck disable=SC2086
        run tests/run $words
        [ "$status" -eq 2 ] || { echo "tests/run $words"; false; }
    done
    run tests/run --help
    [ "$status" -eq 0 ]
}

# A suite that judges two programs: three stages for "one", one test for "two".
learner_suite()
{
    cp "$BATS_TEST_DIRNAME/../support/judge.bash" tests
    commands one '# Judges: one.
load ../judge
TEST "bytes come" { [ "$("$BIN/one")" = bytes ]; }
# bats test_tags=errors
TEST "an error is reported" { run -0 --separate-stderr "$BIN/one"; says cause; }
# bats test_tags=manners
TEST "the version is right" { "$BIN/one" --version | grep one-ring; }'
    commands two '# Judges: two.
TEST "two is there" { [ -x "$BIN/two" ]; }
TEST "two runs" { "$BIN/two"; }'
    commands lib 'TEST "the library is right" { true; }'
    mkdir mine
}

program() # NAME SCRIPT
{
    printf '#!/bin/sh\n%s\n' "$2" >"mine/$1"
    chmod +x "mine/$1"
}

@test "a learner's folder is looked at first, and judged stage by stage" {
    learner_suite
    program one 'echo bytes; echo "no reason" >&2'
    fresh tests/run phase3 --bin mine --units units/tests/phase3
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "In $PWD/mine: one." ]
    [ "${lines[1]}" = "Not there: two. Their tests are skipped." ]
    [ "${lines[2]}" = "skip two.bats: 2 tests: there is no two" ]
    [[ "$output" = *"differs one.bats: the version is right"* ]]
    [[ "$output" = *"
differs one.bats: an error is reported: stderr is 'no reason', not 'cause'
"* ]]
    [[ "$output" = *"
  bytes          1 passed, 0 failed, 0 skipped
  errors         1 passed, 0 failed, 0 skipped
  manners        0 passed, 2 differ (never a failure)
the library: 1 passed, 0 failed, 0 skipped
phase3, your programs: 2 passed, 0 failed, 2 skipped" ]]
    [ ! -e units/results ]
}

@test "a learner's program that says nothing of an error has failed" {
    learner_suite
    program one 'echo bytes'
    fresh tests/run phase3 --bin mine --units units/tests/phase3
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" = *"FAILED one.bats: an error is reported"*"expected: on stderr: cause"*"got:      nothing"* ]]
    [ "${lines[-1]}" = "phase3, your programs: 1 passed, 1 failed, 2 skipped" ]
}

@test "the course's own programs fail where their manners differ" {
    learner_suite
    program one 'echo bytes; echo "no reason" >&2'
    cp mine/one units/phase3
    suite
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" = *"FAILED one.bats: the version is right"* ]]
    [[ "$output" = *"FAILED one.bats: an error is reported"* ]]
}

@test "a folder without any of the programs is refused at once" {
    learner_suite
    program three 'echo bytes'
    unit one 'touch '"$PWD/ran"
    fresh tests/run phase3 --bin mine --units units/tests/phase3
    [ "$status" -eq 2 ]
    [ "$output" = "tests/run: $PWD/mine has none of the programs of phase3: one, two" ]
    [ ! -e ran ]
}

@test "--program, --test and --no-lib choose tests" {
    learner_suite
    program one 'echo bytes'
    program two true
    fresh tests/run phase3 --bin mine --units units/tests/phase3 --program two
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "${lines[-1]}" = "phase3, your programs: 2 passed, 0 failed, 0 skipped" ]
    fresh tests/run phase3 --bin mine --units units/tests/phase3 --test two_runs
    [ "${lines[-1]}" = "phase3, your programs: 1 passed, 0 failed, 0 skipped" ]
    fresh tests/run phase3 --bin mine --units units/tests/phase3 --no-lib
    [[ "$output" != *"the library"* ]]
    fresh tests/run phase3 --bin mine --units units/tests/phase3 --test nothing
    [ "$status" -eq 2 ]
    [ "$output" = "In $PWD/mine: one, two.
tests/run: no test of phase3 has 'nothing' in its name" ] || { echo "$output"; false; }
    fresh tests/run phase3 --bin mine --units units/tests/phase3 --program cat
    [ "$status" -eq 2 ]
    [ "$output" = "tests/run: $PWD/mine has no cat" ]
}

@test "a server that a test left running is a failure, and is ended" {
    unit one 'sleep 4242 & echo $! >"$TMPDIR/../../pid"
echo "one: 1 passed, 0 failed, 0 skipped"'
    commands a 'TEST "it leaves" { sleep 4343 >/dev/null 2>&1 3>&- & }'
    suite
    [ "$status" -eq 1 ]
    [[ "$output" = *"FAILED one: left running: sleep 4242"* ]]
    [[ "$output" = *"FAILED a.bats: left running: sleep 4343"* ]]
    [ "${lines[-1]}" = "phase3: 2 passed, 2 failed, 0 skipped" ]
    await_gone "$(cat pid)"
}

@test "a word that begins with a dash chooses tests" {
    commands a 'TEST "-n keeps the target" { true; }
TEST "it fails" { false; }'
    fresh tests/run phase3 --bin units/phase3 --units units/tests/phase3 \
        --test "-n keeps"
    [ "$output" = "phase3: 1 passed, 0 failed, 0 skipped" ]
}

# The limit is long enough for the test that goes on, on a busy machine.
@test "a command that hangs is ended after its own limit, and named" {
    commands a 'TEST "it hangs" { run sh -c "sleep 4242; true"; }
TEST "it goes on" { true; }'
    TEST_TIMEOUT_S=10 suite
    echo "$output"
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "FAILED a.bats: it hangs: it did not end within 10 s" ]
    [ "${lines[-1]}" = "phase3: 1 passed, 1 failed, 0 skipped" ]
}

@test "a test of commands that cannot be ended otherwise is ended itself" {
    commands a 'TEST "it spins" { while :; do :; done; }
TEST "it goes on" { true; }'
    TEST_TIMEOUT_S=10 suite
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" = *"FAILED a.bats: it spins"*"it did not end within 10 s"* ]]
}

@test "what a test left running does not hold up its suite" {
    commands a 'TEST "it leaves something" { (sleep 4242 &) }'
    SECONDS=0 SUITE_TIMEOUT_S=200
    suite
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$SECONDS" -lt 190 ]
}

@test "a failure shows no binary, no endless line, and exit codes in words" {
    commands a 'TEST "it fails" { head -c 1000 /dev/zero | tr "\0" "\1"; echo
seq 100; run no-such-program; [ "$status" -eq 0 ]; }
TEST "it hangs" { run -0 timeout 1 sleep 4242; }
TEST "two files differ" { load '"$BATS_TEST_DIRNAME"'/../support/judge
cd "$TMPDIR"; printf "abcd\1" >one; printf "abce\2" >two
same_bytes one two; }'
    suite
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" != *$'\1'* ]]
    [ "${#lines[@]}" -lt 100 ]
    [[ "$output" = *"first difference at byte 3 (lengths 5 and 5):"*"one:  "*" 64 01"*"two:  "*" 65 02"* ]]
    [[ "$output" = *"124: it did not end in time"* ]]
}

@test "a terminal shows the test that is running" {
    command -v script >/dev/null || skip "script is not installed"
    commands a 'TEST "it waits to be seen" {
    until grep -q "a.bats: it waits to be seen" '"$PWD"'/log; do sleep 0.05; done
}'
    fresh script -qefc 'TEST_TIMEOUT_S=200 tests/run phase3 --bin units/phase3 --units units/tests/phase3' log
    [ "$status" -eq 0 ] || { cat log; false; }
}

@test "every file of tests that uses a program of \$BIN names it" {
    cd "$BATS_TEST_DIRNAME/../.." || return
    for file in $(grep -lE '"\$BIN/[a-z$]|daemon_start\(|suite_bin\(\)' \
        tests/phase*/*.bats tests/phase*/*.c); do
        case $file in
        */client.c | */catalog.bats | */debuggers.bats | */fallback.bats)
            continue ;; # they use a program, and judge the library
        esac
        sed -n 1,25p "$file" | grep -q '^[#* ]*Judges: [a-z, -]*\.\( \*/\)*$' ||
            { echo "$file has no line 'Judges: ...'"; false; }
    done
}
