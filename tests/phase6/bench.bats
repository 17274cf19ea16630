#!/usr/bin/env bats
# The benchmark runs many strategies on the same files. It must notice when they
# do not do the same work, and it must remove the files that it makes.
#
# Judges: bench.

load ../support/judge
load ../support/await

setup()
{
    judge bench
    bench=$BIN/bench
    cd "$BATS_TEST_TMPDIR" || return
    mkdir tmp
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    few=sync,pool-4,posix-aio,libuv,ring-1,ring-16
}

# Nothing is left in the folder in which bench makes its files.
is_clean()
{
    [ -z "$(ls -A tmp)" ] || {
        echo "left behind: $(ls -A tmp)"
        return 1
    }
}

make_files() # COUNT BYTES
{
    mkdir -p files
    for ((i = 0; i < $1; i++)); do
        head -c "$2" /dev/urandom >"files/$i"
    done
}

# Prints the column N of the rows of a table on stdin that were measured.
column() # N
{
    awk -v n="$1" '$2 ~ /^[0-9]+\.[0-9]+$/ { print $n }'
}

# Prints the member FIELD of the row STRATEGY in JSON on stdin, one per line.
json_of() # STRATEGY FIELD
{
    tr -d '\n' | sed 's/{"strategy":/\n&/g' | grep "^{\"strategy\":\"$1\"" |
        sed -n "s/.*\"$2\":{\"median\":\([0-9]*\),.*/\1/p"
}

needs_strace()
{
    command -v strace >/dev/null || skip "strace is not installed"
    # LeakSanitizer cannot look where strace looks already.
    export ASAN_OPTIONS=detect_leaks=0
    strace -f -o /dev/null true 2>/dev/null || skip "strace may not trace here"
}

