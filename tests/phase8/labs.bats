# The labs of phase 8: each predicts, does, and prints both. These are the
# transcripts.
#
# Judges: lab-buf-mmap, lab-clone-buffers, lab-epoll, lab-provide.
# Judges: lab-send-buffers, lab-send-vectorized, lab-sock-nonempty.

# bats file_tags=manners

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    export TMPDIR=$BATS_TEST_TMPDIR
}

# LAB, and the transcript that it must print on stdin. Skips the test if a part
# cannot be tried here, but only if every prediction of the other parts held.
transcript_of()
{
    local code=0
    cat >want
    judge "$1"
    timeout 100 "$BIN/$1" >got || code=$?
    if [ "$code" -eq 77 ]; then
        run ! grep -e '<-- differs' got
        skip "$(grep -m 1 'cannot be tried here' got | sed 's/^ *//')"
    fi
    [ "$code" -eq 0 ] || echo "exit code $code" >>got
    diff want got
}

@test "a receive and an accept report that the socket has more" {
    transcript_of lab-sock-nonempty <<'END'
10 bytes, received 4 at a time
  bytes: predicted 4, saw 4
  NONEMPTY: predicted yes, saw yes
  bytes: predicted 4, saw 4
  NONEMPTY: predicted yes, saw yes
  bytes: predicted 2, saw 2
  NONEMPTY: predicted no, saw no
4 bytes, which fill the buffer
  bytes: predicted 4, saw 4
  NONEMPTY: predicted no, saw no
2 clients in the backlog
  an accept: predicted yes, saw yes
  NONEMPTY: predicted yes, saw yes
  an accept: predicted yes, saw yes
  NONEMPTY: predicted no, saw no
12 of 12 predictions held
END
}

@test "a bundle sends every buffer of a ring in order" {
    transcript_of lab-send-buffers <<'END'
three buffers, one send, and one bundle
  a send: predicted 6, saw 6
  its first buffer: predicted 0, saw 0
  a send: predicted 13, saw 13
  its first buffer: predicted 1, saw 1
  bytes that arrive: predicted 19, saw 19
  the bytes: predicted "first second third.", saw "first second third."
an empty ring
  a send: predicted -ENOBUFS, saw -ENOBUFS
7 of 7 predictions held
END
}

@test "a send takes several parts without a msghdr" {
    transcript_of lab-send-vectorized <<'END'
SENDMSG with 3 parts
  the send: predicted 11, saw 11
  bytes that arrive: predicted 11, saw 11
  the bytes: predicted "200 5 hello", saw "200 5 hello"
SEND with 3 parts
  the send: predicted 11, saw 11
  bytes that arrive: predicted 11, saw 11
  the bytes: predicted "200 5 hello", saw "200 5 hello"
more parts than IOV_MAX
  SENDMSG: predicted -EMSGSIZE, saw -EMSGSIZE
  SEND: predicted -EINVAL, saw -EINVAL
8 of 8 predictions held
END
}

@test "a cloned buffer outlives its first ring's registration" {
    transcript_of lab-clone-buffers <<'END'
  registering two buffers: predicted 0, saw 0
the second ring, before and after a clone
  a read into buffer 1: predicted -EFAULT, saw -EFAULT
  cloning: predicted 0, saw 0
  a read into buffer 1: predicted 5, saw 5
  its bytes: predicted "bytes", saw "bytes"
a second clone
  cloning: predicted -EBUSY, saw -EBUSY
  cloning buffer 1 only, in place of both: predicted 0, saw 0
  a read into buffer B, which is 0 now: predicted 5, saw 5
the first ring unregisters its buffers
  unregistering: predicted 0, saw 0
  a read of the first ring: predicted -EFAULT, saw -EFAULT
  a read of the second ring: predicted 5, saw 5
  cloning from the first ring: predicted -ENXIO, saw -ENXIO
12 of 12 predictions held
END
}

@test "the kernel allocates a buffer ring, and reports its head" {
    transcript_of lab-buf-mmap <<'END'
a ring of 4 entries that the kernel has allocated
  mmap of another group: predicted no, saw no
  mmap: predicted yes, saw yes
  head: predicted 0, saw 0
  a receive: predicted 11, saw 11
  the first buffer: predicted "two buffers", saw "two buffers"
  head: predicted 1, saw 1
  head of a group that does not exist: predicted -ENOENT, saw -ENOENT
7 of 7 predictions held
END
}

@test "a buffer ring halves the SQEs of PROVIDE_BUFFERS" {
    transcript_of lab-provide <<'END'
2 buffers from PROVIDE_BUFFERS, 8 messages
  providing: predicted 0, saw 0
  bytes: predicted 72, saw 72
  SQEs: predicted 16, saw 16
2 buffers in a ring, 8 messages
  registering: predicted 0, saw 0
  bytes: predicted 72, saw 72
  SQEs: predicted 8, saw 8
  PROVIDE_BUFFERS for this group: predicted -EINVAL, saw -EINVAL
7 of 7 predictions held
END
}

@test "one wait of a ring serves an epoll instance, too" {
    transcript_of lab-epoll <<'END'
EPOLL_CTL
  adding a socket: predicted 0, saw 0
  adding it again: predicted -EEXIST, saw -EEXIST
EPOLL_WAIT, and a nop
  the nop is first: the wait blocks no other operation: predicted yes, saw yes
  EPOLL_WAIT: predicted 1, saw 1
  the event is of the socket: predicted yes, saw yes
the way before 6.15
  POLL_ADD of the epoll descriptor: predicted 1, saw 1
  epoll_wait(2) after it: predicted 1, saw 1
  removing the socket: predicted 0, saw 0
8 of 8 predictions held
END
}
