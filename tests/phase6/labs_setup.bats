# The labs on set-up: each predicts, does, and prints both. These are the
# transcripts. An older kernel lacks some parts: a lab names each of them, and
# the transcript is compared without them.
#
# Judges: bench-sqpoll, lab-hybrid-iopoll, lab-issuer, lab-large-sqe, lab-mixed.
# Judges: lab-no-mmap, lab-no-worker, lab-personality, lab-query, lab-resize.
# Judges: lab-restrictions, lab-rewind, lab-share, lab-sq-aff, lab-taskrun.
# Judges: lab-workers.

# bats file_tags=manners

load ../support/judge

labs="hybrid-iopoll issuer large-sqe mixed no-mmap no-worker personality query
    resize restrictions rewind share sq-aff taskrun workers"

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

# Removes from the transcript on stdin the parts that the file "absent" names: a
# line that begins with the name, and, if it is a heading, the lines below it.
without_absent()
{
    awk 'FILENAME == "absent" { absent[$0]; next }
        !/^ / { is_absent = 0 }
        {
            text = $0
            sub(/^ +/, "", text)
            starts = 0
            for (name in absent)
                if (index(text, name) == 1)
                    starts = 1
            if (starts && !/^ /)
                is_absent = 1
            if (!starts && !is_absent)
                print
        }' absent -
}

# Fails if a lab says that the kernel lacks what envcheck finds. Where envcheck
# does not know a name, it looks for a flag of the same release.
check_absent()
{
    local line name flags

    [ -x "${BIN%/*}/phase0/envcheck" ] || return 0
    "${BIN%/*}/phase0/envcheck" >env || true
    while read -r line; do
        flags=$(sed 's/RESIZE_RINGS/HYBRID_IOPOLL/; s/REGISTER_QUERY/CQE_MIXED/
            s/limits of io-wq/SUBMIT_ALL/' <<<"$line" |
            grep -oE '\b[A-Z][A-Z0-9_]{4,}\b') || continue
        for name in $flags; do
            ! grep -qE "^ +no +[0-9]+ +$name " env || continue 2
        done
        echo "the kernel has: $flags" && return 1
    done < <(grep 'cannot be tried here: the kernel' got)
}

# LAB [SED-SCRIPT]: LAB prints the transcript on stdin. The script replaces what
# differs between machines. $as is a command that runs the lab.
transcript_of()
{
    local code=0

    judge "$1"
    # shellcheck disable=SC2086
    timeout 200 ${as-} "$BIN/$1" >got || code=$?
    sed -n 's/^ *\(.*\): cannot be tried here: .*/\1/p' got >absent
    check_absent
    if [ -s absent ]; then
        [ "$code" -eq 77 ] || echo "exit code $code, not 77"
        ! grep -q '^0 of 0' got || skip "$(grep -m 1 'cannot be tried' got)"
    elif [ "$code" -ne 0 ]; then
        echo "exit code $code" >>got
    fi
    without_absent >want
    sed -e '/cannot be tried here/d' -e "${2-}" \
        -e 's/^\([0-9]*\) of \1 predictions held/all predictions held/' \
        got | diff want -
}

@test "a restricted ring only reads, and only registered files" {
    transcript_of lab-restrictions <<'END'
a ring with R_DISABLED
  a submit: predicted -EBADFD, saw -EBADFD
  registering a file: predicted 0, saw 0
  restrictions: predicted 0, saw 0
  the restrictions once more: predicted -EBUSY, saw -EBUSY
  enabling the ring: predicted 0, saw 0
the ring is enabled: only reads, only of registered files
  a read of registered file 0: predicted 5, saw 5
  with LINK, which is allowed: predicted 5, saw 5
  with ASYNC, which is not: predicted -EACCES, saw -EACCES
  a read of a descriptor: predicted -EACCES, saw -EACCES
  a write to registered file 0: predicted -EACCES, saw -EACCES
  registering buffers: predicted -EACCES, saw -EACCES
a ring without R_DISABLED
  restrictions: predicted -EBADFD, saw -EBADFD
  a read of a descriptor: predicted 5, saw 5
all predictions held
END
}

