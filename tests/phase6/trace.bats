#!/usr/bin/env bats
# --trace FILE of the programs that run a loop: the file is complete, and the
# program does what it does without it.

load ../support/judge
load ../support/await

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    build=${UNITS%/tests/phase6} # other phases, too
    judge_phases phase3 phase8 phase10
    unset pids
}

teardown()
{
    # shellcheck disable=SC2154 # empty in most tests
    [ -z "${pids:-}" ] || kill -KILL $pids 2>/dev/null || true
}

# Skips a tree without these phases' programs.
judge_phases() # PHASE...
{
    local phase
    for phase; do
        [ -d "$build/$phase" ] || skip "$phase is not built"
    done
}

is_json()
{
    "$TOOLS/json-check" "$@"
}

# FILE NAME: a number of the last line of JSON lines.
count_of()
{
    tail -n 1 "$1" | sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p"
}

# Waits for $pids, and sets $code to its exit code.
await_end()
{
    code=0
    wait "$pids" || code=$?
    unset pids
}

@test "the output of each program is the same with --trace" {
    seq 1 3000 >numbers
    for program in ladder-callback ladder-polled ladder-coroutine; do
        "$build/phase3/$program" --trace t.txt numbers numbers | cmp - \
            <(cat numbers numbers)
        [ -s t.txt ]
    done
    # tour prints results, but no times.
    cmp <("$build/phase3/tour") <("$build/phase3/tour" --trace t.txt)
    cmp <("$build/phase3/pipeline" --grep 7 --number numbers) \
        <("$build/phase3/pipeline" --trace t.txt --grep 7 --number numbers)
    [ "$("$build/phase3/many-tasks" --trace t.txt 100)" = \
        "100 of 100 tasks ran" ]
}

@test "a ladder's trace has a READ, a WRITE and a CLOSE for each file" {
    printf x >a
    printf y >b
    "$build/phase3/ladder-coroutine" --trace t.jsonl a b >/dev/null
    is_json --lines <t.jsonl
    [ "$(grep -c '"event":"sqe".*"operation":"OPENAT"' t.jsonl)" -eq 2 ]
    [ "$(grep -c '"event":"sqe".*"operation":"READ"' t.jsonl)" -eq 4 ]
    [ "$(grep -c '"event":"sqe".*"operation":"WRITE"' t.jsonl)" -eq 2 ]
    [ "$(grep -c '"event":"sqe".*"operation":"CLOSE"' t.jsonl)" -eq 2 ]
    [ "$(count_of t.jsonl sqes)" -eq 10 ]
    [ "$(count_of t.jsonl cqes)" -eq 10 ]
    [ "$(count_of t.jsonl dropped)" -eq 0 ]
}

@test "a Chrome trace is a JSON document with a slice per operation" {
    for i in 1 2 3 4 5 6 7 8; do echo $i >f$i; done
    "$build/phase3/ladder-coroutine" --trace t.json f? >/dev/null
    is_json <t.json
    [ "$(grep -o '"ph":"X"' t.json | wc -l)" -eq 40 ]
    command -v node >/dev/null || skip "node is not installed"
    # No two slices of one row overlap.
    node -e '
        const trace = JSON.parse(require("fs").readFileSync("t.json"));
        const end = {};
        for (const e of trace.traceEvents.filter((e) => e.ph === "X")) {
            const row = e.pid + "." + e.tid;
            if (e.ts < (end[row] ?? 0)) throw new Error("rows overlap");
            end[row] = Math.round((e.ts + e.dur) * 1000) / 1000;
        }
        if (Object.keys(end).length < 2) throw new Error("one row only");'
}

@test "the file's name or --trace-format selects the format" {
    : >empty
    ladder=$build/phase3/ladder-coroutine
    "$ladder" --trace t.json empty
    "$ladder" --trace t.jsonl empty
    "$ladder" --trace t empty
    "$ladder" --trace named.txt --trace-format jsonl empty
    [[ $(head -c 2 t.json) == '{"' ]]
    [ "$(wc -l <t.json)" -eq 1 ]
    is_json --lines <t.jsonl
    [[ $(head -c 2 t) == '# ' ]]
    is_json --lines <named.txt
}

