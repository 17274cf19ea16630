#!/usr/bin/env bats
# The program of phase 5: the output of grep -c, for a thousand files at once.
#
# Judges: count-matches.

set -o pipefail # how a program ends counts, wherever its output goes

bats_require_minimum_version 1.5.0

# A thousand files of up to a few hundred lines, some of them long, some empty,
# some without a last newline.
make_files()
{
    awk -v dir="$BATS_TEST_TMPDIR" 'BEGIN {
        srand(5)
        for (i = 0; i < 1000; i++) {
            name = sprintf("%s/%04d", dir, i)
            printf "" >name
            for (n = int(rand() * 200); n > 0; n--) {
                line = rand() < 0.3 ? "one ring" : "nothing"
                for (k = int(rand() * 40); k > 0; k--)
                    line = line " " k
                printf "%s%s", line, (n == 1 && i % 7 == 0 ? "" : "\n") >name
            }
            close(name)
        }
    }'
}

@test "a thousand files have the matches that grep -c counts" {
    make_files
    cd "$BATS_TEST_TMPDIR"
    grep -c ring [0-9]* >expected
    [ "$(wc -l <expected)" -eq 1000 ]
    "$BIN/count-matches" ring [0-9]* | diff expected -
}

@test "count-matches is forty-four lines of straight code" {
    lines=$(awk '/^static int (count_lines|print|count_all)\(/ { inside = 1 }
        inside { lines++ }
        /^}/ { inside = 0 }
        END { print lines }' "$BATS_TEST_DIRNAME/count-matches.c")
    [ "$lines" -le 44 ]
}

@test "files without a descriptor are named, and the others are counted" {
    make_files
    cd "$BATS_TEST_TMPDIR"
    ulimit -n 100
    run --separate-stderr "$BIN/count-matches" ring [0-9]*
    [ "$status" -eq 1 ]
    [[ $stderr == *"EMFILE"* ]]
    # Those that could be opened are right.
    grep -c ring [0-9]* | sort >expected
    [ "${#lines[@]}" -gt 10 ]
    printf '%s\n' "${lines[@]}" | sort | comm -23 - expected >wrong
    [ ! -s wrong ]
}

@test "a missing file does not end the others" {
    cd "$BATS_TEST_TMPDIR"
    printf 'a\nb\na' >some
    run --separate-stderr "$BIN/count-matches" a some none some
    [ "$status" -eq 1 ]
    [ "$output" = "$(printf 'some:2\nsome:2')" ]
    [[ $stderr == *"none"*"ENOENT"* ]]
}

@test "help and version exit with 0, and wrong usage with 2" {
    run "$BIN/count-matches" --help
    [ "$status" -eq 0 ]
    [[ $output == "Usage: count-matches"* ]]
    run "$BIN/count-matches" --version
    [ "$output" = "count-matches (one-ring) 0.1" ]
    run "$BIN/count-matches" alone
    [ "$status" -eq 2 ]
}
