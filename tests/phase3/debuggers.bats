#!/usr/bin/env bats
# Debuggers on stacks that the system knows nothing of: Valgrind, which has to be
# told where they are, and gdb, whose walk up a stack has to end.

bats_require_minimum_version 1.5.0

load ../support/judge

setup()
{
    case $BIN in
    */asan/*) skip "a sanitizer is a debugger already" ;;
    esac
    units=${UNITS:-$BIN/../tests/phase3}
    cd "$BATS_TEST_TMPDIR"
}

# COMMAND...: Valgrind ends with 9 if it has something to complain of. The unit
# tests' children that end by an assertion or a fault are theirs to judge.
under_valgrind()
{
    command -v valgrind >/dev/null || skip "valgrind is not installed"
    echo '#include <valgrind/valgrind.h>' | "${CC:-cc}" -E - >/dev/null 2>&1 ||
        skip "valgrind's header was not there to build with"
    valgrind -q --error-exitcode=9 "$@"
}

@test "Valgrind finds no error in tasks, futures and their users" {
    for unit in future future_watch; do
        ONLY="wait" under_valgrind "$units/$unit" # long chains take long
    done
    for unit in gather channel semaphores; do
        under_valgrind "$units/$unit"
    done
}

@test "Valgrind finds no error in generators" {
    for unit in generator generator_delegate generator_task; do
        under_valgrind "$units/$unit"
    done
}

@test "Valgrind finds no error in a whole loop" {
    need_ours tour
    under_valgrind "$BIN/tour" >tour
    "$BIN/tour" | diff - tour
}

@test "Valgrind finds no error in the measurement of stack depth" {
    need_ours depth
    under_valgrind "$BIN/depth" 20
}

# PROGRAM FUNCTION ARGUMENT...: stops in FUNCTION, and walks up from there.
walk()
{
    command -v gdb >/dev/null || skip "gdb is not installed"
    need_ours "$1"
    program=$1 function=$2
    shift 2
    gdb -q -nx -batch -ex 'set debuginfod enabled off' \
        -ex 'set style enabled off' -ex "break $function" -ex run -ex bt \
        --args "$BIN/$program" "$@" >walk 2>&1 || true
    cat walk
    # What else may keep it from stopping there is the program's fault.
    ! grep -E 'Could not trace the inferior|^ptrace: ' walk ||
        skip "gdb cannot run a program here"
    grep -q "Breakpoint 1, " walk
    # No frame that is none, and no walk that was given up.
    run ! grep -E '\?\?|Backtrace stopped|corrupt|previous frame' walk
}

outermost()
{
    grep '^#[0-9]' walk | tail -n 1
}

@test "a backtrace in a task ends where the task began" {
    walk depth await_nop 5
    [ "$(grep -c '^#.* await_descent ' walk)" -eq 5 ]
    grep -q '^#.* task_main ' walk
    [[ $(outermost) == *" ctx_start "* ]]
}

@test "a backtrace in a generator ends where the generator began" {
    walk pipeline pipeline_grep --grep a /etc/passwd
    grep -q '^#.* generator_main ' walk
    [[ $(outermost) == *" ctx_start "* ]]
}

@test "a backtrace outside of tasks ends in main" {
    walk depth timers_fire 5
    [[ $(outermost) == *" main "* ]]
}
