#!/usr/bin/env bats
# ThreadSanitizer takes each task and each generator for a thread, and has to be
# told of every switch (lib/tools.h): if that is forgotten once, these units
# crash or report races. The release build makes them (tests/tsan.ninja); other
# builds have a sanitizer of their own.

bats_require_minimum_version 1.5.0

# UNIT
run_under_tsan()
{
    unit=$BIN/../tsan/tests/phase3/$1
    [ -x "$unit" ] || skip "no $1 for ThreadSanitizer beside these programs"
    # It wants an address space that is not too random.
    calm=
    if command -v setarch >/dev/null; then
        calm="setarch -R"
    fi
    # shellcheck disable=SC2086
    TSAN_OPTIONS="halt_on_error=1" run $calm "$unit"
    case $output in
    skip:*) skip "${output#skip: }" ;;
    *"unexpected memory mapping"*) skip "ThreadSanitizer cannot map its memory" ;;
    esac
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"$1: "*" passed, 0 failed, "* ]]
}

@test "loops in several threads have no data race" {
    run_under_tsan threads
}

@test "tasks that take turns, wait and are joined have no data race" {
    for unit in task future gather group; do
        run_under_tsan $unit
    done
}

@test "generators have no data race, nor what asks them" {
    run_under_tsan generator
}

@test "channels and semaphores between tasks have no data race" {
    for unit in channel semaphores; do
        run_under_tsan $unit
    done
}

@test "operations and the order of the loop have no data race" {
    for unit in loop_order await; do
        run_under_tsan $unit
    done
}

@test "under ThreadSanitizer a task that overflows is named" {
    run_under_tsan overflow
}
