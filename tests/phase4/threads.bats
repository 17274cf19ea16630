#!/usr/bin/env bats
# The units that have threads, once more under ThreadSanitizer.

bats_require_minimum_version 1.5.0
load ../support/tsan

@test "posts between threads have no data race" {
    run_under_tsan post
}

@test "a thread pool has no data race" {
    run_under_tsan threadpool
}

@test "bridges with threads around them have no data race" {
    for unit in bridge bridge_turns bridge_watch; do
        run_under_tsan $unit
    done
}
