# One specification for the five modes of batch: whatever a mode saves, the
# bytes, the order and the errors are the same.
#
# Judges: batch.

load ../support/judge
load ../support/steady
load batch

to_a_file_and_a_pipe()
{
    "$batch" --mode "$mode" f* >got
    same_bytes want got
    "$batch" --mode "$mode" f* | same_bytes want -
}

@test "every mode writes all bytes in the order of the command line" {
    make_files 100
    cat f* >want
    each_mode to_a_file_and_a_pipe
}

@test "batch --sync writes the same bytes as a ring" {
    has_option batch --sync
    make_files 24
    cat f* >want
    "$BIN/batch" --sync f* >got
    same_bytes want got
}

with_every_limit()
{
    for window in 1 2 7 1024; do
        for sq in 4 8; do
            "$batch" --mode "$mode" --window $window --sq $sq f* >got
            same_bytes want got
        done
    done
}

@test "any window and the smallest ring give the same output" {
    has_option batch --window
    has_option batch --sq
    make_files 24
    cat f* >want
    each_mode with_every_limit
}

# Not with `run`, which takes seconds to split megabytes into lines.
one_is_missing()
{
    code=0
    "$batch" --mode "$mode" "$@" >got 2>err || code=$?
    status=$code
    exits 1
    stderr=$(cat err)
    says_exactly "$complaint"
    same_bytes want got
    { "$batch" --mode "$mode" "$@" 2>/dev/null || [ $? -eq 1 ]; } |
        same_bytes want -
}

missing_among_100()
{
    complaint="batch: open: nowhere: No such file or directory (ENOENT)"
    one_is_missing f0[0-4]* nowhere f0[5-9]* f100
}

directory_among_100()
{
    complaint="batch: read: directory at offset 0: Is a directory (EISDIR)"
    one_is_missing f0[0-4]* directory f0[5-9]* f100
}

# bats test_tags=errors
@test "one bad file among 100 is reported, and the others are written" {
    make_files 100
    mkdir directory
    cat f* >want
    each_mode missing_among_100
    each_mode directory_among_100
    if [ -z "${LEARNER-}" ] || knows batch --sync; then
        run -1 "$BIN/batch" --sync f001 nowhere f002
    fi
}

as_nobody()
{
    run -1 --separate-stderr setpriv --reuid 65534 --regid 65534 \
        --clear-groups "$batch" --mode "$mode" open secret open
    [ "$output" = "$(cat open open)" ]
    says_exactly "batch: open: secret: Permission denied (EACCES)"
}

# bats test_tags=errors
@test "a file without read permission is reported" {
    skip_unless_root
    chmod 755 .
    echo seen >open
    echo unseen >secret
    chmod 600 secret
    each_mode as_nobody
}

many_are_bad()
{
    run -1 --separate-stderr "$batch" --mode "$mode" no1 f001 no2 no3 f002 no4
    names=$(grep -o 'no[1-4]' <<<"$stderr")
    [ "$names" = "$(printf 'no1\nno2\nno3\nno4')" ]
}

# bats test_tags=errors
@test "errors are printed in the order of the files" {
    make_files 2
    each_mode many_are_bad
}

odd_names()
{
    "$batch" --mode "$mode" ./-dash $'new\nline' $'\xff' | same_bytes want -
    run -1 --separate-stderr "$batch" --mode "$mode" $'no\nsuch\e[31m'
    [ "${#stderr_lines[@]}" -eq 1 ]
    says 'no\x0asuch\x1b[31m: No such file'
    run -1 --separate-stderr "$batch" --mode "$mode" "$(printf '%05000d' 0)"
    says ENAMETOOLONG
}

# bats test_tags=errors
@test "a file name may have any bytes, and a message prints it on one line" {
    echo a >./-dash
    echo b >$'new\nline'
    echo c >$'\xff'
    printf 'a\nb\nc\n' >want
    each_mode odd_names
}

