# batch writes to a stdout that is shared, is one of its inputs, is full, or has
# gone: no byte is lost, overwritten or written twice.
#
# Judges: batch.

load ../support/judge
load batch

shared_output()
{
    # The position of stdout is everybody's who shares it.
    { echo head && "$batch" --mode "$mode" f002 f003 && echo tail; } >got
    same_bytes got <(echo head && cat f002 f003 && echo tail)
    echo before >got
    "$batch" --mode "$mode" f002 f003 >>got
    "$batch" --mode "$mode" f003 >>got
    same_bytes got <(echo before && cat f002 f003 f003)
}

one_file_for_both()
{
    "$batch" --mode "$mode" f005 no1 f006 no2 f007 >got 2>&1 || true
    complaint='^batch: open: no[12]: No such file'
    [ -z "${LEARNER-}" ] || complaint='no[12]' # the words are its own
    [ "$(grep -ac "$complaint" got)" -eq 2 ]
    grep -av "$complaint" got | same_bytes - <(cat f00[567])
}

@test "stdout and stderr do not overwrite each other in one file" {
    for i in 5 6 7; do
        seq "${i}0000" "${i}9999" >f00$i
    done
    each_mode one_file_for_both
}

two_at_once()
{
    { "$batch" --mode "$mode" f00? & "$batch" --mode "$mode" f00? & wait; } >got
    [ "$(wc -c <got)" -eq $((2 * $(cat f00? | wc -c))) ]
}

@test "programs that share a file as their stdout do not overwrite each other" {
    make_files 9
    each_mode two_at_once
}

@test "stdout is written at its position, and appended to with O_APPEND" {
    make_files 3
    each_mode shared_output
}

eats_itself()
{
    cat before >got
    run -1 --separate-stderr bash -c 'ulimit -f 10000
        timeout 20 "$1" --mode "$2" f001 got f002 >>got' - "$batch" "$mode"
    says "batch: input is output: got at offset " "(EINVAL)"
    same_bytes got <(cat before f001 f002)
}

# bats test_tags=errors
@test "batch refuses to read a file that is also its stdout" {
    make_files 3
    for content in "big big big big" f002 /dev/null; do
        # shellcheck disable=SC2086
        cat $content >before
        each_mode eats_itself
        [ -z "${LEARNER-}" ] || knows batch --sync || continue
        run -1 bash -c 'ulimit -f 10000; timeout 20 "$1" --sync f001 got >>got' \
            - "$BIN/batch"
        same_bytes got <(cat before f001 f002 f001)
    done
}

slow_non_blocking_pipe()
{
    # The pipe is full at times: -EAGAIN is not an error.
    bash -c 'set -o pipefail; "$@" | dd bs=5000 status=none' - \
        "$TOOLS/syscalls" non-blocking 1 \
        "$batch" --mode "$mode" f* >got
    same_bytes want got
}

# bats test_tags=interruptions
@test "batch waits for a full non-blocking pipe" {
    make_files 12
    cat f* >want
    each_mode slow_non_blocking_pipe
}

broken_output()
{
    run -1 --separate-stderr bash -c '"$1" --mode "$2" f005 >/dev/full' - \
        "$batch" "$mode"
    says_exactly "batch: stdout: No space left on device (ENOSPC)"
    run -1 --separate-stderr bash -c '"$1" --mode "$2" f005 >&-' - \
        "$batch" "$mode"
    says_exactly "batch: stdout: Bad file descriptor (EBADF)"
    if [ -z "${LEARNER-}" ] || knows batch --verify; then
        run -1 --separate-stderr bash -c '"$1" --mode "$2" --verify f005 \
            >/dev/full' - "$batch" "$mode"
        says_exactly "batch: stdout: No space left on device (ENOSPC)"
    fi
    # A reader that has gone ends us as it ends cat: by SIGPIPE.
    run -141 bash -c 'set -o pipefail
        "$1" --mode "$2" $(yes f011 | head -n 100) | true' - "$batch" "$mode"
}

# bats test_tags=errors
@test "a full stdout is an error, and a closed reader causes SIGPIPE" {
    make_files 12
    each_mode broken_output
}

half_of_it_fits()
{
    # A short write, and then no room: what fits is there and right.
    run -1 --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 100
        exec "$1" --mode "$2" f* >got' - "$batch" "$mode"
    says_exactly "batch: stdout: File too large (EFBIG)"
    [ "$(wc -c <got)" -eq 102400 ]
    same_bytes -n 102400 want got
    rm got
}

# bats test_tags=errors
@test "a stdout that fills up holds the right bytes" {
    make_files 12
    cat f* >want
    each_mode half_of_it_fits
}
