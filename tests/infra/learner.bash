# learner.bash: programs in a folder with nothing around it, judged by tests/run.

setup()
{
    cd "$BATS_TEST_DIRNAME/../.." || return
    mine=$BATS_TEST_TMPDIR/mine
    mkdir "$mine" "$BATS_TEST_TMPDIR/units"
    # Tests that drop root get in.
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
    export TEST_TIMEOUT_S=200
}

# SUITE ARGUMENT...: tests/run as from a shell, with the programs in $mine.
judged()
{
    local suite=$1
    shift
    run env -i PATH="$(printf %s "$PATH" | tr : '\n' | grep -v bats | tr '\n' :)" \
        TMPDIR="$BATS_TEST_TMPDIR" TEST_TIMEOUT_S="$TEST_TIMEOUT_S" \
        tests/run "$suite" --bin "$mine" --units "$BATS_TEST_TMPDIR/units" \
        --no-lib "$@"
}

# SUITE ARGUMENT...: all of its programs, somewhere else.
course_passes()
{
    cp "build/$1"/* "$mine"
    judged "$@"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ ${lines[-1]} =~ ^"$1, your programs: "[1-9][0-9]*" passed, 0 failed, " ]] ||
        { echo "$output"; false; }
}