@test "a trace that cannot be opened is a usage error, and nothing runs" {
    echo x >file
    for program in phase3/ladder-coroutine phase3/ladder-polled phase3/tour \
        phase8/echo phase10/serve; do
        arguments=()
        [[ $program != *ladder* ]] || arguments=(file)
        run -2 --separate-stderr "$build/$program" \
            --trace "$PWD/nowhere/x" "${arguments[@]}"
        [ -z "$output" ]
        [ "$stderr" = "${program#*/}: --trace $PWD/nowhere/x: No such file \
or directory (ENOENT); see --help" ]
    done
    run -2 --separate-stderr "$build/phase3/tour" --trace-format text
    [ "$stderr" = "tour: --trace-format needs --trace FILE; see --help" ]
    run -2 "$build/phase3/tour" --trace t --trace-format xml
}

@test "a full disk under the trace is reported, after the program's output" {
    echo x >file
    run -1 --separate-stderr "$build/phase3/ladder-coroutine" \
        --trace /dev/full file
    [ "$output" = x ]
    [ "$stderr" = "ladder-coroutine: cannot write the trace to '/dev/full': \
No space left on device (ENOSPC)" ]
}

@test "a program that hangs leaves its trace when SIGINT ends it" {
    mkfifo pipe
    exec 4<>pipe # so that the open does not wait
    env --default-signal=INT "$build/phase3/ladder-coroutine" \
        --trace t.txt pipe >out 3>&- 4<&- &
    pids=$!
    # It has printed the byte, and its next READ (opcode 22) waits in a poll.
    printf x >&4
    await_that --from "$pids" [ -s out ]
    ring=$(find "/proc/$pids/fd" -lname '*io_uring*' -printf %f)
    await_that --from "$pids" grep -qs op=22 "/proc/$pids/fdinfo/$ring"
    kill -INT "$pids"
    await_end
    [ "$code" -eq 130 ]
    # The last operation has no CQE: that is where the program hangs.
    run tail -n 2 t.txt
    [[ ${lines[0]} == *" > READ "*"user_data="* ]]
    [[ ${lines[1]} == "# "*" dropped, 0 lost" ]]
}

@test "the trace of a server has as many SQEs as its rings have counted" {
    start_listening out counters \
        "$build/phase8/echo" --port 0 --threads 2 --trace t.jsonl
    pids=$server
    "$build/phase8/echo-client" --port "$port" --conns 8 --bytes 20000 \
        --seconds 0 >/dev/null
    kill -TERM "$pids"
    await_end
    [ "$code" -eq 0 ]
    is_json --lines <t.jsonl
    sqes=$(count_of t.jsonl sqes)
    [ "$sqes" -gt 100 ]
    [ "$(grep -c '"event":"sqe"' t.jsonl)" -eq "$sqes" ]
    [ "$(grep -c '"event":"cqe"' t.jsonl)" -eq "$(count_of t.jsonl cqes)" ]
    [ "$(count_of t.jsonl dropped)" -eq 0 ]
    # Two threads, two rings.
    [ "$(sed -n 's/.*"ring":\([0-9]*\).*/\1/p' t.jsonl | sort -u | wc -l)" \
        -eq 2 ]
    # A multishot operation has many CQEs and one SQE.
    grep -q '"operation":"ACCEPT".*"cqe_flags":"more"' t.jsonl
}

@test "serve writes a trace of its requests" {
    command -v curl >/dev/null || skip "curl is not installed"
    mkdir root
    echo hello >root/index.html
    start_listening out err \
        "$build/phase10/serve" --root root --port 0 --trace t.txt
    pids=$server
    [ "$(curl -s --max-time 60 "$address/index.html")" = hello ]
    kill -TERM "$pids"
    await_end
    [ "$code" -eq 0 ]
    grep -q ' < OPENAT2 .* = [0-9]* after ' t.txt
    grep -q ' < SEND.* = [0-9]* after ' t.txt
}
