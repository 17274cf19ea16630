# The labs: each predicts, does, and prints both. These are the transcripts.
#
# Judges: lab-badsqe, lab-iopoll, lab-link, lab-offset, lab-order.
# Judges: lab-overflow, lab-peek, lab-splice, lab-sqfull, lab-sqpoll.

# bats file_tags=manners

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

# LAB, and the transcript that it must print on stdin.
transcript_of()
{
    cat >want
    judge "$1"
    timeout 200 "$BIN/$1" >got || echo "exit code $?"
    diff want got
}

@test "a peek finds only completions that the kernel has posted" {
    transcript_of lab-peek <<'END'
a plain ring
  peek while the pipe is empty: predicted -EAGAIN, saw -EAGAIN
  peek after the write: predicted 0, saw 0
  wait: predicted 0, saw 0
  the read: predicted 4, saw 4
DEFER_TASKRUN
  peek while the pipe is empty: predicted -EAGAIN, saw -EAGAIN
  peek after the write: predicted -EAGAIN, saw -EAGAIN
  peek after io_uring_get_events: predicted 0, saw 0
  wait: predicted 0, saw 0
  the read: predicted 4, saw 4
DEFER_TASKRUN and TASKRUN_FLAG, which tells liburing to enter
  peek while the pipe is empty: predicted -EAGAIN, saw -EAGAIN
  peek after the write: predicted 0, saw 0
  wait: predicted 0, saw 0
  the read: predicted 4, saw 4
13 of 13 predictions held
END
}

@test "completions come in the order in which operations end" {
    transcript_of lab-order <<'END'
submitted together: 1 a read of an empty pipe, 2 a timer of 10 ms, 3 a nop
  taken by one submit: predicted 3, saw 3
  the first completion belongs to: predicted 3, saw 3
  the second: predicted 2, saw 2
  the third, after a write to the pipe: predicted 1, saw 1
4 of 4 predictions held
END
}

@test "a short read breaks a link, and leaves garbage behind a hard link" {
    transcript_of lab-link <<'END'
file, LINK, 16 bytes requested
  the read: predicted 5, saw 5
  the write: predicted -ECANCELED, saw -ECANCELED
  the copy: predicted "", saw ""
file, HARDLINK, 16 bytes requested
  the read: predicted 5, saw 5
  the write: predicted 16, saw 16
  the copy: predicted "helloZZZZZZZZZZZ", saw "helloZZZZZZZZZZZ"
file, LINK, 5 bytes requested
  the read: predicted 5, saw 5
  the write: predicted 5, saw 5
  the copy: predicted "hello", saw "hello"
socket, LINK, 16 bytes requested
  the receive: predicted 5, saw 5
  the nop behind it: predicted 0, saw 0
socket, LINK, 16 bytes with MSG_WAITALL
  the receive: predicted 5, saw 5
  the nop behind it: predicted -ECANCELED, saw -ECANCELED
13 of 13 predictions held
END
}

@test "a full SQ returns no SQE, and a submit ends a chain" {
    transcript_of lab-sqfull <<'END'
a ring of 4
  entries before NULL: predicted 4, saw 4
  taken by one submit: predicted 4, saw 4
  room after it: predicted 4, saw 4
a chain: 1 a read of an empty pipe, 2 a nop linked after it
  first, submitted together: predicted 1, saw 1
  first, with a submit between: predicted 2, saw 2
5 of 5 predictions held
END
}

@test "a bad SQE stops a submit unless the ring has SUBMIT_ALL" {
    transcript_of lab-badsqe <<'END'
a bad entry and two nops, plain ring
  taken by the first submit: predicted 1, saw 1
  completions: predicted 1, saw 1
  taken by the second submit: predicted 2, saw 2
  completions: predicted 3, saw 3
  the bad entry: predicted -EINVAL, saw -EINVAL
the same with SUBMIT_ALL
  taken by the first submit: predicted 3, saw 3
  completions: predicted 3, saw 3
  taken by the second submit: predicted 0, saw 0
  completions: predicted 3, saw 3
  the bad entry: predicted -EINVAL, saw -EINVAL
10 of 10 predictions held
END
}

@test "offset -1 is the position of the file, 0 its beginning" {
    transcript_of lab-offset <<'END'
a file that holds abcdefghi
  3 bytes at 0: predicted "abc", saw "abc"
  the file's position afterwards: predicted 0, saw 0
  3 bytes at 0 again: predicted "abc", saw "abc"
  the file's position afterwards: predicted 0, saw 0
  3 bytes at -1: predicted "abc", saw "abc"
  the file's position afterwards: predicted 3, saw 3
  3 bytes at -1 again: predicted "def", saw "def"
  the file's position afterwards: predicted 6, saw 6
  3 bytes at 1: predicted "bcd", saw "bcd"
  the file's position afterwards: predicted 6, saw 6
10 of 10 predictions held
END
}

@test "the SQPOLL thread submits until it sleeps, and a submit wakes it" {
    transcript_of lab-sqpoll <<'END'
an idle time of 5 s: the kernel thread is still awake
  nops completed: predicted 100, saw 100
  system calls for them: predicted 0, saw 0
an idle time of 20 ms: the kernel thread goes to sleep
  NEED_WAKEUP: predicted yes, saw yes
  nops completed by a submit that wakes it: predicted 1, saw 1
4 of 4 predictions held
END
}

