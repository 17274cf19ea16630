# The unit tests of lib/net, run with each set-up that a kernel may leave us: a
# ring without DEFER_TASKRUN, or a ring with two entries. strace plays the older
# kernel.

load ../support/refuse

setup()
{
    units=${UNITS:-$BIN/../tests/phase8}
    streams="stream stream_empty_pool stream_end"
    servers="server server_stop"
    export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot be traced
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
        refuse_entries_and_run 1 $unit
    done
}

@test "without any set-up flag lib/net behaves the same" {
    for unit in bufring $streams acceptor $servers; do
        refuse_entries_and_run 3 $unit
    done
}