@test "every strategy reads the same bytes of the files that are named" {
    make_files 30 5000
    head -c 300000 /dev/urandom >files/large
    : >files/empty
    run "$bench" --sum --rounds 1 files/*
    exits 0
    [[ ${lines[0]} == "read 32 files, 450000 bytes, warm, 1 rounds" ]]
    [ "$(column 1 <<<"$output" | tr '\n' ' ')" = "sync pool-4 pool-16 pool-64 \
posix-aio libuv ring-1 ring-4 ring-16 ring-64 ring-256 " ]
    [ "$(column 11 <<<"$output" | sort -u | wc -l)" -eq 1 ]
    is_clean
}

@test "every load reads the same bytes of the big file" {
    for load in stream random direct; do
        run "$bench" --load $load --only $few --sum --rounds 1 --size 516K
        if [ $load = direct ] && [[ $output == *EINVAL* ]]; then
            continue # this file system has no O_DIRECT
        fi
        exits 0
        [[ ${lines[0]} == "read 1 file in "*" blocks, $load, 528384 bytes, "* ]]
        [ "$(column 11 <<<"$output" | wc -l)" -eq 6 ]
        column 11 <<<"$output" >>sums
    done
    [ "$(sort -u sums | wc -l)" -eq 1 ]
}

@test "the sum changes with the bytes, and with their files" {
    sum() # FILE...
    {
        "$bench" --sum --rounds 1 --only sync "$@" | column 11
    }
    make_files 3 100
    first=$(sum files/*)
    again=$(sum files/*)
    exchanged=$(sum files/1 files/0 files/2)
    { tail -c 50 files/0 && head -c 50 files/0; } >turned
    mv turned files/0
    reversed=$(sum files/*)
    printf x >>files/2
    longer=$(sum files/*)
    [ "$first" = "$again" ]
    [ "$first" != "$exchanged" ]
    [ "$first" != "$reversed" ]
    [ "$reversed" != "$longer" ]
}

@test "every strategy writes every load, and bench verifies the files" {
    for load in files stream random direct; do
        run "$bench" --load $load --write --rounds 1 --files 20 --size 140K
        if [ $load = direct ] && [[ $output == *EINVAL* ]]; then
            continue # this file system has no O_DIRECT
        fi
        exits 0
        [[ ${lines[0]} == "write "* ]]
        [ "$(column 1 <<<"$output" | wc -l)" -eq 11 ]
    done
    is_clean
}

@test "a strategy that does not write is noticed" {
    needs_strace
    for strategy in sync pool-2 posix-aio libuv; do
        run --separate-stderr strace -f -qq -o /dev/null \
            -e inject=pwrite64:retval=4096 \
            "$bench" --write --only $strategy --rounds 1 --files 3
        exits 1
        [ -z "$output" ]
        says_exactly "bench: $strategy has written wrong bytes to '$(
            grep -o "$TMPDIR/bench[^']*" <<<"$stderr")'"
        is_clean
    done
}

# bats test_tags=errors
@test "a write that fails names the file" {
    needs_strace
    # strace counts the calls of each thread; a pool may share five among four.
    for strategy in sync pool-2 posix-aio libuv; do
        run --separate-stderr strace -f -qq -o /dev/null \
            -e inject=pwrite64:error=ENOSPC:when=2+ \
            "$bench" --write --only $strategy --rounds 1 --files 50
        exits 1
        [ -z "$output" ]
        says "bench: cannot write '$TMPDIR/bench." \
            "': No space left on device (ENOSPC)"
        is_clean
    done
}

# bats test_tags=errors
@test "a full disk and a limit on files are reported, and nothing is left" {
    needs_strace
    run --separate-stderr strace -f -qq -o /dev/null \
        -e inject=write:error=ENOSPC:when=7 "$bench" --rounds 1
    exits 1
    says "bench: cannot make files in '$TMPDIR/bench." \
        "': No space left on device (ENOSPC)"
    is_clean
    limited()
    {
        ulimit -f 1
        "$bench" --rounds 1
    }
    run --separate-stderr limited
    exits 1
    says "bench: cannot make files in " "(EFBIG)"
    is_clean
}

@test "the tmpfs of a real full disk is left empty" {
    full()
    {
        unshare -rm sh -c 'mount -t tmpfs -o size=64k none tmp &&
            "$1" --rounds 1 --files 100; code=$?; ls -A tmp; exit $code' sh \
            "$bench"
    }
    unshare -rm true 2>/dev/null || skip "no namespaces here"
    run --separate-stderr full
    exits 1
    [ -z "$output" ]
    says "bench: cannot make files in " "No space left on device (ENOSPC)"
}

@test "the calls that bench prints are the calls that strace sees" {
    needs_strace
    reads() # ROUNDS: of two strategies
    {
        strace -f -c -o trace -e trace=pread64 \
            "$bench" --only sync,pool-3 --rounds "$1" --files 40 >table
        awk '$NF == "pread64" { print $4 }' trace
    }
    # Each file is read twice, opened, and closed. The loader of programs makes
    # this call, too, so only the difference counts.
    less=$(reads 1)
    more=$(reads 2)
    [ $((more - less)) -eq $((2 * 80)) ]
    [ "$(column 9 <table | tr '\n' ' ')" = "160 160 " ]
}

@test "the ring makes a fraction of the system calls" {
    run "$bench" --only sync,ring-1,ring-64 --rounds 1 --files 500
    exits 0
    mapfile -t calls < <(column 9 <<<"$output")
    [ "${calls[0]}" -eq 2000 ]
    [ "${calls[1]}" -ge 2000 ]
    [ "${calls[2]}" -gt 0 ]
    [ $((calls[2] * 10)) -lt 2000 ]
}

@test "bench counts the threads of a pool, of libraries, and of io-wq" {
    run "$bench" --write --rounds 1 --files 200 --size 16K --json \
        --only sync,pool-16,posix-aio,libuv,ring-1,ring-64
    exits 0
    [ "$(json_of sync threads <<<"$output")" -eq 1 ]
    [ "$(json_of pool-16 threads <<<"$output")" -eq 17 ]
    [ "$(json_of posix-aio threads <<<"$output")" -eq 21 ]
    [ "$(json_of libuv threads <<<"$output")" -eq 5 ]
    for strategy in ring-1 ring-64; do
        threads=$(json_of $strategy threads <<<"$output")
        [ "$threads" -eq $(($(json_of $strategy workers <<<"$output") + 1)) ]
    done
    for strategy in sync pool-16 posix-aio libuv; do
        [ "$(json_of $strategy workers <<<"$output")" -eq 0 ]
    done
}

@test "an io-wq worker is counted, and its CPU time" {
    # An ext4 that is written through the page cache needs a worker.
    [ "$(stat -f -c %T tmp)" = ext2/ext3 ] || skip "this is not an ext4"
    run "$bench" --load stream --write --only ring-1 --rounds 1 --json
    exits 0
    [ "$(json_of ring-1 workers <<<"$output")" -ge 1 ]
    # A copy of 32 MiB takes more than 1 ms.
    [ "$(json_of ring-1 cpu_ns <<<"$output")" -gt 1000000 ]
}

@test "the memory of a row is that of its own run" {
    run "$bench" --load stream --rounds 1 --only ring-512,sync --size 1M --json
    exits 0
    # 512 buffers of 128 KiB, of which sync has one.
    [ "$(json_of ring-512 rss_bytes <<<"$output")" -gt $((64 << 20)) ]
    [ "$(json_of sync rss_bytes <<<"$output")" -lt $((64 << 20)) ]
}

@test "threads and rings are made in the set-up, and not in the work" {
    needs_strace
    # strace delays each of these calls by 100 ms.
    run strace -f -qq -o /dev/null \
        -e inject=clone3,io_uring_setup:delay_enter=100000 \
        "$bench" --rounds 1 --files 1 --only pool-4,libuv,posix-aio,ring-4 --json
    exits 0
    [ "$(json_of pool-4 setup_ns <<<"$output")" -gt 400000000 ]
    [ "$(json_of libuv setup_ns <<<"$output")" -gt 400000000 ]
    [ "$(json_of posix-aio setup_ns <<<"$output")" -gt 2000000000 ]
    [ "$(json_of ring-4 setup_ns <<<"$output")" -gt 100000000 ]
}

@test "the ratio of the first row to itself is 1, and it pays from nowhere" {
    run "$bench" --rounds 3 --files 10 --only ring-4,sync
    exits 0
    [[ ${lines[2]} == "ring-4     1.00 1.00..1.00 "*" -" ]]
    [[ ${lines[3]} =~ (never|unknown|[0-9]+)$ ]]
}

@test "more items in flight than files, and one, read every byte" {
    make_files 5 1000
    run "$bench" --sum --rounds 1 --only sync,pool-1,pool-100,ring-1,ring-100 \
        files/*
    exits 0
    [ "$(column 11 <<<"$output" | wc -l)" -eq 5 ]
    [ "$(column 11 <<<"$output" | sort -u | wc -l)" -eq 1 ]
}

# bats test_tags=errors
@test "a file that cannot be read is named, and the exit code is 1" {
    make_files 3 100
    mkdir folder
    for strategy in ${few//,/ }; do
        run --separate-stderr "$bench" --rounds 1 --only "$strategy" \
            files/0 nowhere files/1
        exits 1
        [ -z "$output" ]
        says_exactly "bench: cannot read 'nowhere': \
No such file or directory (ENOENT)"
        run --separate-stderr "$bench" --rounds 1 --only "$strategy" \
            files/0 folder
        exits 1
        [ -z "$output" ]
        says_exactly "bench: cannot read 'folder': Is a directory (EISDIR)"
    done
}

# bats test_tags=errors
@test "files that cannot be made are an error" {
    TMPDIR=$BATS_TEST_TMPDIR/nowhere run --separate-stderr "$bench" --rounds 1
    exits 1
    says "bench: cannot make files in '" "(ENOENT)"
}

# bats test_tags=interruptions
@test "without io_uring a row says so, and the others are measured" {
    deny=$BIN/../tests/deny
    [ -x "$deny" ] || skip "the program deny is not built"
    run "$deny" --all EPERM -- "$bench" --rounds 1 --files 3 --only $few
    exits 0
    [ "$(column 1 <<<"$output" | tr '\n' ' ')" = "sync pool-4 posix-aio libuv " ]
    [ "$(grep -c '^ring-.* not measured: Operation not permitted (EPERM)$' \
        <<<"$output")" -eq 2 ]
    is_clean
    run --separate-stderr "$deny" --all EPERM -- "$bench" --only ring-4 \
        --rounds 1
    exits 2
    says_exactly "bench: no strategy can be set up here: ring-4: \
Operation not permitted (EPERM)"
    run "$deny" --all KILL -- "$bench" --rounds 1 --files 3 --only sync,ring-4
    exits 0
    [[ $output == *"ring-4    not measured: signal 31 "*" ended it"* ]]
    is_clean
}

# bats test_tags=interruptions
@test "without threads a row says so, and the others are measured" {
    needs_strace
    # libuv aborts if it cannot start a thread.
    run strace -f -qq -o /dev/null -e inject=clone3:error=EAGAIN \
        "$bench" --rounds 1 --files 3 --only $few
    exits 0
    [ "$(column 1 <<<"$output" | tr '\n' ' ')" = "sync ring-1 ring-16 " ]
    [ "$(grep -c ' not measured: ' <<<"$output")" -eq 3 ]
    [[ $output == *"pool-4 "*": Resource temporarily unavailable (EAGAIN)"* ]]
    [[ $output == *"libuv "*": signal 6 "* ]]
    is_clean
}

# bats test_tags=interruptions
@test "a limit on open files excludes the strategies that need more" {
    limited()
    {
        ulimit -n 40
        "$bench" --rounds 1 --files 100 --only sync,pool-16,pool-64,ring-16,ring-64
    }
    run limited
    exits 0
    [ "$(column 1 <<<"$output" | tr '\n' ' ')" = "sync pool-16 ring-16 " ]
    [ "$(grep -c 'not measured: Too many open files (EMFILE)' <<<"$output")" -eq 2 ]
}

has_files()
{
    [ -n "$(ls -A tmp)" ]
}

# Waits until bench has made its files, sends it SIGNAL, and checks the end.
end_by() # SIGNAL
{
    local code=0 pid

    start_behind out err \
        env --default-signal=INT "$bench" --rounds 1000 --files 20
    pid=$started
    await_that --from $pid has_files
    kill "-$1" $pid
    wait $pid || code=$?
    [ $code -eq $((128 + $(kill -l "$1"))) ]
    [ ! -s out ]
    [ ! -s err ]
    is_clean
}

# bats test_tags=interruptions
@test "a signal ends bench, and nothing is left" {
    for name in INT TERM HUP; do
        end_by $name
    done
}

# bats test_tags=interruptions
@test "a signal ends bench while a strategy is stuck" {
    mkfifo fifo # an open of it waits for a writer
    local code=0 pid
    "$bench" --only sync fifo 3>&- &
    pid=$!
    await_that --from $pid pgrep -P $pid >/dev/null
    kill -TERM $pid
    await_gone $pid || kill -KILL $pid
    wait $pid || code=$?
    [ $code -eq 143 ]
}

# bats test_tags=manners
@test "JSON has every row, and every member that the lesson lists" {
    check=$BIN/../tests/json-check
    [ -x "$check" ] || skip "the program json-check is not built"
    "$bench" --json --sum --rounds 2 --files 5 >out
    "$check" <out
    [ "$(grep -o '"strategy":' out | wc -l)" -eq 11 ]
    for word in load write cold cold_names rounds files items bytes rows; do
        grep -q "\"$word\":" out
    done
    for word in at_once not_measured ratio_permille setup_ns wall_ns cpu_ns \
        threads workers rss_bytes calls pays_from sum; do
        [ "$(grep -o "\"$word\":" out | wc -l)" -eq 11 ]
    done
    [ "$(json_of sync ratio_permille <out)" -eq 1000 ]
    [ "$(json_of sync calls <out)" -eq 20 ]
    "$BIN/../tests/deny" --all EPERM -- "$bench" --json --rounds 1 --files 5 \
        --only sync,ring-1 >out
    "$check" <out
    grep -q '"ring-1","at_once":1,"not_measured":"Operation not permitted' out
}

teardown()
{
    [ -z "${public-}" ] || rm -rf "$public"
}

@test "cold files are read from the disk" {
    user=()
    if [ "$(id -u)" -eq 0 ]; then
        # Not as root, which would empty the page cache of the whole machine.
        # bats keeps its own folder from other users.
        user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
        public=$(mktemp -d /tmp/bench-cold.XXXXXX)
        chmod 755 "$public"
        cp "$bench" "$public" && bench=$public/bench
        mkdir -m 777 "$public/tmp" && export TMPDIR=$public/tmp
        "${user[@]}" "$bench" --version || skip "no other user in this container"
    fi
    case $(stat -f -c %T "$TMPDIR") in
    tmpfs | ramfs) skip "this file system keeps its files in memory" ;;
    esac
    run "${user[@]}" "$bench" --cold --load random --rounds 1 --only sync,ring-4
    exits 0
    [[ ${lines[0]} == *", cold (not the names: needs root), 1 rounds" ]]
    [ -z "$(ls -A "$TMPDIR")" ]
}

# bats test_tags=errors
@test "a file system in memory cannot be cold" {
    [ -w /dev/shm ] && [ "$(stat -f -c %T /dev/shm)" = tmpfs ] ||
        skip "/dev/shm is not a tmpfs"
    TMPDIR=/dev/shm run --separate-stderr "$bench" --cold --rounds 1 --files 2
    exits 1
    says "bench: cannot remove from the page cache '/dev/shm/bench." \
        "': Device or resource busy (EBUSY)"
}

# bats test_tags=manners
@test "a terminal shows the progress, and a file does not" {
    command -v script >/dev/null || skip "script is not installed"
    script -qec "'$bench' --rounds 2 --files 3 --only sync,ring-4" /dev/null \
        >out </dev/null
    grep -q "bench: round 2 of 2, ring-4" out
    "$bench" --rounds 2 --files 3 --only sync,ring-4 2>err >/dev/null
    [ ! -s err ]
}

refuses() # MESSAGE ARGUMENT...
{
    run --separate-stderr "$bench" "${@:2}"
    exits 2
    [ -z "$output" ]
    says_exactly "bench: $1; see --help"
}

# bats test_tags=errors
@test "a message about a wrong argument names it, its value, and its range" {
    refuses "--nonsense: unknown option" --nonsense
    refuses "--rounds: needs a value" --rounds
    refuses "--rounds 0: not a number from 1 to 1000" --rounds 0
    refuses "--rounds x: not a number from 1 to 1000" --rounds x
    refuses "--files -1: not a number from 1 to 1000000" --files=-1
    refuses "--size 1e6: not a number from 1 to 68719476736" --size 1e6
    refuses "--load big: not one of files, stream, random, direct" --load big
    refuses "--size 5000: --load direct needs a multiple of 4096" \
        --load direct --size 5000
    refuses "--cold: --load direct does not use the page cache" \
        --load direct --cold
    refuses "x: --write overwrites files, so it writes only files that it makes" \
        --write x
    refuses "x: --load stream makes its file itself" --load stream x
    for word in pool pool-0 pool-1025 ring-x sync-2 libuv-4 nonsense ""; do
        refuses "--only $word: not one of sync, pool-N, posix-aio, libuv, \
ring-N, with N from 1 to 1024; at most 16" --only "$word"
        [ -z "$word" ] || refuses "--only $word: not one of sync, pool-N, \
posix-aio, libuv, ring-N, with N from 1 to 1024; at most 16" \
            --only "sync,$word,ring-1"
    done
    is_clean
}

# bats test_tags=manners
@test "help and version exit with 0" {
    run "$bench" --help
    exits 0
    [[ $output == "Usage: bench [OPTION]"* ]]
    run "$bench" --version
    [ "$output" = "bench (one-ring) 0.1" ]
}

bench_sh()
{
    echo "$BATS_TEST_DIRNAME/../../phase6/bench.sh"
}

@test "bench.sh names the machine and measures every load" {
    run "$(bench_sh)" --bin "$BIN" --dir "$TMPDIR" --own --rounds 1 --files 20 \
        --only files --markdown
    exits 0
    [[ $output == *"| measurement | \`sync\` | \`ring-1\` | "* ]]
    [ "$(grep -c '^| `files-write` | [0-9.]* ms | [0-9.]* (.*) | ' <<<"$output")" \
        -eq 2 ]
    [[ ${lines[0]} == "machine "* ]]
    [[ $output == *"files-read: bench --files 20"* ]]
    [[ $output == *"read 20 files, 81920 bytes, warm, 1 rounds"* ]]
    [[ $output == *"write 20 files, 81920 bytes, warm, 1 rounds"* ]]
    is_clean
    run "$(bench_sh)" --nonsense
    exits 2
}

@test "bench.sh counts system calls by strace" {
    needs_strace
    run "$(bench_sh)" --bin "$BIN" --dir "$TMPDIR" --calls --files 30
    exits 0
    [[ $output == *"strategy   printed by bench   seen by strace"* ]]
    # strace also sees the calls of the set-up and of the child's end.
    read -r name printed seen _ <<<"$(grep '^sync ' <<<"$output")"
    [ "$name" = sync ]
    [ "$printed" -eq 120 ]
    [ "$seen" -gt 120 ]
    [ "$seen" -lt 220 ]
    is_clean
}

@test "bench.sh plots what it has measured" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    mkdir plots
    run "$(bench_sh)" --bin "$BIN" --dir "$TMPDIR" --own --rounds 1 --files 20 \
        --only files-read --plots plots
    exits 0
    for name in depth cache where; do
        grep -q '<svg' plots/bench-$name.svg
        grep -q files-read plots/bench-$name.svg
    done
    is_clean
}
