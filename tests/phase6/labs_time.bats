# The labs on time and cancel: each prints what it predicts and what it sees.
# These are the transcripts.
#
# Judges: lab-cancel, lab-cancel-open, lab-cancel-sync, lab-clock.
# Judges: lab-close-ring-fd, lab-drain, lab-link-shared, lab-link-timeout.
# Judges: lab-link-worker, lab-min-wait, lab-napi, lab-poll-update.
# Judges: lab-read-multishot, lab-registered-wait, lab-timeout.
# Judges: lab-timeout-link, lab-timeout-wait, lab-timespec, lab-update.
# Judges: time-outs.

# bats file_tags=manners

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    export TMPDIR=$BATS_TEST_TMPDIR
}

# LAB: runs it. Skips the test if a part cannot be tried here, but only if every
# prediction of the other parts held. The transcript is in the file got.
run_lab()
{
    local code=0
    judge "$1"
    timeout 200 "$BIN/$1" >got || code=$?
    if [ "$code" -eq 77 ]; then
        run ! grep -e '<-- differs' got
        skip "$(grep -m 1 'cannot be tried here' got | sed 's/^ *//')"
    fi
    [ "$code" -eq 0 ] || echo "exit code $code" >>got
}

# LAB, and the transcript that it must print on stdin.
transcript_of()
{
    cat >want
    run_lab "$1"
    diff want got
}

# LAB: works like transcript_of, for a lab that measures time. On a busy machine
# the lab may wait longer for a processor than for the kernel, but not five times.
timed_transcript_of()
{
    cat >want
    for _ in 1 2 3 4 5; do
        run_lab "$1"
        ! diff want got || return 0
    done
    return 1
}

@test "a linked timeout cancels its operation, or is cancelled, and no byte is lost" {
    timed_transcript_of lab-link-timeout <<'END'
a byte has arrived, the limit is 10 ms
  the receive: predicted 1, saw 1
  the timeout: predicted -ECANCELED, saw -ECANCELED
  the receive's CQE is the first: predicted yes, saw yes
no byte within 10 ms
  the receive: predicted -ECANCELED, saw -ECANCELED
  the timeout: predicted -ETIME, saw -ETIME
  the receive's CQE is the first: predicted no, saw no
2000 races of 3 bytes against a limit of 100 us
  each side won: predicted yes, saw yes
  rounds with both results, or neither: predicted 0, saw 0
  bytes lost: predicted 0, saw 0
9 of 9 predictions held
END
}

@test "a linked timeout may cancel another operation with the same user_data" {
    timed_transcript_of lab-link-shared <<'END'
three receives with user_data 1, the second has a limit
  the timeout: predicted -ETIME, saw -ETIME
  a receive: predicted -ECANCELED, saw -ECANCELED
a byte arrives for the second receive
  a receive: predicted 1, saw 1
  the byte is in the second buffer: predicted yes, saw yes
4 of 4 predictions held
END
}

limits_an_open()
{
    run_lab lab-link-worker
    if grep -q 'the limit has interrupted the open' got; then
        diff - got <<'END'
after one second the limit has interrupted the open
  the timeout: predicted -EALREADY, saw -EALREADY
  the open was interrupted: predicted yes, saw yes
2 of 2 predictions held
END
    else
        diff - got <<'END'
after one second the open is still in flight: cancel it
  the cancel: predicted -EALREADY, saw -EALREADY
  the timeout: predicted -ECANCELED, saw -ECANCELED
  the open was interrupted: predicted yes, saw yes
3 of 3 predictions held
END
    fi
}

@test "on an io-wq worker a linked timeout is -EALREADY, or has no effect" {
    for _ in 1 2 3 4 5; do
        ! limits_an_open || return 0
    done
    false
}

@test "a cancel finds operations by user_data, by descriptor, or all of them" {
    transcript_of lab-cancel <<'END'
user_data 3
  the cancel: predicted -ENOENT, saw -ENOENT
  operations that end with -ECANCELED: predicted 0, saw 0
user_data 1
  the cancel: predicted 0, saw 0
  operations that end with -ECANCELED: predicted 1, saw 1
user_data 1, ALL
  the cancel: predicted 2, saw 2
  operations that end with -ECANCELED: predicted 2, saw 2
user_data 1, ALL, again
  the cancel: predicted 0, saw 0
  operations that end with -ECANCELED: predicted 0, saw 0
FD of pipe 0
  the cancel: predicted 0, saw 0
  operations that end with -ECANCELED: predicted 1, saw 1
FD of pipe 0, ALL
  the cancel: predicted 1, saw 1
  operations that end with -ECANCELED: predicted 1, saw 1
FD of pipe 0, again
  the cancel: predicted -ENOENT, saw -ENOENT
  operations that end with -ECANCELED: predicted 0, saw 0
ANY
  the cancel: predicted 3, saw 3
  operations that end with -ECANCELED: predicted 3, saw 3
ANY, again
  the cancel: predicted 0, saw 0
  operations that end with -ECANCELED: predicted 0, saw 0
18 of 18 predictions held
END
}

