#!/usr/bin/env bats
# A call that failed is not repeated, where its success would prove nothing: the
# kernel may have dropped what the first call should have stored.
#
# Judges: cat-sync, cp-uring.

load ../support/judge

setup()
{
    command -v strace >/dev/null || skip "strace is not installed"
    cd "$BATS_TEST_TMPDIR" || return
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS=detect_leaks=0 # which cannot look under strace
    head -c 300000 /dev/urandom >source
}

# CALL WHEN COMMAND...: that call fails with EIO, once; later ones do not.
failing()
{
    local call=$1 when=$2
    shift 2
    judge "${1##*/}"
    run --separate-stderr timeout 200 strace -f -qq -o trace -e trace="$call" \
        -e inject="$call:error=EIO:when=$when" "$@"
    grep INJECTED trace
}

@test "an fsync that fails once is a failure" {
    failing fsync 1 "$BIN/cp-uring" --fsync source target
    [ "$status" -eq 1 ]
    [[ $stderr == *"(EIO)"* ]]
    [ ! -e target ]
}

@test "an fsync of a directory that fails once is a failure" {
    failing fsync 2 "$BIN/cp-uring" --fsync source target
    [ "$status" -eq 1 ]
    [[ $stderr == *"(EIO)"* ]]
}

@test "an fsync of a tree that fails once is a failure" {
    mkdir tree tree/empty
    for nth in 1 2; do
        rm -rf target
        failing fsync "$nth" "$BIN/cp-uring" -r --fsync tree target
        [ "$status" -eq 1 ]
        [[ $stderr == *"(EIO)"* ]]
    done
}

@test "a write that fails once ends cat" {
    failing write 1 "$BIN/cat-sync" source
    [ "$status" -eq 1 ]
    [[ $stderr == *"(EIO)"* ]]
}
