# The unit tests of lib/net, run with each set-up that a kernel may leave us: a
# ring without DEFER_TASKRUN, or a ring with two entries. strace plays the older
# kernel.

setup()
{
    units=${UNITS:-$BIN/../tests/phase8}
    streams="stream stream_empty_pool stream_end"
    servers="server server_stop"
    export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot be traced
}

refuse_and_run() # INJECTION UNIT
{
    command -v strace >/dev/null || skip "strace is not installed"
    strace --seccomp-bpf -f -qq -o "$BATS_TEST_TMPDIR/strace" \
        -e trace="${1%%:*}" -e inject="$1" "$units/$2"
    grep -q INJECTED "$BATS_TEST_TMPDIR/strace"
}

@test "on a plain ring lib/net behaves the same" {
    for unit in bufring $streams udp connect acceptor net $servers; do
        RING_PLAIN=1 "$units/$unit"
    done
}

@test "on a ring with two entries lib/net behaves the same" {
    for unit in bufring $streams udp acceptor; do
        RING_ENTRIES=2 "$units/$unit"
    done
}

@test "without DEFER_TASKRUN lib/net behaves the same" {
    for unit in bufring $streams acceptor $servers; do
        refuse_and_run io_uring_setup:error=EINVAL:when=1 $unit
    done
}

@test "without any set-up flag lib/net behaves the same" {
    for unit in bufring $streams acceptor $servers; do
        refuse_and_run io_uring_setup:error=EINVAL:when=1..3 $unit
    done
}
