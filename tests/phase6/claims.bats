#!/usr/bin/env bats
# claims checks what manual pages and articles say, on this kernel.
#
# Judges: claims.

# bats file_tags=manners

load ../support/judge

setup()
{
    judge claims
    cd "$BATS_TEST_TMPDIR" || return
    export TMPDIR=$BATS_TEST_TMPDIR
}

@test "every claim is checked, and the last line is the sum" {
    run timeout 200 "$BIN/claims"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    local sum="${lines[-1]}" verdict

    [[ "$sum" =~ ^([0-9]+)\ hold,\ ([0-9]+)\ differ,\ ([0-9]+)\ cannot\ be\ checked\ here,\ 0\ failed$ ]]
    [ $((BASH_REMATCH[1] + BASH_REMATCH[2] + BASH_REMATCH[3])) -ge 40 ]
    [ "$(grep -c '^holds ' <<<"$output")" -eq "${BASH_REMATCH[1]}" ]
    [ "$(grep -c '^DIFFERS ' <<<"$output")" -eq "${BASH_REMATCH[2]}" ]
    [ "$(grep -c '^absent ' <<<"$output")" -eq "${BASH_REMATCH[3]}" ]
}

@test "claims that every kernel since 5.10 fulfils hold" {
    for claim in "rounded up" "it took" "in its CQE" "short read" \
        "offset -1" "finds nothing" "beyond the table" "outside its buffer"; do
        run timeout 200 "$BIN/claims" "$claim"
        [ "$status" -eq 0 ]
        [[ "$output" = "holds "* ]] || { echo "$output"; false; }
    done
}

@test "with --differs only claims that differ are printed, with what was seen" {
    run timeout 200 "$BIN/claims" --differs articles
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "DIFFERS articles: SQPOLL needs root" ]
    [ "${lines[1]}" = "        an ordinary user makes the ring" ]
    run ! grep -E '^(holds|absent)' <<<"$output"
}

@test "a word that no claim has is a usage error" {
    run timeout 200 "$BIN/claims" epoll
    [ "$status" -eq 2 ]
    [ "$output" = "claims: no claim has a word like 'epoll'; see --help" ]
}

@test "without io_uring every claim is absent, and none fails" {
    [ -x "$TOOLS/deny" ] || skip "the tools are not built"
    run timeout 200 "$TOOLS/deny" --setup EPERM -- "$BIN/claims"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "${lines[1]}" = "        this kernel makes no such ring: EPERM" ]
    [[ "${lines[-1]}" = "0 hold, 0 differ, "*" 0 failed" ]]
}
