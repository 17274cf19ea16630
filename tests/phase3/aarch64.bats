#!/usr/bin/env bats
# The parts of phase 3 that need no ring, compiled for the other architecture
# and run by an emulator: same sources, same tests, another ctx.h.

setup()
{
    case $BIN in
    */asan/* | */clang/*) skip "it compiles for itself: once is enough" ;;
    esac
    for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
        command -v $tool >/dev/null || skip "$tool is not installed"
    done
    cd "$BATS_TEST_DIRNAME/../.." || return
}

compile_and_run() # UNIT
{
    aarch64-linux-gnu-gcc -static -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra \
        -iquote lib/base -iquote lib/task -iquote tests/support \
        -Itests/phase3/cross "tests/phase3/$1.c" \
        tests/phase3/cross/runner.c tests/phase3/registers.S \
        lib/base/err.c lib/base/sys.c lib/task/*.c lib/task/ctx_start.S \
        -lm -pthread \
        -o "$BATS_TEST_TMPDIR/$1"
    qemu-aarch64 "$BATS_TEST_TMPDIR/$1"
}

@test "on aarch64 a context switch keeps registers and rounding mode" {
    compile_and_run ctx
}

@test "on aarch64 the stack tests pass" {
    compile_and_run stack
}

@test "on aarch64 a task that overflows is named" {
    compile_and_run overflow
}

@test "on aarch64 tasks run alternately" {
    compile_and_run task
}

@test "on aarch64 futures reach their waiters" {
    compile_and_run future
}

@test "on aarch64 queues, handles and timers keep their order" {
    compile_and_run queue
    compile_and_run handle
    compile_and_run timer
}
