# ring_flags.bash: the flags with which a program first asks for a ring.

load ../support/judge

# shellcheck disable=SC2034 # the tests use them
CLAMP=$((1 << 4)) SINGLE_ISSUER=$((1 << 12)) DEFER_TASKRUN=$((1 << 13))

# PROGRAM ARGUMENT...: sets first_flags, a number, and trace, a file with all
# set-ups and registrations. Skips for a program that is not this course's: it
# may ask for any ring.
ring_flags()
{
    need_ours "${1##*/}"
    command -v strace >/dev/null || skip "strace is not installed"
    trace=$BATS_TEST_TMPDIR/trace
    strace -o "$trace" true 2>/dev/null || skip "strace may not trace here"
    ASAN_OPTIONS=detect_leaks=0 strace -f -X raw -o "$trace" \
        -e trace=io_uring_setup,io_uring_register "$@" >/dev/null
    cat "$trace"
    first_flags=$(sed -n 's/.*io_uring_setup(.*{flags=\([0-9a-fx]*\),.*/\1/p' \
        "$trace" | head -n 1)
    [ -n "$first_flags" ]
}

# FLAG...: the first set-up asked for all of them.
asks_for()
{
    local flag

    for flag; do
        [ $((first_flags & flag)) -eq "$flag" ]
    done
}