@test "batch accepts a file named twice, and ten thousand files" {
    make_files 3
    find_modes
    for mode in $modes; do
        "$batch" --mode "$mode" f001 f002 f002 f003 f002 |
            same_bytes - <(cat f001 f002 f002 f003 f002)
    done
    echo . >small
    # shellcheck disable=SC2046
    set -- $(yes small | head -n 10000)
    [ "$("$BIN/batch" "$@" | wc -l)" -eq 10000 ]
}

symbols_to_got()
{
    "$batch" --mode "$mode" /proc/kallsyms >got
}

files_without_a_length()
{
    "$batch" --mode "$mode" /proc/cmdline /proc/version | same_bytes want -
    "$batch" --mode "$mode" /sys/kernel/mm/transparent_hugepage/enabled |
        cmp /sys/kernel/mm/transparent_hugepage/enabled -
    # Longer than a buffer, length 0, and short reads all the way.
    copies_steady /proc/kallsyms got symbols_to_got
}

@test "files that report a wrong length are read to their end" {
    cat /proc/cmdline /proc/version >want
    each_mode files_without_a_length
}

pipes_as_files()
{
    "$batch" --mode "$mode" f001 <(cat f006 f009) f002 <(seq 100000) f003 |
        same_bytes want -
}

@test "pipes among files are written completely" {
    make_files 9
    { cat f001 f006 f009 f002 && seq 100000 && cat f003; } >want
    each_mode pipes_as_files
}

a_fifo_that_comes_late()
{
    # The open of a FIFO does not return before a writer opens it. batch must
    # write the files before it without waiting for that.
    mkfifo late
    timeout 20 "$batch" --mode "$mode" f005 late f006 | {
        head -c "$(wc -c <f005)" | same_bytes - f005
        cat f007 >late
        same_bytes - <(cat f007 f006)
    }
    rm late
}

a_fifo_before_many()
{
    # The oldest file comes last. Those behind it must leave it memory.
    mkfifo late
    timeout 20 "$batch" --mode "$mode" --window 2 late f011 f010 f009 f011 \
        f010 f009 | same_bytes want - &
    cat f007 >late
    wait $!
    rm late
}

# bats test_tags=exotic
@test "files behind a slow file leave it enough memory" {
    make_files 11
    cat f007 f011 f010 f009 f011 f010 f009 >want
    each_mode a_fifo_before_many
}

@test "a FIFO without a writer delays only the files after it" {
    make_files 7
    each_mode a_fifo_that_comes_late
}

reads_back()
{
    [ "$("$batch" --mode "$mode" --verify f*)" = "$verdict" ]
    cat f* | same_bytes want -
    run -1 --separate-stderr "$batch" --mode "$mode" --verify f001 nowhere f002
    [ "$output" = "verified: 2 files, 101 bytes" ]
}

no_room_to_verify()
{
    # The scratch file may have 40 KiB: writes come short, and then fail.
    run -1 --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 40
        exec "$1" --mode "$2" --verify --window 2 f006 f011' - "$batch" "$mode"
    [[ ${stderr_lines[0]} == "batch: write: f006 at offset 0:"*"(EFBIG)" ]]
    [[ ${stderr_lines[1]} == "batch: write: f011 at offset 0:"*"(EFBIG)" ]]
    [ "$output" = "verified: 0 files, 0 bytes" ]
}

@test "verify writes each file's bytes, reads them back and compares" {
    has_option batch --verify
    make_files 24
    cat f* >want
    verdict="verified: 24 files, $(wc -c <want) bytes"
    each_mode reads_back
    each_mode no_room_to_verify
}

