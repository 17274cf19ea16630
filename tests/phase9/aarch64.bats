#!/usr/bin/env bats
# The parser, its units and httpparse, compiled for another architecture and run
# by an emulator: same sources, same tests, and the scan with NEON.
#
# Judges: httpparse.

load ../support/judge

setup()
{
    case $BIN in
    */asan/* | */clang/*) skip "it compiles for itself: once is enough" ;;
    esac
    [ -z "${LEARNER-}" ] || skip "it judges no program"
    for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
        command -v $tool >/dev/null || skip "$tool is not installed"
    done
    cd "$BATS_TEST_DIRNAME/../.." || return
}

# The compiler with the flags of all sources.
cross()
{
    aarch64-linux-gnu-gcc -static -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra \
        -Werror -iquote "$PWD/lib/base" -iquote "$PWD/lib/http" \
        -iquote "$PWD/phase9" -iquote "$PWD/tests/support" \
        -I"$PWD/tests/phase3/cross" "$@"
}

# The library and the corpus, compiled once for all tests.
compile_library()
{
    local objects=$BATS_FILE_TMPDIR/objects

    [ ! -f "$objects/all.a" ] || return 0
    mkdir -p "$objects"
    for source in lib/http/*.c tests/phase9/cases*.c tests/phase9/replay.c \
        lib/base/{err,sys,json,command,sys_output}.c \
        tests/phase3/cross/runner.c; do
        cross -c "$source" -o "$objects/$(basename "$source" .c).o"
    done
    aarch64-linux-gnu-ar rcs "$objects/all.a" "$objects"/*.o
}

compile() # OUT SOURCE...
{
    local out=$1
    shift
    compile_library
    cross "$@" "$BATS_FILE_TMPDIR/objects/all.a" -pthread \
        -o "$BATS_TEST_TMPDIR/$out"
}

compile_and_run() # UNIT SOURCE...
{
    local unit=$1
    shift
    compile "$unit" "tests/phase9/$unit.c" "$@"
    qemu-aarch64 "$BATS_TEST_TMPDIR/$unit"
}

@test "on aarch64 the parser's units pass" {
    compile_and_run view
    compile_and_run scan
    compile_and_run http
    compile_and_run chunked
    compile_and_run body
}

@test "on aarch64 each case of the corpus has the same verdict" {
    compile_and_run corpus
}

@test "on aarch64 mutations of the corpus keep the parser's promises" {
    export FUZZ_ROUNDS=20
    compile_and_run fuzz_main tests/phase9/fuzz_http.c
}

@test "on aarch64 httpparse prints the same bytes" {
    compile httpparse phase9/httpparse.c phase9/request_json.c
    cd "$BATS_TEST_TMPDIR" || return
    {
        printf 'GET /a?b HTTP/1.1\r\nHost: a\r\nX: \xfc"\\\t.\r\n\r\n'
        printf 'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
        printf '5;a="b"\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nA: b\r\n\r\n'
        printf 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'
    } >stream
    "$BIN/httpparse" <stream >wanted || [ $? -eq 1 ]
    for chunk in 1 7 1000; do
        code=0
        qemu-aarch64 httpparse --chunk "$chunk" <stream >got || code=$?
        [ "$code" -eq 1 ]
        same_bytes wanted got
    done
}
