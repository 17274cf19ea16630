# The kernel says no: io_uring's system calls fail at their k-th call, for every
# k until there is no k-th call. Right bytes or a clear error; never a hang.
#
# Judges: cat-raw, cat-uring, cp-uring.

# bats file_tags=interruptions

load ../support/judge

CALLS="io_uring_setup io_uring_enter io_uring_register"

setup()
{
    command -v strace >/dev/null || skip "strace is not installed"
    cd "$BATS_TEST_TMPDIR" || return
    strace -o trace true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS=detect_leaks=0 # which cannot look under strace
}

# CALL ERROR WHEN COMMAND...: the command with that fault; its output in out,
# its messages in err, its exit code in $status. Fails if it hangs.
with_fault()
{
    local call=$1 error=$2 when=$3
    shift 3
    status=0
    timeout -k 5 200 strace -qq -o trace -e trace="$call" \
        -e inject="$call:error=$error:when=$when" "$@" \
        >out 2>err || status=$?
    [ "$status" -ne 124 ] && [ "$status" -ne 137 ]
}

# CHECK COMMAND...: the command with every fault; CHECK judges each time.
every_fault()
{
    local check=$1 call error k
    shift
    for call in $CALLS; do
        for error in EINTR EAGAIN ENOMEM; do
            for ((k = 1; k < 1000; k++)); do
                rm -rf target
                with_fault "$call" "$error" "$k" "$@"
                "$check" || {
                    echo "$call: $error at call $k: status $status: $(cat err)"
                    return 1
                }
                grep -q INJECTED trace || break
            done
            echo "$call $error: $((k - 1)) calls"
        done
    done
}

# Either all is right, or the failure was said and nothing was left behind.
cat_is_right()
{
    if [ "$status" -eq 0 ]; then
        same_bytes source out
    else
        [ -s err ] && same_bytes -n "$(stat -c %s out)" source out
    fi
}

@test "cat-raw survives every fault, or says why not" {
    judge cat-raw
    head -c 400000 /dev/urandom >source
    every_fault cat_is_right "$BIN/cat-raw" source
}

@test "cat-uring survives every fault, or says why not" {
    judge cat-uring
    head -c 2000000 /dev/urandom >source
    every_fault cat_is_right "$BIN/cat-uring" source
}

cp_is_right()
{
    if [ "$status" -eq 0 ]; then
        diff -r source target
    else
        [ -s err ] && [ ! -e target ] && [ -z "$(find . -name '.cp-uring.*')" ]
    fi
}

@test "cp-uring of a file survives every fault, or says why not" {
    judge cp-uring
    head -c 2000001 /dev/urandom >source
    every_fault cp_is_right "$BIN/cp-uring" --depth 4 source target
}

tree_is_right()
{
    if [ "$status" -eq 0 ]; then
        diff -r source target
    else
        # What could be copied is there, and whole.
        [ -s err ] && [ -z "$(find . -name '.cp-uring.*')" ]
        [ ! -e target ] || (cd target && find . -type f -print0 |
            xargs -0 -I FILE cmp FILE ../source/FILE)
    fi
}

@test "cp-uring -r survives every fault, or says why not" {
    judge cp-uring
    mkdir source
    for i in $(seq 80); do head -c $((i * 900)) /dev/urandom >"source/$i"; done
    every_fault tree_is_right "$BIN/cp-uring" -r source target
}

@test "cp-uring of many sources survives every fault, or says why not" {
    judge cp-uring
    mkdir source
    for i in $(seq 12); do head -c $((i * 900)) /dev/urandom >"source/$i"; done
    head -c 300000 /dev/urandom >source/big
    # shellcheck disable=SC2016 # expanded inside
    every_fault tree_is_right \
        sh -c 'mkdir target && exec "$0" source/* target' "$BIN/cp-uring"
}

a_fault_that_stays() # PROGRAM CHECK ARGUMENT...
{
    local program=$1 check=$2 error
    shift 2
    for error in EAGAIN ENOMEM EBUSY EBADR EPERM; do
        with_fault io_uring_enter "$error" 2+ "$BIN/$program" "$@"
        exits 1
        stderr=$(cat err)
        says "cannot enter the ring" "($error)"
        "$check"
    done
}

@test "a fault that stays ends a cat, with a message" {
    judge_each cat-raw cat-uring
    head -c 400000 /dev/urandom >source
    # shellcheck disable=SC2154
    for name in $programs; do
        a_fault_that_stays "$name" cat_is_right source
    done
}

@test "a fault that stays ends cp-uring, with a message" {
    judge cp-uring
    head -c 400000 /dev/urandom >source
    a_fault_that_stays cp-uring cp_is_right source target
}

@test "a program that may not make a ring says so, and exits with 2" {
    judge_each cat-raw cat-uring cp-uring
    echo a >source
    for name in $programs; do
        set -- source
        [ "$name" != cp-uring ] || set -- source target
        for error in EPERM ENOSYS ENOMEM EMFILE; do
            with_fault io_uring_setup "$error" 1+ "$BIN/$name" "$@"
            exits 2
            stderr=$(cat err)
            says "cannot set up io_uring" "($error)"
            [ ! -s out ]
        done
    done
    [ ! -e target ]
}
