# The other programs of the phase: what they print, and that they end.
#
# Judges: bench-timers, bridge-bench, doorbells, floor, lookup, wakes.

bats_require_minimum_version 1.5.0

load ../support/judge

# The program that was run came to its end, unless the kernel said that there is
# no such ring here: anything else is the program's fault, and no reason to skip.
ran_or_skip()
{
    # shellcheck disable=SC2154
    [[ $status -ne 2 || $stderr != *"(EINVAL)"* ]] || skip "not here: $stderr"
    [ "$status" -eq 0 ]
}

@test "names are looked up and printed in the order given" {
    judge lookup
    run --separate-stderr timeout 200 "$BIN/lookup" 127.0.0.1 ::1 192.0.2.7
    [ "$status" -eq 0 ]
    [ "$output" = "127.0.0.1 127.0.0.1
::1 ::1
192.0.2.7 192.0.2.7" ]
    # shellcheck disable=SC2154
    [ -z "$stderr" ]
}

@test "many more names than workers are all looked up" {
    judge lookup
    # shellcheck disable=SC2046
    run --separate-stderr timeout 200 "$BIN/lookup" $(seq -f 192.0.2.%g 200)
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 200 ]
    [ "${lines[199]}" = "192.0.2.200 192.0.2.200" ]
}

@test "an unknown name is reported, and the others are found" {
    judge lookup
    run --separate-stderr timeout 200 "$BIN/lookup" 127.0.0.1 "no name" ::1
    [ "$status" -eq 1 ]
    [ "$output" = "127.0.0.1 127.0.0.1
::1 ::1" ]
    [[ $stderr == "lookup: cannot find 'no name': "* ]]
}

# The plain rings come first: they stand, also where there is no other.
@test "a host on a plain ring is woken by each descriptor" {
    judge wakes
    run --separate-stderr timeout 200 "$BIN/wakes"
    [[ $status -eq 0 || $stderr == *"(deferred)"*"(EINVAL)"* ]]
    plain=$(grep -c '^plain' <<<"$output")
    [ "$plain" -eq 6 ]
    ! grep '^plain' <<<"$output" | grep 'NOT WOKEN'
}

@test "a host on the eventfd of a deferred ring is woken by a pipe" {
    judge wakes
    run --separate-stderr timeout 200 "$BIN/wakes"
    ran_or_skip
    line=$(grep '^deferred *eventfd by epoll *pipe' <<<"$output")
    [[ $line != *"NOT WOKEN"* ]]
}

@test "bridge-bench measures an operation in our loop and in both hosts" {
    judge bridge-bench
    for host in native epoll uv; do
        for op in nop echo; do
            run --separate-stderr timeout 200 "$BIN/bridge-bench" --ops 500 \
                --depth 8 --host "$host" --op "$op"
            [ "$status" -eq 0 ]
            [[ $output == *" ns by the clock, "* ]]
        done
    done
}

@test "bridge-bench measures an operation with each --watch" {
    judge bridge-bench
    for kind in "plain --watch ring" "deferred --watch eventfd" \
        "deferred --watch edge" "plain --watch edge" "deferred --watch host"; do
        for host in epoll uv; do
            # libuv does not tell edges, and takes the signal back as ever.
            # shellcheck disable=SC2086
            run --separate-stderr timeout 200 "$BIN/bridge-bench" --ops 500 \
                --op echo --host "$host" --ring $kind
            [ "$status" -eq 0 ]
            [[ $output == *" ns by the clock, "* ]]
        done
    done
}

@test "a benchmark that cannot measure fails and prints no number" {
    printf '#!/bin/sh\necho broken >&2\nexit 2\n' >"$BATS_TEST_TMPDIR/bridge-bench"
    chmod +x "$BATS_TEST_TMPDIR/bridge-bench"
    run --separate-stderr timeout 200 \
        "$BATS_TEST_DIRNAME/../../phase4/bench.sh" --rounds 1 --bin "$BATS_TEST_TMPDIR"
    [ "$status" -eq 2 ]
    [ "$stderr" = broken ]
    [ "${#lines[@]}" -eq 1 ] # the names of the columns
}

@test "floor measures an echo in each way to sleep" {
    judge floor
    run --separate-stderr timeout 200 "$BIN/floor"
    ran_or_skip
    [ "${#lines[@]}" -eq 7 ]
    [[ ${lines[1]} == "the submit is the wait "*" 0" ]]
}

@test "doorbells measures a pass with each doorbell" {
    judge doorbells
    run --separate-stderr timeout 200 "$BIN/doorbells"
    ran_or_skip
    [ "${#lines[@]}" -eq 4 ]
    [[ ${lines[3]} == "message "* ]]
}

@test "bench-timers arms and moves timers in libuv's heap and in ours" {
    judge bench-timers
    run --separate-stderr timeout 200 "$BIN/bench-timers" --timers 1000 --rounds 3
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 5 ]
    [[ ${lines[0]} =~ ^both\ +[0-9.]+\ times ]]
    for wrong in 0 -1 10x "" 9999999999; do
        run --separate-stderr "$BIN/bench-timers" --timers "$wrong"
        [ "$status" -eq 2 ]
    done
}

@test "usage errors of the labs exit 2, help and version 0" {
    judge_each lookup wakes floor doorbells bridge-bench bench-timers
    for program in $programs; do
        run --separate-stderr "$BIN/$program" --no-such-option
        [ "$status" -eq 2 ]
        run --separate-stderr "$BIN/$program" --help
        [ "$status" -eq 0 ]
        [[ $output == "Usage: $program"* ]]
        run --separate-stderr "$BIN/$program" --version
        [ "$status" -eq 0 ]
        [ "$output" = "$program (one-ring) 0.1" ]
    done
}

@test "wrong arguments of the labs exit 2" {
    judge_each lookup floor doorbells
    for program in $programs; do
        words=spare
        [ "$program" != lookup ] || words=
        # shellcheck disable=SC2086
        run --separate-stderr timeout 200 "$BIN/$program" $words
        [ "$status" -eq 2 ]
    done
}

@test "wrong arguments of bridge-bench exit 2, and are named" {
    judge bridge-bench
    for wrong in "--depth 0" "--depth 1x" "--depth=" "--ops 1e6" "--ops -1" \
        "--host glib" "--op pong" "--ring square" "--watch sky" spare; do
        # shellcheck disable=SC2086
        run --separate-stderr timeout 200 "$BIN/bridge-bench" $wrong
        [ "$status" -eq 2 ]
        [[ $stderr == "bridge-bench: "*"; see --help" ]]
    done
}
