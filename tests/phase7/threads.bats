#!/usr/bin/env bats
# lib/own under ThreadSanitizer, which does not see what the kernel reads and
# writes: so poller plays the kernel's polling thread in a thread that it sees.

bats_require_minimum_version 1.5.0
load ../support/tsan

@test "the four indices and their entries have no data race" {
    run_under_tsan poller
}

@test "a ring with a polling kernel thread has no data race" {
    run_under_tsan sqpoll
}

@test "the calls of a ring have no data race" {
    run_under_tsan submit
}

@test "loops in several threads have no data race on lib/own" {
    run_under_tsan threads
}

@test "operations and their cancels have no data race on lib/own" {
    for unit in await await_cancel; do
        run_under_tsan $unit
    done
}
