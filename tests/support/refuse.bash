# refuse.bash: runs a unit test under strace, which plays an older or a busier
# kernel: it refuses system calls. $units is the folder of the unit tests.

# strace counts injections per process, and each test runs in a new process.
refuse_and_run() # INJECTION UNIT
{
    command -v strace >/dev/null || skip "strace is not installed"
    strace --seccomp-bpf -f -qq -o "$BATS_TEST_TMPDIR/strace" \
        -e trace="${1%%:*}" -e inject="$1" "$units/$2"
    grep -q INJECTED "$BATS_TEST_TMPDIR/strace"
}

# Prints how many times ring.c asks for a ring with one entry of its list of
# fallbacks. lib/own and newer releases of liburing ask twice: first with
# NO_SQARRAY, then without. If the kernel refuses all rings, the first test of
# UNIT tries all entries of the list.
setups_per_entry() # UNIT
{
    local entries=4

    refuse_and_run io_uring_setup:error=EINVAL "$1" >/dev/null 2>&1 || true
    awk -v entries=$entries '
        /io_uring_setup/ && (pid == "" || $1 == pid) { pid = $1; n++ }
        END { print n / entries }' "$BATS_TEST_TMPDIR/strace"
}

# The kernel refuses the first COUNT entries of ring.c's list.
refuse_entries_and_run() # COUNT UNIT
{
    local setups

    command -v strace >/dev/null || skip "strace is not installed"
    setups=$(setups_per_entry "$2")
    echo "each entry of the list: $setups io_uring_setup"
    [[ $setups == [12] ]]
    refuse_and_run "io_uring_setup:error=EINVAL:when=1..$(($1 * setups))" "$2"
}
