#!/usr/bin/env bats
# The parser, compiled for the other architecture and run by an emulator: the
# same sources and tests, with NEON.

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

compile_and_run() # UNIT SOURCE...
{
    aarch64-linux-gnu-gcc -static -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra \
        -iquote lib/base -iquote lib/http -iquote tests/support \
        -Itests/phase3/cross "tests/phase9/$1.c" "${@:2}" \
        tests/phase3/cross/runner.c lib/base/err.c lib/base/sys.c \
        lib/http/*.c -pthread -o "$BATS_TEST_TMPDIR/$1"
    qemu-aarch64 "$BATS_TEST_TMPDIR/$1"
}

@test "on aarch64 each scan finds the bytes that the table has" {
    compile_and_run scan
}

@test "on aarch64 the scan with NEON agrees with the state machine" {
    compile_and_run corpus tests/phase9/replay.c tests/phase9/cases*.c
}