@test "a cancelled open may return a descriptor" {
    transcript_of lab-cancel-open <<'END'
a cancel of an open that a worker can just finish
  the cancel: predicted -EALREADY, saw -EALREADY
  the open returned a descriptor: predicted yes, saw yes
  opens without a descriptor: predicted 0, saw 0
3 of 3 predictions held
END
}

@test "a synchronous cancel returns when the operations have ended" {
    transcript_of lab-cancel-sync <<'END'
no operation is in flight
  by user_data: predicted -ENOENT, saw -ENOENT
three polls of an empty pipe
  by user_data: predicted 0, saw 0
  CQEs that are ready: predicted 1, saw 1
  by FD, ALL: predicted 2, saw 2
  CQEs that are ready: predicted 2, saw 2
  by FD, ALL, again: predicted 0, saw 0
the open of a FIFO, in an io-wq worker
  by user_data: predicted 0, saw 0
  CQEs that are ready: predicted 1, saw 1
8 of 8 predictions held
END
}

@test "an update changes the time of a timeout that is in flight" {
    transcript_of lab-update <<'END'
  an update of no timeout: predicted -ENOENT, saw -ENOENT
a timeout of one hour
  an update to 10 ms: predicted 0, saw 0
  the timeout: predicted -ETIME, saw -ETIME
a poll with a limit of one hour
  an update to 10 ms: predicted 0, saw 0
  the timeout: predicted -ETIME, saw -ETIME
  the poll: predicted -ECANCELED, saw -ECANCELED
a multishot timeout, every hour
  an update to 10 ms: predicted 0, saw 0
  the first shot: predicted -ETIME, saw -ETIME
  F_MORE in one of the CQEs: predicted yes, saw yes
  F_MORE in the CQE of the second shot: predicted yes, saw yes
10 of 10 predictions held
END
}

@test "an update changes the events and the user_data of a poll" {
    transcript_of lab-poll-update <<'END'
a poll for POLLIN, which is changed to POLLOUT
  an update of no operation: predicted -ENOENT, saw -ENOENT
  a new user_data: predicted 0, saw 0
  new events, by the old user_data: predicted -ENOENT, saw -ENOENT
  new events, by the new user_data: predicted 0, saw 0
  the poll: predicted 4, saw 4
5 of 5 predictions held
END
}

@test "a timeout repeats, or completes at a time of the clock that its flags name" {
    timed_transcript_of lab-timeout <<'END'
MULTISHOT, three times, every 2 ms
  completions with -ETIME: predicted 3, saw 3
  completions with F_MORE: predicted 2, saw 2
ABS, in 10 ms
  CLOCK_MONOTONIC, 1 ms ago: predicted -ETIME, saw -ETIME
  CLOCK_MONOTONIC: predicted -ETIME, saw -ETIME
  CLOCK_BOOTTIME: predicted -ETIME, saw -ETIME
  CLOCK_REALTIME: predicted -ETIME, saw -ETIME
  CLOCK_REALTIME without its flag, after 200 ms: predicted -ETIME, saw -ETIME
  its removal: predicted 0, saw 0
  the timeout: predicted -ECANCELED, saw -ECANCELED
9 of 9 predictions held
END
}

@test "an expired timeout breaks a link, unless a flag prevents that" {
    transcript_of lab-timeout-link <<'END'
a link, the timeout expires
  the timeout: predicted -ETIME, saw -ETIME
  the nop behind it: predicted -ECANCELED, saw -ECANCELED
a link and ETIME_SUCCESS, the timeout expires
  the timeout: predicted -ETIME, saw -ETIME
  the nop behind it: predicted 0, saw 0
a link and ETIME_SUCCESS, the timeout is cancelled
  the timeout: predicted -ECANCELED, saw -ECANCELED
  the nop behind it: predicted -ECANCELED, saw -ECANCELED
a hard link, the timeout expires
  the timeout: predicted -ETIME, saw -ETIME
  the nop behind it: predicted 0, saw 0
a hard link, the timeout is cancelled
  the timeout: predicted -ECANCELED, saw -ECANCELED
  the nop behind it: predicted 0, saw 0
10 of 10 predictions held
END
}

@test "a TIMEOUT that expires ends a wait, and one with a count completes with 0" {
    timed_transcript_of lab-timeout-wait <<'END'
a TIMEOUT of 50 ms
  a wait for 8: predicted 0, saw 0
  it ended before its timeout: predicted yes, saw yes
  completions: predicted 1, saw 1
a TIMEOUT of 1 h with a count of 2, and two nops
  the timeout: predicted 0, saw 0
  its CQE is the last: predicted yes, saw yes
5 of 5 predictions held
END
}

