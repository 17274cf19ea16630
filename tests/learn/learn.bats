#!/usr/bin/env bats
# `ninja learn` (tests/tools/learn): copies stubs, judges answers, and shows
# where the learner is. It never writes to a learner's file.

bats_require_minimum_version 1.5.0

setup()
{
    my=$(mktemp -d)
    first=$my/phase0/print-file.c
}

teardown()
{
    rm -rf "$my"
}

learn() # ARGUMENT...
{
    run -"${expected:-1}" tests/tools/learn --my "$my" "$@"
    echo "$output"
}

@test "the first call copies the first stub, and the stub fails" {
    learn
    cmp "$first" phase0/exercises/print-file.c
    [[ "$output" = *"New: $first, a copy of phase0/exercises/print-file.c."* ]]
    [[ "$output" = *"  run       print-file file"*"  expected  "*"  came      "*"  mistake   no ring was made"* ]]
    [[ "$output" = *"> phase0  print-file       failing: no ring was made"* ]]
    [[ "$output" = *"phase1  push_pop         not begun"* ]]
}

@test "a learner's file is never written, whatever is in it" {
    mkdir -p "$my/phase0"
    echo "int main(void) { return 3; }" >"$first"
    cp -p "$first" "$my/before"
    learn
    learn print-file
    learn phase0
    cmp "$first" "$my/before"
    [ "$(stat -c %y "$first")" = "$(stat -c %y "$my/before")" ]
}

@test "after a right answer the next stub is copied" {
    mkdir -p "$my/phase0"
    cp docs/solutions/phase0/print-file.c "$first"
    expected=0 learn print-file
    [[ "$output" = *"print-file: passed"* ]]
    [[ "$output" = *"> phase0  print-file       passed"* ]]
    [[ "$output" = *"Compare yours with docs/solutions/phase0/."* ]]
    learn
    [[ "$output" = *"  phase0  print-file       passed"* ]]
    [ "$(find "$my" -name '*.c' -not -name '*.verdict.c' | wc -l)" -eq 2 ]
}

@test "a phase whose exercises have passed has nothing left" {
    for exercise in print-file who_refuses; do
        mkdir -p "$my/phase0"
        cp "docs/solutions/phase0/$exercise.c" "$my/phase0"
        expected=0 learn "$exercise"
    done
    expected=0 learn phase0
    [[ "$output" = *"Nothing is left here."* ]]
    [[ "$output" = *"2 of "*" passed."* ]]
}

@test "an answer that changed after it passed is judged again" {
    mkdir -p "$my/phase0"
    cp docs/solutions/phase0/print-file.c "$first"
    expected=0 learn phase0 --list
    [[ "$output" = *"print-file       not judged yet"* ]]
    expected=0 learn print-file
    echo "/* changed */" >>"$first"
    expected=0 learn --list
    [[ "$output" = *"print-file       not judged yet"* ]]
}

@test "a compile error is shown as the compiler prints it" {
    mkdir -p "$my/phase0"
    echo "int main(void) { return nothing; }" >"$first"
    learn
    [[ "$output" = *"$first:1:25: error: "*"nothing"* ]]
    [[ "$output" = *"failing: it does not compile"* ]]
}

@test "the compiler warns of a large frame in an answer of phase 3" {
    mkdir -p "$my/phase3"
    sed 's/return -ENOSYS.*/char b[4096]; return await_read(0, b, sizeof b, 0);/' \
        phase3/exercises/copy_all.c >"$my/phase3/copy_all.c"
    learn copy_all
    [[ "$output" = *"warning: "*frame*2048* ]]
}

@test "an answer that crashes is named as a crash" {
    mkdir -p "$my/phase0"
    echo "int main(void) { return *(volatile int *)8; }" >"$first"
    learn
    [[ "$output" = *"signal 11 killed it (Segmentation fault)"* ]]
}

@test "an answer that does not end is named as a hang" {
    mkdir -p "$my/phase0"
    echo "int main(void) { for (;;) ; }" >"$first"
    JUDGE_TIMEOUT_S=1 learn
    [[ "$output" = *"it did not end within 1 s"* ]]
}

@test "colours appear on a terminal, and neither with NO_COLOR nor in a file" {
    learn print-file
    [[ "$output" != *$'\033'* ]]
    output=$(TERM=xterm script -qec "tests/tools/learn --my $my print-file" /dev/null || true)
    [[ "$output" = *$'\033[31;1mFAILED'* ]]
    output=$(TERM=xterm NO_COLOR=1 script -qec "tests/tools/learn --my $my print-file" /dev/null || true)
    [[ "$output" != *$'\033'* ]]
    output=$(TERM=dumb script -qec "tests/tools/learn --my $my print-file" /dev/null || true)
    [[ "$output" != *$'\033'* ]]
}

@test "an unknown exercise is an error that changes nothing" {
    expected=2 learn print-flie
    [[ "$output" = *"there is no exercise or phase print-flie"* ]]
    [ -z "$(ls -A "$my")" ]
}

@test "an answer runs as a program if it gets arguments" {
    mkdir -p "$my/phase0"
    cp docs/solutions/phase0/print-file.c "$first"
    expected=0 learn print-file
    [ "$("$my/.built/phase0/print-file" "$first")" = "$(head -c 4096 "$first")" ]
}

@test "ninja learn announces the build of the checkers" {
    ninja -t commands learn | grep -q "the first call builds the checkers"
}

@test "git ignores the folder my" {
    git check-ignore -q my/phase0/print-file.c
}
