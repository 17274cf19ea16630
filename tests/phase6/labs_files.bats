#!/usr/bin/env bats
# The labs on files: each prints what it predicts and what it sees. These are
# the transcripts.
#
# Judges: lab-advice, lab-attributes, lab-fixed-vector, lab-link-failure.
# Judges: lab-names, lab-space, lab-tags, lab-write-back.

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

@test "many failures of operations on files do not break a link" {
    run_lab lab-link-failure
    ! grep -q 'the nop after it: predicted 0, saw -ECANCELED' got ||
        skip "this kernel breaks the link, as Linux 5.19 does"
    diff - got <<'END'
an operation that fails, linked to a nop (on Linux 5.19 and older: always -ECANCELED)
  write: predicted -EBADF, saw -EBADF
  the nop after it: predicted -ECANCELED, saw -ECANCELED
  openat: predicted -ENOENT, saw -ENOENT
  the nop after it: predicted -ECANCELED, saw -ECANCELED
  close: predicted -EBADF, saw -EBADF
  the nop after it: predicted -ECANCELED, saw -ECANCELED
  fsync: predicted -EINVAL, saw -EINVAL
  the nop after it: predicted 0, saw 0
  fallocate: predicted -EBADF, saw -EBADF
  the nop after it: predicted 0, saw 0
  statx: predicted -ENOENT, saw -ENOENT
  the nop after it: predicted 0, saw 0
  renameat: predicted -ENOENT, saw -ENOENT
  the nop after it: predicted 0, saw 0
  unlinkat: predicted -ENOENT, saw -ENOENT
  the nop after it: predicted 0, saw 0
  mkdirat: predicted -EEXIST, saw -EEXIST
  the nop after it: predicted 0, saw 0
with CQE_SKIP_SUCCESS, is the failure (1) or the nop (2) reported?
  write: predicted 1, saw 1
  fsync: predicted 2, saw 2
20 of 20 predictions held
END
}

@test "a ring makes, renames and removes names" {
    transcript_of lab-names <<'END'
four linked operations, whose paths are wiped after the submit
  mkdir d: predicted 0, saw 0
  symlink d/s to n: predicted 0, saw 0
  link the file to d/h: predicted 0, saw 0
  rename d/h to d/n: predicted 0, saw 0
  d/s leads to d/n: predicted yes, saw yes
removing
  unlink d, as a file: predicted -EISDIR, saw -EISDIR
  unlink d, as a directory: predicted -ENOTEMPTY, saw -ENOTEMPTY
  unlink d/s: predicted 0, saw 0
  unlink d/n: predicted 0, saw 0
  unlink d, as a directory: predicted 0, saw 0
10 of 10 predictions held
END
}

@test "FALLOCATE changes the size and the blocks of a file separately" {
    transcript_of lab-space <<'END'
64 KiB, for a file of 5 bytes
  fallocate: predicted 0, saw 0
  size: predicted 65536, saw 65536
  has blocks for 64 KiB: predicted yes, saw yes
PUNCH_HOLE over the whole file
  fallocate: predicted 0, saw 0
  size: predicted 65536, saw 65536
  has blocks for 64 KiB: predicted no, saw no
  the text reads as zeros: predicted yes, saw yes
KEEP_SIZE, 128 KiB
  fallocate: predicted 0, saw 0
  size: predicted 65536, saw 65536
  has blocks for 128 KiB: predicted yes, saw yes
FTRUNCATE to 2 bytes
  ftruncate: predicted 0, saw 0
  size: predicted 2, saw 2
  has blocks for 64 KiB: predicted no, saw no
13 of 13 predictions held
END
}

@test "SYNC_FILE_RANGE writes the pages of its range, and no others" {
    transcript_of lab-write-back <<'END'
two parts of a file, 64 KiB each, 8 MiB apart, just written
  sync_file_range of the first: predicted 0, saw 0
  dirty pages in the first: predicted 0, saw 0
  the second has dirty pages: predicted yes, saw yes
  sync_file_range of the second: predicted 0, saw 0
  dirty pages in the second: predicted 0, saw 0
5 of 5 predictions held
END
}

@test "DONTNEED drops cached pages and frees memory" {
    transcript_of lab-advice <<'END'
a file of 64 KiB that was just written
  a read that does not wait: predicted 65536, saw 65536
  FADV_DONTNEED: predicted 0, saw 0
  a read that does not wait: predicted -EAGAIN, saw -EAGAIN
  FADV_WILLNEED: predicted 0, saw 0
  a read that does not wait, within 5 s: predicted 65536, saw 65536
64 KiB of memory, full of the letter x
  MADV_DONTNEED: predicted 0, saw 0
  the first byte: predicted 0, saw 0
  the last byte: predicted 0, saw 0
8 of 8 predictions held
END
}

@test "a ring reads and sets extended attributes" {
    transcript_of lab-attributes <<'END'
user.lang, by descriptor
  set user.lang: predicted 0, saw 0
  set user.lang again, with XATTR_CREATE: predicted -EEXIST, saw -EEXIST
  get, 0 bytes: predicted 2, saw 2
  get, 1 byte: predicted -ERANGE, saw -ERANGE
  get, 15 bytes: predicted 2, saw 2
  the value: predicted "de", saw "de"
  get a name that is not there: predicted -ENODATA, saw -ENODATA
user.kind, by path
  set user.kind: predicted 0, saw 0
  get by descriptor: predicted 4, saw 4
  get by path: predicted 4, saw 4
  the value: predicted "text", saw "text"
11 of 11 predictions held
END
}

@test "READV_FIXED fills several ranges of one registered buffer" {
    transcript_of lab-fixed-vector <<'END'
a registered buffer of 4096 bytes, two ranges of it
  register: predicted 0, saw 0
  a read of 5 and 6 bytes: predicted 11, saw 11
  the head: predicted "head:", saw "head:"
  the body: predicted "body..", saw "body.."
the second range is outside the registered buffer
  a read: predicted -EFAULT, saw -EFAULT
the pieces in the other order, written
  a write of 6 and 5 bytes: predicted 11, saw 11
  the file: predicted "body..head:", saw "body..head:"
7 of 7 predictions held
END
}

@test "a tag reports that the kernel has released a buffer" {
    transcript_of lab-tags <<'END'
a table of four empty entries
  a read into an empty entry: predicted -EFAULT, saw -EFAULT
a read from an empty pipe, and an update during it
  entry 0 becomes buffer A, tag 7: predicted 1, saw 1
  entry 0 becomes buffer B, no tag: predicted 1, saw 1
  completions while the read waits: predicted 0, saw 0
  the read: predicted 1, saw 1
  the CQE of tag 7: predicted 0, saw 0
  the byte is in buffer A: predicted 120, saw 120
an entry that is not in use
  entry 0 becomes buffer A, tag 7: predicted 1, saw 1
  entry 0 becomes empty: predicted 1, saw 1
  the CQE of tag 7: predicted 0, saw 0
10 of 10 predictions held
END
}