@test "IOPOLL needs O_DIRECT and a queue that can be polled" {
    "$BIN/lab-iopoll" >got || true
    grep -q "cannot be polled" got ||
        skip "this machine has O_DIRECT and a polled queue, or neither"
    transcript_of lab-iopoll <<'END'
a ring with IOPOLL
  a read through the page cache: predicted -EOPNOTSUPP, saw -EOPNOTSUPP
  O_DIRECT, from a queue that cannot be polled: predicted -EOPNOTSUPP, saw -EOPNOTSUPP
  a timer: predicted -EINVAL, saw -EINVAL
3 of 3 predictions held
END
}

@test "splice and tee move every byte, in short steps" {
    [ "$(getconf PAGESIZE)" -eq 4096 ] || skip "the numbers are for 4 KiB pages"
    transcript_of lab-splice <<'END'
a file of 200000 bytes, through two pipes, to two copies
  one splice of 200000 bytes: predicted 65536, saw 65536
  splices out of the file: predicted 4, saw 4
  copy 1 is right: predicted yes, saw yes
  copy 2 is right: predicted yes, saw yes
4 of 4 predictions held
END
}

@test "a CQ overflow loses no completion but ends a multishot poll" {
    transcript_of lab-overflow <<'END'
10 nops through a CQ of 4
  taken by the submits: predicted 10, saw 10
  in the CQ: predicted 4, saw 4
  the overflow flag is set: predicted yes, saw yes
  drained: predicted 10, saw 10
  in order: predicted yes, saw yes
  the overflow flag is set afterwards: predicted no, saw no
a multishot poll, and 10 events before any is taken
  completions: predicted 5, saw 5
  res of the last: predicted 1, saw 1
  F_MORE of the last: predicted no, saw no
  completions for 10 further events: predicted 0, saw 0
10 of 10 predictions held
END
}

@test "a hundred submits to an awake SQPOLL thread make no system call" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0 # it cannot run under ptrace
    strace -o trace -e trace=io_uring_enter "$BIN/lab-sqpoll" >/dev/null ||
        skip "this process may not trace another"
    grep -q IORING_ENTER_SQ_WAKEUP trace || skip "SQPOLL is refused"
    # One to wake it from its sleep, and one if it slept when it was new.
    [ "$(grep -c 'io_uring_enter(' trace)" -le 2 ]
}

@test "without SQPOLL the lab prints that it uses a plain ring" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0
    run -0 strace -qq -o /dev/null -e inject=io_uring_setup:error=EPERM:when=1 \
        "$BIN/lab-sqpoll"
    [ "${lines[0]}" = "SQPOLL is refused: Operation not permitted (EPERM);\
 using an ordinary ring" ]
    [ "${lines[1]}" = "  nops completed: predicted 1, saw 1" ]
}

@test "each lab has --help and --version, and refuses other arguments" {
    for lab in badsqe iopoll link offset order overflow peek splice sqfull \
        sqpoll; do
        [ -x "$BIN/lab-$lab" ] || continue
        run -0 "$BIN/lab-$lab" --help
        [[ $output == "Usage: lab-$lab [--help] [--version]"* ]]
        run -0 "$BIN/lab-$lab" --version
        [ "$output" = "lab-$lab (one-ring) 0.1" ]
        run -2 "$BIN/lab-$lab" something
        run -2 "$BIN/lab-$lab" --nothing
    done
}

@test "a lab that cannot print its lines fails" {
    for lab in badsqe iopoll link offset order overflow peek splice sqfull \
        sqpoll; do
        [ -x "$BIN/lab-$lab" ] || continue
        for option in "" --help --version; do
            # shellcheck disable=SC2086
            run -2 --separate-stderr bash -c '"$0" "$@" >/dev/full' \
                "$BIN/lab-$lab" $option
            [[ $stderr == *": stdout: No space left on device (ENOSPC)" ]]
        done
    done
}

@test "a lab reports a scratch file that it cannot make" {
    judge lab-offset
    run -2 env TMPDIR=/nowhere "$BIN/lab-offset"
    [[ $output == "a scratch file in /nowhere: No such file or directory"* ]]
    TMPDIR="" run -0 "$BIN/lab-offset"
    run -2 bash -c 'trap "" XFSZ; ulimit -f 0; "$1" 2>&1 >/dev/null | cat
        exit "${PIPESTATUS[0]}"' - "$BIN/lab-offset"
    [[ $output == "a scratch file in "*": File too large (EFBIG)"* ]]
}

# LIMIT LAB: runs it with so many descriptors, three of them taken.
with_descriptors()
{
    bash -c 'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        ulimit -n "$0" && exec "$@"' "$1" "$BIN/$2"
}

@test "a lab without free descriptors reports it and predicts nothing" {
    judge lab-peek
    need lab-order
    need lab-splice
    run -2 --separate-stderr with_descriptors 4 lab-peek
    says_exactly "a pipe: Too many open files (EMFILE): see ulimit -n"
    run -2 --separate-stderr with_descriptors 4 lab-order
    says_exactly "a pipe: Too many open files (EMFILE): see ulimit -n"
    run -2 --separate-stderr with_descriptors 8 lab-splice
    says_exactly "a pipe: Too many open files (EMFILE): see ulimit -n"
}

@test "a lab without a ring names the error" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0
    for lab in badsqe iopoll link offset order overflow peek splice sqfull; do
        [ -x "$BIN/lab-$lab" ] || continue
        run -2 strace -qq -o /dev/null \
            -e inject=io_uring_setup:error=ENOSYS "$BIN/lab-$lab"
        [[ $output == *"io_uring_setup: Function not implemented (ENOSYS)"* ]]
        # A ring that cannot be entered is none: nothing would ever complete.
        run -2 strace -qq -o /dev/null \
            -e inject=io_uring_enter:error=EPERM "$BIN/lab-$lab"
        [[ $output == *"io_uring_enter: Operation not permitted (EPERM)"* ]]
    done
}