@test "io-wq keeps the limits of its workers" {
    transcript_of lab-workers 's/"[0-9]*"/"N"/g' <<'END'
  the limit of bounded workers was: predicted 4, saw 4
a nop
  without ASYNC: predicted 0, saw 0
  workers: predicted 0, saw 0
  with ASYNC: predicted 0, saw 0
  workers: predicted 1, saw 1
  its CPUs, after register_iowq_aff: predicted "N", saw "N"
2 bounded workers and 1 unbounded one, for 3 opens and 2 tees
  a statx, for 100 ms: predicted -ETIME, saw -ETIME
  workers: predicted 3, saw 3
  the statx, when the FIFO has a writer: predicted 0, saw 0
all predictions held
END
}

@test "io-wq cancels an operation of a user who may have no thread" {
    judge lab-no-worker
    if [ "$(id -u)" -eq 0 ]; then
        # The rings of another suite's user would count against its limits.
        id=$((20000 + $$ % 30000))
        as="setpriv --reuid $id --regid $id --clear-groups"
        $as "$BIN/lab-no-worker" --version >/dev/null ||
            skip "no other user can run the lab"
    fi
    transcript_of lab-no-worker <<'END'
RLIMIT_NPROC 0
  a nop with ASYNC: predicted -ECANCELED, saw -ECANCELED
  workers: predicted 0, saw 0
the old limit
  a nop with ASYNC: predicted 0, saw 0
  workers: predicted 1, saw 1
RLIMIT_NPROC 0, with an idle worker
  a nop with ASYNC: predicted 0, saw 0
all predictions held
END
}

@test "two rings with ATTACH_WQ share a polling thread" {
    transcript_of lab-share <<'END'
a second ring with ATTACH_WQ
  io_uring_setup: predicted 0, saw 0
  a nop on the first: predicted 0, saw 0
  a nop on the second: predicted 0, saw 0
  polling threads: predicted 1, saw 1
  both rings name the same thread: predicted yes, saw yes
a third ring without it
  io_uring_setup: predicted 0, saw 0
  a nop on it: predicted 0, saw 0
  polling threads: predicted 2, saw 2
a ring with DEFER_TASKRUN, too
  io_uring_setup: predicted -EINVAL, saw -EINVAL
all predictions held
END
}

@test "SQ_AFF binds the polling thread to one CPU" {
    transcript_of lab-sq-aff 's/"[0-9]*"/"N"/g' <<'END'
SQPOLL and SQ_AFF, with the last CPU
  io_uring_setup: predicted 0, saw 0
  CPUs of the polling thread: predicted "N", saw "N"
combinations that the kernel refuses
  SQ_AFF without SQPOLL: predicted -EINVAL, saw -EINVAL
  a CPU that does not exist: predicted -EINVAL, saw -EINVAL
all predictions held
END
}

@test "DEFER_TASKRUN leaves a thread alone until it enters the ring" {
    transcript_of lab-taskrun <<'END'
a plain ring
  a CQE while the thread computes: predicted yes, saw yes
  CQEs after an enter: predicted 1, saw 1
  epoll_wait: predicted -EINTR, saw -EINTR
  a CQE afterwards: predicted yes, saw yes
  CQEs after an enter: predicted 1, saw 1
COOP_TASKRUN
  a CQE while the thread computes: predicted yes, saw yes
  CQEs after an enter: predicted 1, saw 1
  epoll_wait: predicted -EINTR, saw -EINTR
  a CQE afterwards: predicted yes, saw yes
  CQEs after an enter: predicted 1, saw 1
DEFER_TASKRUN, with SINGLE_ISSUER and TASKRUN_FLAG
  a CQE while the thread computes: predicted no, saw no
  CQEs after an enter: predicted 1, saw 1
  epoll_wait: predicted 0, saw 0
  a CQE afterwards: predicted no, saw no
  CQEs after an enter: predicted 1, saw 1
all predictions held
END
}

