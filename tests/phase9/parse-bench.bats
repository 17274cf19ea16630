# parse-bench: it measures what it says, and bench.sh prints it.
#
# Judges: parse-bench.

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

@test "parse-bench measures each of its requests" {
    "$BIN/parse-bench" --rounds 1 >got
    [ "$(wc -l <got)" -eq 10 ]
    for name in smallest wrk curl browser; do
        grep -E "^$name +[0-9]+ +[0-9.]+ +[1-9][0-9]* +[0-9.]+$" got
    done
    grep -E '^in one chunk +[0-9.]+$' got
    grep -E '^byte by byte +[0-9.]+$' got
    grep -E '^byte by byte, each time from the start +[0-9.]+$' got
    for wrong in 0 -1 1x ""; do
        run -2 "$BIN/parse-bench" --rounds "$wrong"
    done
}

@test "bench.sh prints each table once, of several rounds" {
    "$BATS_TEST_DIRNAME/../../phase9/bench.sh" --rounds 2 --slices 1 "$BIN" >got
    [ "$(wc -l <got)" -eq 11 ]
    [ "$(grep -c '^  browser ' got)" -eq 1 ]
    [ "$(grep -c '^  byte by byte, each time' got)" -eq 1 ]
    run -2 "$BATS_TEST_DIRNAME/../../phase9/bench.sh" --nonsense
}
