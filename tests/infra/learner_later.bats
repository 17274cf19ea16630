#!/usr/bin/env bats
# The programs of phases 3 to 10, in a folder with nothing around it: see
# learner.bats. One file of tests is enough of each phase: a folder matters to
# the start of a program only.

load learner

@test "the programs of phase 3 pass in an empty folder" {
    course_passes phase3 --file pipeline.bats
}

@test "the programs of phase 4 pass in an empty folder" {
    course_passes phase4 --file bridge.bats
}

@test "the program of phase 5 passes in an empty folder" {
    course_passes phase5
}

@test "the program of phase 6 passes in an empty folder" {
    course_passes phase6 --program bench
}

@test "the server of phase 8 passes in an empty folder" {
    course_passes phase8 --program echo --file echo.bats
}

@test "the programs of phase 9 pass in an empty folder" {
    course_passes phase9 --file httpparse.bats
}

@test "a parser that is wrong is shown what was run, expected and printed" {
    cat >"$mine/httpparse" <<'PARSER'
#!/bin/sh
printf ' { "error" : { "status" : 501, "reason" : "no" }, "offset" : 32 }\n'
echo 'it is too long' >&2
exit 1
PARSER
    chmod +x "$mine/httpparse"
    cp build/tests/phase9/corpus_command "$BATS_TEST_TMPDIR/units"
    judged phase9 --file corpus_command
    [ "$status" -eq 1 ]
    # One case is right by chance: a method of 33 bytes.
    [[ $output =~ line_each_refused_case_gives_its_status_and_offset:\ ([0-9]+)\ of\ ([0-9]+)\ cases\;\ the\ first\ ones: ]]
    [ "${BASH_REMATCH[1]}" -eq $((BASH_REMATCH[2] - 1)) ]
    [[ "$output" = *"
    run:      printf 'G' | httpparse
    expected: 0 requests, then status 400 at offset 1; exit code 2
    got:      0 requests, then status 501 at offset 32; exit code 1; stderr: it is too long
"* ]]
    [[ "${lines[-1]}" = "phase9, your programs: 0 passed, 14 failed, "* ]]
}

@test "the program of phase 10 passes in an empty folder" {
    course_passes phase10 --file serve.bats
}