@test "the issuer is the thread that made or enabled the ring" {
    transcript_of lab-issuer <<'END'
a plain ring
  a submit in the first thread: predicted 1, saw 1
  a submit in the second thread: predicted 1, saw 1
  a submit in the first thread: predicted 1, saw 1
SINGLE_ISSUER
  a submit in the first thread: predicted 1, saw 1
  a submit in the second thread: predicted -EEXIST, saw -EEXIST
  a submit in the first thread: predicted 1, saw 1
SINGLE_ISSUER and R_DISABLED
  enabling it in the second thread: predicted 0, saw 0
  a submit in the second thread: predicted 1, saw 1
  a submit in the first thread: predicted -EEXIST, saw -EEXIST
all predictions held
END
}

@test "a ring works in the program's memory without a descriptor" {
    transcript_of lab-no-mmap \
        's/descriptor: predicted \([0-9]*\), saw \1$/descriptor: the same/' <<'END'
two pages
  index of the ring: predicted 0, saw 0
  lowest free descriptor: the same
  SQEs that an enter takes: predicted 1, saw 1
  user_data of the CQE: predicted 42, saw 42
  unregistering the ring: predicted 1, saw 1
  enter afterwards: predicted -EBADF, saw -EBADF
a huge page
  index of the ring: predicted 0, saw 0
  lowest free descriptor: the same
  SQEs that an enter takes: predicted 1, saw 1
  user_data of the CQE: predicted 42, saw 42
  unregistering the ring: predicted 1, saw 1
  enter afterwards: predicted -EBADF, saw -EBADF
all predictions held
END
}

@test "a full CQ grows, and loses no completion" {
    transcript_of lab-resize <<'END'
a CQ of 4 that is full, and a read of an empty pipe in flight
  CQEs in the CQ: predicted 4, saw 4
  resizing it to 16: predicted 0, saw 0
  5 more completions overflow it: predicted no, saw no
  CQEs in their order: predicted 9, saw 9
the same without a resize
  CQEs in the CQ: predicted 4, saw 4
  5 more completions overflow it: predicted yes, saw yes
  CQEs in their order: predicted 9, saw 9
a ring without DEFER_TASKRUN
  resizing its CQ to 16: predicted -EINVAL, saw -EINVAL
all predictions held
END
}

@test "an operation runs with the rights of its personality" {
    transcript_of lab-personality <<'END'
the user's own credentials
  id: predicted 1, saw 1
  open with the id: predicted 0, saw 0
  open with an unknown id: predicted -EINVAL, saw -EINVAL
  unregistering the id: predicted 0, saw 0
  open with the id: predicted -EINVAL, saw -EINVAL
another user: nobody, after registering root
  id of nobody: predicted 3, saw 3
  open: predicted -EACCES, saw -EACCES
  open with the id of root: predicted 0, saw 0
another user: root, after registering nobody
  open: predicted 0, saw 0
  open with the id of nobody: predicted -EACCES, saw -EACCES
  the same, if all users may read the file: predicted 0, saw 0
all predictions held
END
}

@test "HYBRID_IOPOLL needs IOPOLL and a queue that can be polled" {
    "$BIN/lab-hybrid-iopoll" >got || true
    ! grep -q "can be polled" got || skip "this machine has a polled queue"
    transcript_of lab-hybrid-iopoll <<'END'
IOPOLL
  O_DIRECT, from a queue that cannot be polled: predicted -EOPNOTSUPP, saw -EOPNOTSUPP
IOPOLL and HYBRID_IOPOLL
  O_DIRECT, from a queue that cannot be polled: predicted -EOPNOTSUPP, saw -EOPNOTSUPP
HYBRID_IOPOLL alone
  io_uring_setup: predicted -EINVAL, saw -EINVAL
all predictions held
END
}

@test "a query, a probe and trials agree about the kernel" {
    transcript_of lab-query '
        s/opcodes: predicted \([0-9]*\), saw \1$/opcodes: the same/
        s/: predicted \("0x[0-9a-f]*"\), saw \1$/: the same/' <<'END'
predicted by probe and trials, seen by a query without a ring
  opcodes: the same
  set-up flags: the same
  features: the same
queries that this kernel does not know
  query 9999: predicted -EOPNOTSUPP, saw -EOPNOTSUPP
all predictions held
END
}

