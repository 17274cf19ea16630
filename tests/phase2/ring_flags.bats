#!/usr/bin/env bats
# The programs ask for the cheapest ring first, and use its optional parts.
#
# Judges: batch, random-read.

load ../support/ring_flags

@test "each mode of batch asks for a clamped ring that defers its work" {
    for mode in single batch linked fixed vectored; do
        ring_flags "$BIN/batch" --mode "$mode" "$BATS_TEST_FILENAME"
        asks_for "$SINGLE_ISSUER" "$DEFER_TASKRUN" "$CLAMP"
    done
}

@test "each mode of batch registers its ring's descriptor" {
    for mode in single batch linked fixed vectored; do
        ring_flags "$BIN/batch" --mode "$mode" "$BATS_TEST_FILENAME"
        grep -E 'io_uring_register\([0-9]+, (0x14|20), ' "$trace"
    done
}

@test "random-read asks for a ring that defers its work to its one issuer" {
    need_ours random-read
    head -c 65536 /dev/zero >"$BATS_TEST_TMPDIR/file"
    "$BIN/random-read" --reads 1 "$BATS_TEST_TMPDIR/file" >/dev/null ||
        skip "no O_DIRECT in $BATS_TEST_TMPDIR"
    ring_flags "$BIN/random-read" --reads 100 "$BATS_TEST_TMPDIR/file"
    asks_for "$SINGLE_ISSUER" "$DEFER_TASKRUN"
}
