#!/usr/bin/env bats
# The programs of phases 3 to 10, in a folder with nothing around it: see
# learner.bats.

load learner

@test "the programs of phase 3 pass in an empty folder" {
    course_passes phase3
}

@test "the programs of phase 4 pass in an empty folder" {
    course_passes phase4
}

@test "the program of phase 5 passes in an empty folder" {
    course_passes phase5
}

@test "the program of phase 6 passes in an empty folder" {
    course_passes phase6 --program bench
}

@test "the programs of phase 8 pass in an empty folder" {
    course_passes phase8
}

@test "the programs of phase 9 pass in an empty folder" {
    course_passes phase9
}

@test "the program of phase 10 passes in an empty folder" {
    course_passes phase10
}
