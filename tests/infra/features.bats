#!/usr/bin/env bats
# The table of features: each has a program and a test that exist.

bats_require_minimum_version 1.5.0

setup()
{
    features=$BATS_TEST_DIRNAME/../tools/features
    cd "$BATS_TEST_TMPDIR" || return
    export FEATURES_TOP=$PWD
    mkdir docs tests
    echo '@test "a nop completes" { true; }' >tests/nop.bats
    echo 'TEST(a_read_completes)' >tests/read.c
    : >nop.c
    row 1 NOP 5.1 nop.c 'tests/nop.bats|a nop completes'
    row 2 READ 5.6 'nop.c tests' tests/read.c:a_read_completes
    row 3 ZCRX 6.15 - 'no network card'
}

row() # NUMBER FEATURE SINCE PROGRAMS TEST
{
    printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>docs/features.tsv
}

@test "the page of features is made from the table, and the table is true" {
    unset FEATURES_TOP
    run "$features"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "a page has a row per feature, and counts those without a program" {
    "$features" --fix
    "$features"
    grep -qF '| 1 | NOP | 5.1 | `nop.c` |  | `tests/nop.bats` ("a nop completes") |' docs/features.md
    grep -qF '| 2 | READ | 5.6 | `nop.c`, `tests` |  | `tests/read.c:a_read_completes` |' docs/features.md
    grep -qF '| 3 | ZCRX | 6.15 | none |  | no network card |' docs/features.md
    tr '\n' ' ' <docs/features.md | grep -q 'lists 3 features. The course uses 2 of them'
}

@test "a page that was changed by hand is reported" {
    "$features" --fix
    echo more >>docs/features.md
    run -1 "$features"
    [ "$output" = "docs/features.md is not made from docs/features.tsv: run tests/tools/features --fix" ]
}

@test "a program or a test that does not exist is reported" {
    row 4 WRITE 5.6 write.c tests/read.c:a_write_completes
    row 5 FSYNC 5.1 nop.c 'tests/nop.bats|an fsync completes'
    row 6 CLOSE 5.6 nop.c tests/close.c
    row 8 OPEN 5.6 nop.c
    run -1 "$features" --fix
    [ "$output" = "row 4: there is no write.c
row 4: tests/read.c has no test (a_write_completes
row 5: tests/nop.bats has no test @test \"an fsync completes\"
row 6: there is no tests/close.c
row 8 comes after row 6
row 8 (OPEN, 5.6) has no test
row 8: there is no " ] || { echo "$output"; false; }
}

# A removal of feature 1, whose text is in nop.c.
removal() # TEXT
{
    mkdir -p tests/tools
    cp "$BATS_TEST_DIRNAME/../tools/feature-proof" tests/tools
    printf '#\n1\tnop.c\t%s\tnothing\n' "$1" >tests/tools/feature-proof.tsv
}

@test "a feature whose removal was tried is marked" {
    echo 'prep_nop(sqe);' >nop.c
    removal 'prep_nop('
    "$features" --fix
    grep -qF '| 1 | NOP | 5.1 | `nop.c` | fails |' docs/features.md
    grep -qF '| 2 | READ | 5.6 | `nop.c`, `tests` |  |' docs/features.md
    tr '\n' ' ' <docs/features.md | grep -q 'In 1 cases we removed the use'
}

@test "a removal that does not fit its file once is reported" {
    echo 'prep_nop(sqe);' >nop.c
    removal 'prep_read('
    run -1 "$features" --fix
    [ "$output" = "removal 1: nop.c does not have this text once: prep_read(" ]
    echo 'prep_nop(sqe); prep_nop(sqe);' >nop.c
    removal 'prep_nop('
    run -1 "$features" --fix
    [ "$output" = "removal 1: nop.c does not have this text once: prep_nop(" ]
}

@test "the text of a removal may have several lines" {
    printf 'prep_nop(sqe);\nflag = 1;\nprep_nop(sqe);\nflag = 2;\n' >nop.c
    removal 'prep_nop(sqe);\nflag = 2;'
    "$features" --fix
    removal 'prep_nop(sqe);\nflag = 3;'
    run -1 "$features"
    [ "$output" = "removal 1: nop.c does not have this text once: prep_nop(sqe);
flag = 3;" ]
}

@test "another argument is a usage error" {
    run -2 "$features" --all
}
