#!/usr/bin/env bats
# docs/traces: what the site replays is what the programs do.

bats_require_minimum_version 1.5.0

setup()
{
    root=$BATS_TEST_DIRNAME/../..
    for program in trace/phase1/cat-raw trace/phase2/batch phase3/ladder-coroutine \
        phase8/echo phase10/serve; do
        [ -x "$root/build/$program" ] || skip "build/$program is not built"
    done
    "$root/build/phase0/envcheck" >/dev/null 2>&1 || [ $? -eq 1 ] ||
        skip "no ring works here"
    cd "$BATS_TEST_TMPDIR" || return
}

# What a trace has in each run, whatever completes first: the line about it, and
# how many SQEs of each operation.
summary() # FILE
{
    grep '"event":"about"' "$1"
    sed -n 's/.*"event":"sqe".*"operation":"\([A-Z0-9_]*\)".*/\1/p' "$1" |
        sort | uniq -c
}

@test "the traces of the site are what the programs do today" {
    "$root/tests/tools/traces" "$PWD/made"
    [ "$(ls made)" = "$(ls "$root/docs/traces")" ]
    for trace in made/*; do
        summary "$trace" >made.summary
        summary "$root/docs/traces/${trace#*/}" | diff - made.summary
    done
}

@test "each trace of the site is complete" {
    for trace in "$root"/docs/traces/*.jsonl; do
        [[ $(tail -n 1 "$trace") = *'"event":"end"'*'"dropped":0,"lost":0}' ]]
        sed '1s/^/[/; $!s/$/,/; $s/$/]/' "$trace" | "$root/build/tests/json-check"
    done
}
