#!/usr/bin/env bats
# Lines through generators: the same as cat, grep, cat -n and head say.
#
# Judges: pipeline.

bats_require_minimum_version 1.5.0
load ../support/await

setup()
{
    set -o pipefail # how the program ends counts, wherever its output goes
    cd "$BATS_TEST_TMPDIR" || return
    pid=
    seq 1 20000 >numbers
    printf 'one ring\n\nno bell\na ring' >rings # no newline at the end
    : >empty
}

# Whatever a failed test has left: who follows a file does not end by itself.
teardown()
{
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
}

@test "pipeline prints the lines of all files in order" {
    "$BIN/pipeline" rings empty numbers | cmp - <(cat rings empty numbers)
    "$BIN/pipeline" "$BIN/pipeline" | cmp - "$BIN/pipeline" # any bytes
}

@test "the grep stage passes the lines that grep(1) passes" {
    "$BIN/pipeline" --grep 77 numbers | cmp - <(grep 77 numbers)
    [ "$("$BIN/pipeline" --grep ring rings)" = "$(printf 'one ring\na ring')" ]
}

@test "the number stage numbers each line" {
    "$BIN/pipeline" --number --grep 9 numbers |
        cmp - <(grep 9 numbers | cat -n)
}

@test "a line longer than the buffer is printed completely" {
    head -c 300000 /dev/zero | tr '\0' x >long
    "$BIN/pipeline" long rings | cmp - <(cat long rings)
}

@test "the head stage ends an endless source" {
    run timeout 200 bash -c 'yes | "$1" --number --head 3 /dev/stdin' - \
        "$BIN/pipeline"
    [ "$status" -eq 0 ]
    [ "$output" = "$(printf '     1\ty\n     2\ty\n     3\ty')" ]
    [ -z "$("$BIN/pipeline" --head 0 numbers)" ]
}

@test "the follow stage shows appended lines" {
    : >log
    start_behind seen err "$BIN/pipeline" --follow --grep ring log
    pid=$started
    for i in 1 2 3; do
        printf 'nothing %s\nring %s\n' "$i" "$i" >>log
        await_line seen "ring $i" "$pid" >/dev/null
        [ "$(tail -n 1 seen)" = "ring $i" ]
    done
    kill "$pid"
    wait "$pid" || [ $? -eq 143 ] # by the signal, and by nothing before it
    pid=
    [ "$(wc -l <seen)" -eq 3 ]
}

@test "pipeline names a missing file and prints the others" {
    run --separate-stderr "$BIN/pipeline" rings none rings
    [ "$status" -eq 1 ]
    [[ $stderr == *"none"*"ENOENT"* ]]
    [ "$(grep -c bell <<<"$output")" -eq 2 ]
    run --separate-stderr "$BIN/pipeline" .
    [ "$status" -eq 1 ]
    [[ $stderr == *"EISDIR"* ]]
}

@test "pipeline fails if the disk is full" {
    [ -w /dev/full ] || skip "there is no /dev/full"
    run bash -c '"$1" numbers >/dev/full' - "$BIN/pipeline"
    [ "$status" -eq 1 ]
    [[ $output == "pipeline: stdout: "* ]]
}

@test "help and version exit with 0, and wrong usage with 2" {
    run "$BIN/pipeline" --help
    [ "$status" -eq 0 ]
    [[ $output == "Usage: pipeline"* ]]
    run "$BIN/pipeline" --version
    [ "$output" = "pipeline (one-ring) 0.1" ]
    for bad in "" "--head x numbers" "--head -1 numbers" "--head +1 numbers" \
        "--head= numbers" "--nonsense"; do
        # shellcheck disable=SC2086
        run "$BIN/pipeline" $bad
        [ "$status" -eq 2 ]
    done
}