@test "the kernel reads a timespec at submit, and keeps a copy" {
    transcript_of lab-timespec <<'END'
  SUBMIT_STABLE: predicted yes, saw yes
1 h at prep, 10 ms at submit, 1 h afterwards
  a timeout: predicted -ETIME, saw -ETIME
  a linked timeout: predicted -ETIME, saw -ETIME
  its poll: predicted -ECANCELED, saw -ECANCELED
10 ms, unmapped before the submit
  a timeout: predicted -EFAULT, saw -EFAULT
10 ms, unmapped after the submit
  a timeout: predicted -ETIME, saw -ETIME
6 of 6 predictions held
END
}

@test "a ring that has a registered clock waits until a point in time" {
    timed_transcript_of lab-clock <<'END'
CLOCK_MONOTONIC
  a wait until 1 ms ago: predicted -ETIME, saw -ETIME
  waits that an event ended: predicted 3, saw 3
  the next wait: predicted -ETIME, saw -ETIME
  it ended at the deadline: predicted yes, saw yes
CLOCK_BOOTTIME
  its registration: predicted 0, saw 0
  a wait until 1 ms ago: predicted -ETIME, saw -ETIME
  waits that an event ended: predicted 3, saw 3
  the next wait: predicted -ETIME, saw -ETIME
  it ended at the deadline: predicted yes, saw yes
CLOCK_REALTIME
  its registration: predicted -EINVAL, saw -EINVAL
10 of 10 predictions held
END
}

@test "a wait with a minimum time takes many completions in one system call" {
    timed_transcript_of lab-min-wait <<'END'
5 events in 100 ms, waits for 1
  more than one system call: predicted yes, saw yes
5 events in 100 ms, one wait for 8, at least 200 ms
  the wait: predicted 0, saw 0
  it ended before the timeout: predicted yes, saw yes
  completions: predicted 5, saw 5
  fewer sleeps than events: predicted yes, saw yes
an event after 20 ms, one wait for 8, at least 1 ms
  the wait: predicted 0, saw 0
  it ended before the timeout: predicted yes, saw yes
  completions: predicted 1, saw 1
no event, one wait for 8, at least 1 ms, at most 50 ms
  the wait: predicted -ETIME, saw -ETIME
9 of 9 predictions held
END
}

@test "a registered wait reads its timeout from memory at each call" {
    transcript_of lab-registered-wait <<'END'
  a region of a disabled ring: predicted 0, saw 0
  a region of another ring: predicted -EINVAL, saw -EINVAL
entry 0 is 5 ms
  the wait: predicted -ETIME, saw -ETIME
  it lasted at least as long as the entry: predicted yes, saw yes
entry 1 is 40 ms
  the wait: predicted -ETIME, saw -ETIME
  it lasted at least as long as the entry: predicted yes, saw yes
entry 0 is now 80 ms
  the wait: predicted -ETIME, saw -ETIME
  it lasted at least as long as the entry: predicted yes, saw yes
the end of the region
  the wait: predicted -EFAULT, saw -EFAULT
a nop has completed
  the wait: predicted 0, saw 0
10 of 10 predictions held
END
}

@test "a multishot read completes once per event until no buffer is left" {
    transcript_of lab-read-multishot <<'END'
an eventfd, one read, 4 buffers
  an event: predicted 8, saw 8
  F_MORE: predicted yes, saw yes
  an event: predicted 8, saw 8
  F_MORE: predicted yes, saw yes
  an event: predicted 8, saw 8
  F_MORE: predicted yes, saw yes
  an event: predicted 8, saw 8
  F_MORE: predicted yes, saw yes
  the sum of the values 1 to 4: predicted 10, saw 10
  an event without a buffer: predicted -ENOBUFS, saw -ENOBUFS
  F_MORE: predicted no, saw no
  the event, read again: predicted 8, saw 8
  F_MORE: predicted yes, saw yes
  its value: predicted 5, saw 5
a pipe at its end
  the read: predicted 0, saw 0
  F_MORE: predicted no, saw no
a regular file
  the read: predicted -EBADFD, saw -EBADFD
  F_MORE: predicted no, saw no
18 of 18 predictions held
END
}

@test "a ring works without a descriptor, but not in a child" {
    transcript_of lab-close-ring-fd <<'END'
  rings registered: predicted 1, saw 1
the descriptor is closed
  a nop: predicted 0, saw 0
  a registration by the descriptor: predicted -EBADF, saw -EBADF
  a registration by the index: predicted 0, saw 0
  its fdinfo: predicted -ENOENT, saw -ENOENT
  the next descriptor has its number: predicted yes, saw yes
  an enter by another thread: predicted -EINVAL, saw -EINVAL
  an enter by a child: predicted -EINVAL, saw -EINVAL
the index is removed
  entries removed: predicted 1, saw 1
  an enter: predicted -EBADF, saw -EBADF
10 of 10 predictions held
END
}

