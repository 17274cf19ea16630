#!/usr/bin/env bats
# ThreadSanitizer takes each task and each generator for a thread, and has to be
# told of every switch (lib/task/tools.h): if that is forgotten once, these units
# crash or report races.

bats_require_minimum_version 1.5.0
load ../support/tsan

@test "loops in several threads have no data race" {
    run_under_tsan threads
}

@test "tasks that run alternately, wait and are joined have no data race" {
    for unit in task task_cancel task_memory future future_watch gather group; do
        run_under_tsan $unit
    done
}

@test "generators and their callers have no data race" {
    for unit in generator generator_delegate generator_task; do
        run_under_tsan $unit
    done
}

@test "channels and semaphores between tasks have no data race" {
    for unit in channel semaphores; do
        run_under_tsan $unit
    done
}

@test "operations and the steps of the loop have no data race" {
    for unit in loop_order await await_cancel await_buffers; do
        run_under_tsan $unit
    done
}

@test "under ThreadSanitizer a task that overflows is named" {
    for unit in overflow other_faults; do
        run_under_tsan $unit
    done
}
