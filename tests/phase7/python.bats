#!/usr/bin/env bats
# Python loads the shared object: with ctypes, and under asyncio.

bats_require_minimum_version 1.5.0

setup()
{
    command -v python3 >/dev/null || skip "python3 is not installed"
    python3 -c 'import asyncio, ctypes, unittest' 2>/dev/null ||
        skip "this python3 lacks asyncio, ctypes or unittest"
    ONERING=$UNITS/../../lib/libonering-own.so
    export ONERING PYTHONDONTWRITEBYTECODE=1
    [ -f "$ONERING" ] || skip "no lib/libonering-own.so in this build"
    ! nm -D "$ONERING" | grep -q __asan_init ||
        skip "python3 does not load a shared object with AddressSanitizer"
    cd "$BATS_TEST_TMPDIR" || return
    cp "$BATS_TEST_DIRNAME"/*.py .
}

@test "python reads a file through the shared object" {
    run python3 test_ctypes.py
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "asyncio awaits the ring while other coroutines run" {
    run python3 -X dev -W error test_asyncio.py
    echo "$output"
    [ "$status" -eq 0 ]
}

# A leak of a descriptor, a mapping or a buffer shows after some thousands.
@test "a thousand rings with an operation in flight leave nothing" {
    cat >many.py <<'PY'
import asyncio, os, onering
async def main():
    reader, writer = os.pipe()
    for _ in range(1000):
        ring = onering.Ring(8)
        ring.read(reader, 1 << 20)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        ring.close()
    print(len(os.listdir("/proc/self/fd")))
    with open("/proc/self/maps") as maps:
        print(maps.read().count("[io_uring]"))
asyncio.run(main())
PY
    run python3 many.py
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" -lt 20 ]
    [ "${lines[1]}" -eq 0 ]
}

@test "the benchmark of the ways to call C runs" {
    cp "$BATS_TEST_DIRNAME/../../lib/ffi/onering.h" .
    run python3 bench_ffi.py 2
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"ctypes, one call that does nothing"*" ns ("* ]]
}
