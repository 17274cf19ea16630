# Fail the n-th system call of the ring, for every n: batch ends right, or with
# a clear error; never with wrong bytes, and it always ends.
#
# Judges: batch.

# bats file_tags=interruptions

load ../support/judge
load batch

setup()
{
    command -v strace >/dev/null || skip "strace is not installed"
    cd "$BATS_TEST_TMPDIR" || return
    strace -o trace true || skip "this process may not trace another"
    export ASAN_OPTIONS=detect_leaks=0 # it cannot run under ptrace
    find_modes
    window="--window 2"
    [ -z "${LEARNER-}" ] || knows batch --window || window=
    head -c 70000 /dev/urandom >a
    echo b >b
    : >c
    head -c 5000 /dev/urandom >d
    cat a b c d >want
}

# CALL ERROR WHEN MODE: runs batch with that fault, and judges it.
with_fault()
{
    code=0
    # Two words on purpose.
    # shellcheck disable=SC2086
    timeout 100 strace -qq -o trace -e "trace=$1" \
        -e "inject=$1:error=$2:when=$3" \
        "$batch" --mode "$4" $window a b c d >got 2>errors || code=$?
    # What the test says if it fails.
    echo "mode $4, $1 number $3 fails with $2: exit code $code"
    cat errors
    if [ "$code" -eq 0 ]; then
        same_bytes want got
        [ ! -s errors ]
    else
        [ "$code" -eq 1 ] || [ "$code" -eq 2 ]
        stderr=$(cat errors)
        says "batch: " "($2)"
        same_bytes -n "$(wc -c <got)" want got # what was written is a beginning
    fi
}

# CALL ERROR...: every call in turn, until there is no such call any more.
every_call()
{
    call=$1
    shift
    for mode in $modes; do
        for error in "$@"; do
            nth=1
            with_fault "$call" "$error" $nth "$mode"
            while grep -q INJECTED trace; do
                nth=$((nth + 1))
                with_fault "$call" "$error" $nth "$mode"
            done
            # A learner's batch need not register anything.
            [ "$nth" -gt 1 ] || [ -n "${LEARNER-}" ]
        done
    done
}

@test "batch succeeds or names the reason if any io_uring_setup fails" {
    every_call io_uring_setup EINTR EAGAIN ENOMEM EPERM EINVAL
}

@test "batch succeeds or names the reason if any io_uring_register fails" {
    every_call io_uring_register EINTR EAGAIN ENOMEM EPERM
}

@test "batch gives the same output if any io_uring_enter is interrupted" {
    every_call io_uring_enter EINTR
}

@test "batch repeats any io_uring_enter that fails with EAGAIN or EBUSY" {
    every_call io_uring_enter EAGAIN EBUSY
}

@test "batch names the reason if any io_uring_enter fails" {
    every_call io_uring_enter ENOMEM EBADF
}

@test "batch fails if io_uring_enter keeps returning EAGAIN" {
    for mode in $modes; do
        for when in 1+ 3+; do
            with_fault io_uring_enter EAGAIN $when "$mode"
            [ "$code" -eq 1 ]
        done
    done
}

# The SQ is full of SQEs that the kernel does not take, while CQEs are there.
@test "batch fails if io_uring_enter keeps returning EAGAIN to a full SQ" {
    [ -z "${LEARNER-}" ] || knows batch --sq || skip "it has no option --sq"
    window="--window 4 --sq 4"
    for mode in $modes; do
        for when in 2+ 3+ 4+; do
            with_fault io_uring_enter EAGAIN $when "$mode"
            [ "$code" -le 1 ]
        done
    done
}

@test "batch omits set-up flags that the kernel does not know" {
    for mode in $modes; do
        with_fault io_uring_setup EINVAL 1..2 "$mode"
        [ "$code" -eq 0 ]
    done
}
