#!/usr/bin/env bats
# The first programs on lib: one task, and as many as there is room for.
#
# Judges: first-task, many-tasks.

bats_require_minimum_version 1.5.0

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

@test "first-task prints a file of any size, and a pipe" {
    judge first-task
    for size in 0 1 4095 4096 4097 1000001; do
        head -c $size /dev/urandom >file
        "$BIN/first-task" file >got
        cmp file got
    done
    head -c 100000 file | "$BIN/first-task" /dev/stdin | cmp - <(head -c 100000 file)
}

@test "first-task names a failure and exits 1" {
    judge first-task
    run --separate-stderr "$BIN/first-task" nowhere
    [ "$status" -eq 1 ]
    # shellcheck disable=SC2154
    [ "$stderr" = "first-task: No such file or directory (ENOENT)" ]
    run "$BIN/first-task" .
    [ "$status" -eq 1 ]
    [ "$output" = "first-task: Is a directory (EISDIR)" ]
    echo full >file
    run sh -c '"$1" file >/dev/full' sh "$BIN/first-task"
    [ "$status" -eq 1 ]
    [ "$output" = "first-task: No space left on device (ENOSPC)" ]
}

@test "first-task without a file, or with two, exits 2" {
    judge first-task
    for words in "" "a b"; do
        # shellcheck disable=SC2086
        run "$BIN/first-task" $words
        [ "$status" -eq 2 ]
        [ "$output" = "Usage: first-task FILE" ]
    done
}

@test "a loop starts 1023 tasks beside the first one, and refuses the next" {
    judge many-tasks
    run "$BIN/many-tasks" 1023
    [ "$status" -eq 0 ]
    [ "$output" = "1023 of 1023 tasks ran" ]
    run --separate-stderr "$BIN/many-tasks" 1024
    [ "$status" -eq 1 ]
    [ "$output" = "1023 of 1024 tasks ran" ]
    [ "$stderr" = "many-tasks: cannot start task 1024: \
Resource temporarily unavailable (EAGAIN)" ]
}

@test "more tasks than fit can run one after another" {
    judge many-tasks
    run "$BIN/many-tasks" --at-once 1023 5000
    [ "$status" -eq 0 ]
    [ "$output" = "5000 of 5000 tasks ran" ]
    run "$BIN/many-tasks" --at-once 1024 5000
    [ "$status" -eq 1 ]
}

@test "more than 1024 tasks run at a time if the loop allows it" {
    judge many-tasks
    run "$BIN/many-tasks" --tasks-max 5001 5000
    [ "$status" -eq 0 ]
    [ "$output" = "5000 of 5000 tasks ran" ]
    run --separate-stderr "$BIN/many-tasks" --tasks-max 5000 5000
    [ "$status" -eq 1 ]
    [ "$output" = "4999 of 5000 tasks ran" ]
}

@test "usage errors of many-tasks exit 2, help and version 0" {
    judge many-tasks
    run "$BIN/many-tasks" --help
    [ "$status" -eq 0 ]
    [[ $output == "Usage: many-tasks"* ]]
    run "$BIN/many-tasks" --version
    [ "$output" = "many-tasks (one-ring) 0.1" ]
    for wrong in "" 0 -1 3x 10001 "1 2" "--at-once 0 1" "--tasks-max 1x 1" --nonsense; do
        # shellcheck disable=SC2086
        run "$BIN/many-tasks" $wrong
        [ "$status" -eq 2 ]
    done
}