@test "a NAPI registration returns the settings that it replaces" {
    transcript_of lab-napi <<'END'
50 us, preferred to interrupts
  microseconds so far: predicted 0, saw 0
20 us, static tracking
  the registration: predicted 0, saw 0
  microseconds so far: predicted 50, saw 50
  preferred so far: predicted yes, saw yes
  a receive on loopback: predicted 1, saw 1
  the id of the socket's queue: predicted 0, saw 0
  adding this id: predicted -EINVAL, saw -EINVAL
  adding the id 1000000: predicted 0, saw 0
no polling
  the end of the registration: predicted 0, saw 0
  the end of no registration: predicted 0, saw 0
  microseconds so far: predicted 0, saw 0
11 of 11 predictions held
END
}

@test "connect, receive and close end at their limits, bare and in lib" {
    timed_transcript_of time-outs <<'END'
connect to a listener with a full backlog, at most 30 ms
  bare, CQE 1, the limit: predicted -ETIME, saw -ETIME
  bare, CQE 2, the connect: predicted -ECANCELED, saw -ECANCELED
  bare, the socket still connects: predicted yes, saw yes
  lib, await_connect: predicted -ETIME, saw -ETIME
  lib, the task: predicted 0, saw 0
receive from a silent peer, at most 30 ms
  bare, CQE 1, the limit: predicted -ETIME, saw -ETIME
  bare, CQE 2, the receive: predicted -ECANCELED, saw -ECANCELED
  lib, await_recv: predicted -ETIME, saw -ETIME
  lib, the task: predicted 0, saw 0
close during a receive, after at most 30 ms
  bare, CQE 1, the limit: predicted -ETIME, saw -ETIME
  bare, CQE 2, the receive: predicted -ECANCELED, saw -ECANCELED
  bare, CQE 3, the close: predicted 0, saw 0
  bare, the peer sees the end: predicted yes, saw yes
  lib, await_recv in another task: predicted -ECANCELED, saw -ECANCELED
  lib, group_await_all: predicted -ETIME, saw -ETIME
  lib, the task: predicted 0, saw 0
  lib, the peer sees the end: predicted yes, saw yes
close during a receive, without ending the receive
  bare, CQE 1, the close: predicted 0, saw 0
  bare, the peer sees the end: predicted no, saw no
  bare, CQE 1, the cancel: predicted 0, saw 0
  bare, CQE 2, the receive: predicted -ECANCELED, saw -ECANCELED
  bare, the peer sees the end: predicted yes, saw yes
22 of 22 predictions held
END
}

@test "a drain waits for every earlier operation, and later ones wait for it" {
    transcript_of lab-drain <<'END'
1 a read of an empty pipe, 2 to 5 nops
  completions while the read waits: predicted 4, saw 4
  the order of all five: predicted 23451, saw 23451
1 a read of an empty pipe, 2 to 5 nops, 3 has DRAIN
  completions while the read waits: predicted 1, saw 1
  the order of all five: predicted 21345, saw 21345
a cancel of the read, behind a drain
  completions after the cancel: predicted 0, saw 0
  a synchronous cancel: predicted 0, saw 0
  the read: predicted -ECANCELED, saw -ECANCELED
  the drained nop: predicted 0, saw 0
  the cancel: predicted -ENOENT, saw -ENOENT
9 of 9 predictions held
END
}

@test "each lab on time has --help and --version, and refuses other arguments" {
    for lab in cancel cancel-open cancel-sync clock close-ring-fd drain \
        link-shared link-timeout link-worker min-wait napi poll-update \
        read-multishot registered-wait timeout timeout-link timeout-wait \
        timespec update; do
        [ -x "$BIN/lab-$lab" ] || continue
        run -0 "$BIN/lab-$lab" --help
        [[ $output == "Usage: lab-$lab [--help] [--version]"* ]]
        run -0 "$BIN/lab-$lab" --version
        [ "$output" = "lab-$lab (one-ring) 0.1" ]
        run -2 "$BIN/lab-$lab" something
        run -2 "$BIN/lab-$lab" --nothing
    done
}

@test "a lab on time without a ring names the error" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0
    for lab in cancel cancel-open cancel-sync clock close-ring-fd drain \
        link-shared link-timeout link-worker min-wait napi poll-update \
        read-multishot registered-wait timeout timeout-link timeout-wait \
        timespec update; do
        [ -x "$BIN/lab-$lab" ] || continue
        run -2 strace -qq -o /dev/null \
            -e inject=io_uring_setup:error=ENOSYS "$BIN/lab-$lab"
        [[ $output == *"io_uring_setup: Function not implemented (ENOSYS)"* ]]
    done
}
