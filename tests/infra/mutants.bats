#!/usr/bin/env bats
# tests/tools/mutants in a small tree: what is caught, what survives, and what
# is stale.

bats_require_minimum_version 1.5.0

setup()
{
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/tests/tools" "$tree/tests/mutants" "$tree/tests/phase1"
    cp "$BATS_TEST_DIRNAME/../tools/mutants" "$tree/tests/tools"
    cd "$tree" || return
    printf '%s\n' 'true' 'answer=42' '[ "$answer" -eq 42 ]' >program
    : >tests/phase1/unit.c
    cat >build.ninja <<'NINJA'
builddir = build
rule copy
  command = cp $in $out && chmod +x $out
build build/tests/phase1/unit: copy program
NINJA
    cat >tests/run <<'RUN'
#!/bin/sh
while [ "$1" != --units ]; do shift; done
sh "$2/unit" && exit 0
echo "FAILED unit: the answer is wrong"
exit 1
RUN
    chmod +x tests/run
    ninja build/tests/phase1/unit >/dev/null
}

# NAME OLD NEW [CAUGHT-BY]: a patch of program's line OLD.
mutant()
{
    {
        echo "Kind: a, a test"
        [ "${4-phase1/unit}" = "" ] || echo "Caught-by: ${4-phase1/unit}"
        printf 'diff --git a/program b/program\n--- a/program\n+++ b/program\n'
        printf '@@ -%s,1 +%s,1 @@\n-%s\n+%s\n' 1 1 "$2" "$3"
    } >"tests/mutants/$1.patch"
}

@test "a mutant that its test catches is counted, and the tree stays as it was" {
    mutant a-wrong 'answer=42' 'answer=43'
    cp program before
    run tests/tools/mutants
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "caught a-wrong: by phase1/unit" ]
    [ "${lines[1]}" = "mutants: 1 caught, 0 not, 0 skipped" ]
    cmp before program
}

@test "a mutant that its test lets pass is a failure" {
    mutant a-wrong 'answer=42' 'answer=43'
    mutant b-same 'true' ':'
    run tests/tools/mutants --jobs 2
    [ "$status" -eq 1 ]
    [[ $output == *"survived b-same: phase1/unit passes"* ]]
    [ "${lines[-1]}" = "mutants: 1 caught, 1 not, 0 skipped" ]
}

@test "a mutant does not reach the next one of its job" {
    mutant a-first 'answer=42' 'answer=43'
    mutant b-second 'true' ':'
    mutant c-third 'answer=42' 'answer=44'
    run tests/tools/mutants --jobs 1
    [ "$status" -eq 1 ]
    [[ $output == *"survived b-second"* ]]
    [ "${lines[-1]}" = "mutants: 2 caught, 1 not, 0 skipped" ]
}

@test "a patch that no longer applies is a failure" {
    mutant a-stale 'answer=41' 'answer=43'
    run tests/tools/mutants
    [ "$status" -eq 1 ]
    [[ ${lines[0]} == "stale a-stale: does not apply" ]]
}

@test "a patch that does not build is a failure" {
    mutant a-wrong 'answer=42' 'answer=43'
    sed -i 's/command = /command = ! grep -q 43 $in \&\& /' build.ninja
    ninja build/tests/phase1/unit >/dev/null
    run tests/tools/mutants
    [ "$status" -eq 1 ]
    [[ ${lines[0]} == "stale a-wrong: does not build" ]]
}

@test "a header without Caught-by is a failure" {
    mutant a-nameless 'answer=42' 'answer=43' ""
    run tests/tools/mutants
    [ "$status" -eq 1 ]
    [[ ${lines[0]} == "stale a-nameless: its header has no Caught-by" ]]
}

@test "a test that fails without a mutant catches nothing" {
    echo false >>program
    mutant a-wrong 'answer=42' 'answer=43'
    ninja build/tests/phase1/unit >/dev/null
    run tests/tools/mutants
    [ "$status" -eq 1 ]
    [[ $output == *"unsound a-wrong: phase1/unit failed without it"* ]]
}

@test "a header whose test does not exist is a failure" {
    mutant a-renamed 'answer=42' 'answer=43' 'phase1/unit a_test_of_old'
    mutant b-moved 'answer=42' 'answer=43' 'phase2/unit'
    run tests/tools/mutants
    [ "$status" -eq 1 ]
    [[ $output == *"stale a-renamed: tests/phase1/unit.c has no test 'a_test_of_old'"* ]]
    [[ $output == *"stale b-moved: there is no tests/phase2/unit.c"* ]]
}

@test "--check finds stale patches and builds nothing" {
    mutant a-wrong 'answer=42' 'answer=43'
    rm -r build
    git init -q .
    run tests/tools/mutants --check
    [ "$status" -eq 0 ]
    [ "$output" = "mutants: 1 patches, 0 stale" ]
    mutant b-stale 'answer=41' 'answer=43'
    run tests/tools/mutants --check
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "stale b-stale: does not apply" ]
    [ ! -e build ]
}

@test "with --all every suite judges a mutant" {
    echo 'build built: phony build/tests/phase1/unit' >>build.ninja
    printf '#!/bin/sh\necho "$@" >>%s/suites\nexit 1\n' \
        "$BATS_TEST_TMPDIR" >tests/suites
    chmod +x tests/suites
    mutant b-same 'true' ':'
    run tests/tools/mutants --all
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = "mutants: 1 caught, 0 not, 0 skipped" ]
    [[ $(<"$BATS_TEST_TMPDIR/suites") == *"phase1 phase2"*"phase10" ]]
}

@test "one patch can be named, and a wrong command line is 2" {
    mutant a-wrong 'answer=42' 'answer=43'
    mutant b-same 'true' ':'
    run tests/tools/mutants tests/mutants/a-wrong.patch
    [ "$status" -eq 0 ]
    for wrong in --what "--jobs 0" --jobs no-such.patch; do
        # Two words on purpose.
        # shellcheck disable=SC2086
        run tests/tools/mutants $wrong
        [ "$status" -eq 2 ]
    done
}
