#!/usr/bin/env bats
# The benchmark measures three ways to read the same files: it must notice when
# they do not, and fail as a program does.
#
# Judges: bench.

set -o pipefail # how a program ends counts, wherever its output goes

bats_require_minimum_version 1.5.0

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    export TMPDIR=$BATS_TEST_TMPDIR
}

sums()
{
    awk '$3 == "sync" || $3 == "threads" || $3 == "ring" { print $NF }'
}

make_files() # COUNT BYTES
{
    mkdir -p files
    for ((i = 0; i < $1; i++)); do
        head -c "$2" /dev/urandom >"files/$i"
    done
}

@test "all three ways read the same bytes" {
    make_files 30 5000
    head -c 300000 /dev/urandom >files/large
    : >files/empty
    run "$BIN/bench" --sum --rounds 3 files/*
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == "32 files, 450000 bytes, warm, 3 rounds;"* ]]
    [ "$(sums <<<"$output" | wc -l)" -eq 3 ]
    [ "$(sums <<<"$output" | sort -u | wc -l)" -eq 1 ]
}

@test "the sum changes with the bytes, and with their files" {
    make_files 3 100
    first=$("$BIN/bench" --sum --rounds 1 files/* | sums | head -n 1)
    again=$("$BIN/bench" --sum --rounds 1 files/* | sums | head -n 1)
    turned=$("$BIN/bench" --sum --rounds 1 files/1 files/0 files/2 | sums |
        head -n 1)
    printf x >>files/2
    longer=$("$BIN/bench" --sum --rounds 1 files/* | sums | head -n 1)
    [ "$first" = "$again" ]
    [ "$first" != "$turned" ]
    [ "$first" != "$longer" ]
}

@test "the ring makes a fraction of the system calls" {
    run "$BIN/bench" --rounds 1 --files 500
    [ "$status" -eq 0 ]
    loop=$(awk '$3 == "sync" { print $5 }' <<<"$output")
    ring=$(awk '$3 == "ring" { print $5 }' <<<"$output")
    [ "$loop" -eq 2000 ]
    [ "$ring" -gt 0 ]
    [ $((ring * 10)) -lt "$loop" ]
}

@test "the ratio of the loop to itself is 1" {
    run "$BIN/bench" --rounds 3 --files 10
    [[ $output == *"  1.00   1.00..1.00   sync "* ]]
}

@test "bench removes the files that it makes" {
    "$BIN/bench" --rounds 1 --files 20 --size 100
    [ -z "$(ls -A)" ]
}

@test "more readers than files and a single reader read every byte" {
    make_files 5 1000
    for readers in 1 2 5 100; do
        "$BIN/bench" --sum --rounds 1 --threads $readers --tasks $readers files/*
    done
}

@test "a file that cannot be read is named, and the exit code is 1" {
    make_files 3 100
    run --separate-stderr "$BIN/bench" --rounds 1 files/0 nowhere files/1
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [ "$stderr" = "bench: cannot read 'nowhere': No such file or directory (ENOENT)" ]
    mkdir folder
    run "$BIN/bench" --rounds 1 files/0 folder
    [ "$status" -eq 1 ]
    [[ $output == "bench: cannot read 'folder': Is a directory (EISDIR)" ]]
}

@test "files that cannot be made are an error, and nothing is left" {
    TMPDIR=$BATS_TEST_TMPDIR/nowhere run "$BIN/bench" --rounds 1 --files 3
    [ "$status" -eq 1 ]
    [[ $output == "bench: cannot make files in '"*"(ENOENT)" ]]
}

@test "without io_uring bench reports that the ring cannot be set up" {
    deny=$BIN/../tests/deny
    [ -x "$deny" ] || skip "the program deny is not built"
    run "$deny" --all EPERM -- "$BIN/bench" --rounds 1 --files 3
    [ "$status" -eq 1 ]
    [ "$output" = "bench: cannot set up 'ring': \
Operation not permitted (EPERM)" ]
    [ -z "$(ls -A)" ]
}

@test "help and version exit with 0, and wrong usage with 2" {
    run "$BIN/bench" --help
    [ "$status" -eq 0 ]
    [[ $output == "Usage: bench [OPTION]"* ]]
    run "$BIN/bench" --version
    [ "$output" = "bench (one-ring) 0.1" ]
    for wrong in --nonsense --rounds=0 --rounds=x --threads=-1 --tasks=100000 \
        --files=0 --size=1e6; do
        run --separate-stderr "$BIN/bench" $wrong
        [ "$status" -eq 2 ]
        [ -z "$output" ]
        [[ $stderr == "bench: ${wrong%%=*}"*"; see --help" ]]
    done
}

@test "bench.sh names the machine and measures warm files" {
    script=$BATS_TEST_DIRNAME/../../phase6/bench.sh
    run "$script" --bin "$BIN" --dir "$TMPDIR" --own --rounds 1 --files 20
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == "machine "* ]]
    [[ $output == *"20 files, 81920 bytes, warm, 1 rounds"* ]]
    [[ $output == *"20 files, 1310720 bytes, warm, 1 rounds"* ]]
    [ -z "$(ls -A)" ]
    run "$script" --help
    [ "$status" -eq 0 ]
    run "$script" --nonsense
    [ "$status" -eq 2 ]
}
