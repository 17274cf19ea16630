#!/usr/bin/env bats
# The simulated kernel: programs on it keep its invariants, and programs with a
# mistake break them.

bats_require_minimum_version 1.5.0

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    sim=$BIN/sim
    [ -x "$sim" ] || skip "there is no sim"
}

# MISTAKE INVARIANT: the simulated kernel names the invariant.
broken()
{
    local rc=0

    "$TOOLS/sim-broken" "$1" >out 2>err || rc=$?
    if [ "$rc" -ne 1 ] || ! grep -q "step [0-9]*: $2: " err; then
        echo "$1: exit $rc, and not '$2':"
        cat out err
        return 1
    fi
}

@test "tasks that race and cancel keep the invariants for 3,000 seeds" {
    run -0 "$sim" loop --seeds 1-3000
    [ "$output" = "sim: loop: 3000 runs, no failure" ]
}

@test "tasks in a host loop keep the invariants for 3,000 seeds" {
    run -0 "$sim" bridge --seeds 1-3000
    [ "$output" = "sim: bridge: 3000 runs, no failure" ]
}

@test "echo keeps the invariants for 5,000 seeds" {
    run -0 "$sim" echo --seeds 1-5000
    [ "$output" = "sim: echo: 5000 runs, no failure" ]
}

@test "the pump of cp-uring keeps the invariants for 5,000 seeds" {
    run -0 "$sim" pump --seeds 1-5000
    [ "$output" = "sim: pump: 5000 runs, no failure" ]
}

@test "the window of batch keeps the invariants for 3,000 seeds" {
    run -0 "$sim" window --seeds 1-3000
    [ "$output" = "sim: window: 3000 runs, no failure" ]
}

@test "streams that share buffers keep the invariants for 3,000 seeds" {
    run -0 "$sim" stream --seeds 1-3000
    [ "$output" = "sim: stream: 3000 runs, no failure" ]
}

@test "serve keeps the invariants for 1,000 seeds" {
    run -0 "$sim" serve --seeds 1-1000
    [ "$output" = "sim: serve: 1000 runs, no failure" ]
}

@test "a small program keeps the invariants in every order and with every errno" {
    run -0 "$sim" small --all
    [[ $output =~ ^sim:\ small:\ ([0-9]+)\ runs,\ no\ failure$ ]]
    [ "${BASH_REMATCH[1]}" -gt 10000 ]
    "$sim" small --seeds 1-2000
}

@test "a seed makes the same run twice" {
    "$sim" loop --seeds 1-200 --twice
    "$sim" echo --seeds 1-100 --twice
    "$sim" pump --seeds 1-200 --twice
    "$sim" serve --seeds 1-50 --twice
    "$sim" bridge --seeds 1-200 --twice
    "$sim" window --seeds 1-200 --twice
    "$sim" stream --seeds 1-200 --twice
    "$sim" loop --seed 7 --trace 2>first
    "$sim" loop --seed 7 --trace 2>second
    cmp first second
    "$sim" loop --seed 8 --trace 2>other
    ! cmp -s first other
}

@test "a file of choices makes the same run twice" {
    seq 1000 >choices
    seq 1001 2000 >others
    for program in bridge echo loop pump serve stream window; do
        "$sim" $program --choices choices --twice
        "$sim" $program --choices choices --trace 2>first
        "$sim" $program --choices choices --trace 2>second
        "$sim" $program --choices others --trace 2>third
        cmp first second
        ! cmp -s first third || { echo "$program: no choice counts"; false; }
    done
}

@test "an empty file of choices makes the run of seed 0" {
    : >empty
    run -0 "$sim" echo --choices empty
    [ "$output" = "sim: echo: 1 run, no failure" ]
    "$sim" echo --choices empty --trace 2>first
    "$sim" echo --seed 0 --trace 2>second
    cmp first second
}

@test "choices that break an invariant break it again" {
    "$TOOLS/sim-broken" close-an-fd-for-one-choice a >out || [ $? -eq 2 ]
    [ "$(cat out)" = "no invariant was broken" ]
    for _ in 1 2; do
        run -1 --separate-stderr "$TOOLS/sim-broken" close-an-fd-for-one-choice x
        [[ $stderr == *"choices x, step "*": no-operation-on-a-closed-fd: "* ]]
        [[ $stderr == *"sim broken --choices x --trace" ]]
    done
}

# tests/phase6/choices/PROGRAM-BUG is the file that `ninja sim-fuzz` wrote for a
# seeded bug.
@test "choices that have found a bug keep the invariants without it" {
    local file name

    for file in "$BATS_TEST_DIRNAME"/choices/*; do
        name=${file##*/}
        "$sim" "${name%%-*}" --choices "$file"
    done
}

@test "a mistake with memory of the kernel is named" {
    broken write-to-a-buffer-of-the-kernel kernel-memory-untouched
    broken change-what-is-being-written kernel-memory-untouched
    broken write-to-a-provided-buffer kernel-memory-untouched
}

@test "a mistake with a descriptor is named" {
    broken close-an-fd-in-use no-operation-on-a-closed-fd
    broken close-an-fd-with-a-queued-sqe no-operation-on-a-closed-fd
    broken use-a-closed-fd no-operation-on-a-closed-fd
    broken close-an-fd-twice every-fd-closed-once
    broken leave-an-fd-open every-fd-closed-once
}

@test "a mistake with a provided buffer is named" {
    broken return-a-buffer-twice every-buffer-returned-once
    broken keep-a-buffer every-buffer-returned-once
}

@test "a ring that ends before its operations is named" {
    broken end-a-ring-in-use no-operation-outlives-its-ring
}

@test "a program that makes no progress is named" {
    broken wait-for-nothing progress
    broken spin progress
}

@test "a task that waits for an eventfd loses the signals of a deferred ring" {
    broken wait-for-two-eventfds progress
    grep "woken once" out
}

@test "an operation that is not simulated stops the run" {
    broken use-an-unknown-opcode simulated-operation
    "$TOOLS/sim-broken" use-an-unknown-opcode 2>err || true
    grep "there is no simulated opcode 8" err
}

@test "the simulated kernel behaves as this one does" {
    local rc=0

    SEEDS=8 "$BATS_TEST_DIRNAME/../conform/compare" "${TOOLS%/tests}" >out 2>err || rc=$?
    [ "$rc" -ne 2 ] || skip "$(cat err)"
    cat out err
    [ "$rc" -eq 0 ]
}

@test "a wrong command line is refused" {
    run -2 --separate-stderr "$sim" nothing
    [[ $stderr == *"there is no program 'nothing'"* ]]
    run -2 --separate-stderr "$sim" loop --seeds 5-4
    [[ $stderr == *"'5-4' is not a number or a range of seeds"* ]]
    run -2 --separate-stderr "$sim" loop --seed x
    run -2 --separate-stderr "$sim" loop --choices missing
    [[ $stderr == *"cannot read 'missing': No such file or directory"* ]]
    run -2 --separate-stderr "$sim" loop --choices .
    [[ $stderr == *"cannot read '.': Is a directory"* ]]
    run -2 --separate-stderr "$sim" loop --choices /dev/zero
    run -2 --separate-stderr "$sim"
}
