#!/usr/bin/env bats
# The programs ask for the cheapest ring first. An older kernel refuses it; then
# they take another, and fallbacks are tested elsewhere.
#
# Judges: cat-uring, cp-uring.

load ../support/ring_flags

@test "cat-uring asks for a ring that defers its work to its one issuer" {
    ring_flags "$BIN/cat-uring" "$BATS_TEST_FILENAME"
    asks_for "$SINGLE_ISSUER" "$DEFER_TASKRUN"
}

@test "cp-uring asks for a ring that defers its work to its one issuer" {
    ring_flags "$BIN/cp-uring" "$BATS_TEST_FILENAME" "$BATS_TEST_TMPDIR/copy"
    asks_for "$SINGLE_ISSUER" "$DEFER_TASKRUN"
}

@test "cp-uring -r asks for rings that defer their work to their one issuer" {
    mkdir "$BATS_TEST_TMPDIR/tree"
    echo small >"$BATS_TEST_TMPDIR/tree/small"
    ring_flags "$BIN/cp-uring" -r "$BATS_TEST_TMPDIR/tree" \
        "$BATS_TEST_TMPDIR/copy"
    asks_for "$SINGLE_ISSUER" "$DEFER_TASKRUN"
}
