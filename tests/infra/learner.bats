#!/usr/bin/env bats
# tests/run judges programs in any folder: the course's own, in a folder with
# nothing around it, pass. A right program by itself passes, too, and those that
# are missing are named. Phases 3 to 10 are in learner_later.bats.

load learner

@test "the programs of phase 0 pass in an empty folder" {
    course_passes phase0
}

# The other files of phases 1 and 2 take minutes, and find their programs in the
# same way.
@test "the programs of phase 1 pass in an empty folder" {
    course_passes phase1 --file once.bats
    course_passes phase1 --file cp_errors.bats
}

@test "the programs of phase 2 pass in an empty folder" {
    course_passes phase2 --file batch_output.bats
}

@test "a right cat-raw by itself passes, and the missing programs are named" {
    cp build/phase1/cat-raw "$mine"
    judged phase1
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "In $mine: cat-raw." ]
    [ "${lines[1]}" = "Not there: cat-sync, cat-uring, cp-uring. Their tests are skipped." ]
    [[ "$output" = *"skip cp.bats: "*" tests: there is no cp-uring"* ]]
    [[ "$output" = *"
  bytes          "[1-9]*" passed, 0 failed, 0 skipped
  errors         "[1-9]*" passed, 0 failed, "*" skipped
  interruptions  "[1-9]*" passed, 0 failed, "* ]]
}

@test "a cat that is wrong in one way fails by name, with the difference" {
    printf '#!/bin/sh\ncat "$@" | head -c 100000\n' >"$mine/cat-raw"
    chmod 755 "$mine/cat-raw"
    judged phase1 --file cat.bats --test "files are written in the order"
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" = *"FAILED cat.bats: files are written in the order given"*"one ends at byte 100000, the other goes on"*"hint: "* ]]
}

# Most units judge one program: they are skipped as a whole. In the others each
# test has to skip what is missing.
@test "a unit that judges several programs passes with one of them" {
    local file unit program programs
    for file in $(grep -l "Judges: .*, " tests/phase*/*.c); do
        unit=build/${file%.c}
        suite=$(basename "${file%/*}")
        programs=$(sed -n 's/^ \* Judges: //p' "$file" | tr -c 'a-z-' ' ')
        # The eight steps run the same tests: one of them shows what is skipped.
        [[ $suite != phase8 ]] || programs=${programs%% *}
        for program in $programs; do
            rm -f "$mine"/*
            cp "build/$suite/$program" "$mine"
            BIN=$mine run "$unit"
            [ "$status" -eq 0 ] || { echo "$unit, $program: $output"; false; }
        done
    done
}