@test "one CQ holds large and small CQEs, and no large one is split" {
    transcript_of lab-mixed <<'END'
CQE32: two nops
  user_data at byte 0 of the CQ: predicted 41, saw 41
  user_data at byte 32 of the CQ: predicted 42, saw 42
CQE_MIXED: one small nop and three large ones, in a CQ of 8
  entries: predicted 7, saw 7
  a CQE: predicted "small", saw "small"
  a CQE: predicted "large", saw "large"
  a CQE: predicted "large", saw "large"
  a CQE: predicted "large", saw "large"
CQE_MIXED: a large one, with one entry left before the end
  entries: predicted 3, saw 3
  a CQE: predicted "filler", saw "filler"
  a CQE: predicted "large", saw "large"
all predictions held
END
}

@test "a large SQE needs a ring for large SQEs" {
    transcript_of lab-large-sqe <<'END'
SQE128: two nops
  bytes before the second: predicted 128, saw 128
  the second: predicted 0, saw 0
a plain ring
  a nop128: predicted -EINVAL, saw -EINVAL
SQE_MIXED
  a nop128: predicted 0, saw 0
all predictions held
END
}

@test "with SQ_REWIND each submit begins at the first SQE" {
    transcript_of lab-rewind <<'END'
a ring with NO_SQARRAY
  SQEs that a submit takes, if the tail stays: predicted 0, saw 0
SQ_REWIND: the first SQE is submitted three times
  SQEs that a submit takes: predicted 1, saw 1
  user_data: predicted 0, saw 0
  SQEs that a submit takes: predicted 1, saw 1
  user_data: predicted 1, saw 1
  SQEs that a submit takes: predicted 1, saw 1
  user_data: predicted 2, saw 2
all predictions held
END
}

@test "each lab on set-up has --help and --version, and takes no arguments" {
    for lab in $labs; do
        [ -x "$BIN/lab-$lab" ] || continue
        run -0 "$BIN/lab-$lab" --help
        [[ $output == "Usage: lab-$lab [--help] [--version]"* ]]
        run -0 "$BIN/lab-$lab" --version
        [ "$output" = "lab-$lab (one-ring) 0.1" ]
        run -2 "$BIN/lab-$lab" something
    done
}

@test "a lab on set-up that cannot print its lines fails" {
    for lab in $labs; do
        [ -x "$BIN/lab-$lab" ] || continue
        run -2 --separate-stderr bash -c '"$0" >/dev/full' "$BIN/lab-$lab"
        # shellcheck disable=SC2154 # bats sets it
        [[ $stderr == *": stdout: No space left on device (ENOSPC)" ]]
    done
}

@test "a lab on set-up without a ring names the error" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0 # it cannot run under ptrace
    for lab in $labs; do
        [ -x "$BIN/lab-$lab" ] || continue
        run -2 strace -f -qq -o /dev/null \
            -e inject=io_uring_setup:error=ENOSYS "$BIN/lab-$lab"
        [[ $output == *"io_uring_setup: Function not implemented (ENOSYS)"* ]]
        run -2 strace -f -qq -o /dev/null \
            -e inject=io_uring_enter:error=EPERM "$BIN/lab-$lab"
        [[ $output == *"io_uring_enter: Operation not permitted (EPERM)"* ]]
    done
}

@test "a lab on set-up names a part that the kernel refuses" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0
    for lab in query resize workers; do
        judge "lab-$lab"
        run -77 strace -f -qq -o /dev/null \
            -e inject=io_uring_register:error=EINVAL "$BIN/lab-$lab"
        [[ $output == *": cannot be tried here: the kernel does not know "* ]]
        [[ $output == *"0 of 0 predictions held" ]]
    done
}

@test "bench-sqpoll prints the cost of three loads on both rings" {
    "$BIN/bench-sqpoll" --rounds 1 >got 2>err || { cat err && skip "no SQPOLL"; }
    [ "$(wc -l <got)" -eq 4 ]
    # All costs are numbers, and CPU time is more than 0.
    [ "$(grep -cE ' nops? per .*( +[1-9][0-9]*){4}$' got)" -eq 3 ]
}