# bats test_tags=errors
@test "batch --verify reports a scratch file that it cannot make" {
    has_option batch --verify
    echo a >a
    no_file_there=EOPNOTSUPP
    [ -w /proc ] || no_file_there=EACCES # only root gets as far as that
    for pair in "$PWD/nowhere:ENOENT" "$PWD/a:ENOTDIR" /proc:$no_file_there; do
        run -2 --separate-stderr env TMPDIR="${pair%:*}" \
            "$BIN/batch" --verify a
        [ -z "$output" ]
        says "batch: scratch file in ${pair%:*}: " "(${pair##*:}): set TMPDIR"
    done
    TMPDIR="" run -0 "$BIN/batch" --verify a
}

# NAME=VALUE of the line in file stats.
stat_of()
{
    sed "s/.* $1=\([0-9]*\).*/\1/" stats
}

# MODE: runs it, and sets MODE_operations and MODE_submits.
count_mode()
{
    "$BIN/batch" --mode "$1" --quiet --stats f* 2>stats
    eval "$1_operations=$(stat_of operations)"
    eval "$1_submits=$(stat_of submits)"
    [ "$(stat_of bytes)" -eq "$(cat f* | wc -c)" ]
}

# bats test_tags=manners
@test "each mode makes as few system calls as its help promises" {
    has_option batch --stats
    has_option batch vectored
    has_option batch --sync
    make_files 96
    for mode in $MODES; do
        count_mode $mode
    done
    # On tmpfs io-wq workers make the reads, and their completions come one by
    # one. Elsewhere a busy machine hands over a few so, at times.
    factor=4
    [ "$(stat -f -c %T .)" != tmpfs ] || factor=1
    for ((try = 1; batch_submits * factor >= single_submits && try < 20; try++)); do
        count_mode batch
    done
    "$BIN/batch" --sync --quiet --stats f* 2>stats
    [ "$single_submits" -eq "$single_operations" ]
    [ "$(stat_of system_calls)" -eq "$single_operations" ]
    [ "$batch_operations" -eq "$single_operations" ]
    [ $((batch_submits * factor)) -lt "$single_submits" ]
    [ "$linked_operations" -eq "$single_operations" ]
    [ "$linked_submits" -lt "$single_submits" ]
    [ "$fixed_operations" -eq "$single_operations" ]
    [ "$vectored_operations" -lt "$single_operations" ]
}

submits_are_counted_right()
{
    export ASAN_OPTIONS=detect_leaks=0 # it cannot run under ptrace
    strace -f -o trace -e trace=io_uring_enter \
        "$batch" --mode "$mode" --stats f* 2>stats >got
    same_bytes want got
    [ "$(grep -c 'io_uring_enter(' trace)" -eq "$(stat_of submits)" ]
}

# bats test_tags=manners
@test "batch reports as many submits as strace sees system calls" {
    has_option batch --stats
    command -v strace >/dev/null || skip "strace is not installed"
    make_files 12
    cat f* >want
    each_mode submits_are_counted_right
}

# bats test_tags=errors
@test "a wrong command line of batch exits with 2 and names --help" {
    has_option batch --window
    echo a >a
    for wrong in "" "--mode quick a" "--mode" "--window 0 a" "--window 1025 a" \
        "--window x a" "--sq 3 a" "--sq 4x a" "--sync --verify a" "--nothing a"; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr "$BIN/batch" $wrong
        [ -z "$output" ]
        says "batch: " "; see --help"
    done
    for wrong in --nothing --mode --quiet=x; do
        run -2 --separate-stderr "$BIN/batch" $wrong
        says "batch: $wrong: " "; see --help"
    done
}

# bats test_tags=manners
@test "batch --help names the modes, and --version the program" {
    run -0 "$BIN/batch" --help
    for mode in $MODES; do
        [[ $output == *"$mode"* ]]
    done
    run -0 "$BIN/batch" --version
    [ "$output" = "batch (one-ring) 0.1" ]
    for option in --help --version; do
        run -1 --separate-stderr bash -c '"$0" "$1" >/dev/full' \
            "$BIN/batch" $option
        says_exactly "batch: stdout: No space left on device (ENOSPC)"
    done
}
