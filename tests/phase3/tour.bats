#!/usr/bin/env bats
# The tour prints the same every time: its lesson shows the output in full.
#
# Judges: bench-switch, tour.

load ../support/judge

@test "each run of tour prints the output that the lesson shows" {
    judge tour
    sed -n '/^\$ build\/phase3\/tour$/,/^```$/p' \
        "$BATS_TEST_DIRNAME/../../phase3/README.md" | sed '1d;$d' \
        >"$BATS_TEST_TMPDIR/expected"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/expected")" -gt 25 ]
    for _ in $(seq 20); do
        "$BIN/tour" | diff "$BATS_TEST_TMPDIR/expected" -
    done
}

@test "help and version exit with 0, and wrong usage with 2" {
    judge tour
    run "$BIN/tour" --help
    [ "$status" -eq 0 ]
    [[ $output == "Usage: tour"* ]]
    run "$BIN/tour" --version
    [ "$output" = "tour (one-ring) 0.1" ]
    run "$BIN/tour" somewhere
    [ "$status" -eq 2 ]
    run "$BIN/tour" --nonsense
    [ "$status" -eq 2 ]
}

@test "bench-switch measures three pairs and refuses wrong numbers" {
    judge bench-switch
    "$BIN/bench-switch" --slices 1 >"$BATS_TEST_TMPDIR/got"
    [ "$(grep -cE '^a (switch|nop of [0-9]+) +[0-9.]+ times ' \
        "$BATS_TEST_TMPDIR/got")" -eq 3 ]
    for wrong in 0 -1 1x "" 9999999999; do
        run "$BIN/bench-switch" --slices "$wrong"
        [ "$status" -eq 2 ]
    done
}
