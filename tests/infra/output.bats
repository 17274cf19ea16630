#!/usr/bin/env bats
# No program ends with 0 if its output was lost: /dev/full refuses every write.

bats_require_minimum_version 1.5.0
load ../support/await

setup()
{
    cd "$BATS_TEST_DIRNAME/../.." || return
    [ -x build/phase8/echo ] || skip "the programs are not built"
}

teardown()
{
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
}

# COMMAND...: fails because of its stdout.
loses() # COMMAND...
{
    local code=0
    timeout 200 "$@" >/dev/full 2>"$BATS_TEST_TMPDIR/err" 3>&- || code=$?
    [ "$code" -ne 0 ] || { echo "exit code 0 of: $*"; return 1; }
    [ "$code" -ne 124 ] || { echo "no end of: $*"; return 1; }
}

@test "--help and --version into a full stdout are failures" {
    for program in build/phase[0-46-9]/* build/phase10/*; do
        [ -f "$program" ] && [ -x "$program" ] || continue
        case $program in
        */first-task) continue ;; # it has no such options
        esac
        for option in --help --version; do
            loses "$program" $option
            grep -q 'stdout: .*(ENOSPC)' "$BATS_TEST_TMPDIR/err"
        done
    done
}

@test "a report into a full stdout is a failure" {
    loses build/phase0/envcheck
    loses build/phase0/envcheck --json
    loses build/phase2/batch LICENSE
    loses build/phase3/bench-switch --slices 1
    loses build/phase3/depth 1
    loses build/phase3/many-tasks 1
    loses build/phase3/pipeline LICENSE
    loses build/phase3/tour
    loses build/phase4/bench-timers --timers 1 --rounds 1
    loses build/phase4/bridge-bench --ops 1
    loses build/phase4/lookup localhost
    loses build/phase4/wakes
    loses build/phase6/bench --rounds 1 --files 1 --size 1
    loses build/phase9/httpbench --rounds 1
    loses build/phase9/httpparse < <(printf 'GET / HTTP/1.0\r\n\r\n')
}

@test "a server whose first line was lost serves, and fails at its end" {
    local code socket=$BATS_TEST_TMPDIR/socket
    for program in phase8/echo phase9/hello phase10/serve; do
        build/$program --bind "unix:$socket" >/dev/full \
            2>"$BATS_TEST_TMPDIR/err" 3>&- &
        server=$!
        await_that --from "$server" [ -S "$socket" ]
        kill "$server"
        code=0
        wait "$server" || code=$?
        [ "$code" -eq 1 ]
        grep -q 'stdout: .*(E' "$BATS_TEST_TMPDIR/err"
    done
    start_listening "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" \
        build/phase8/echo --port 0
    # shellcheck disable=SC2154 # start_listening sets it
    loses build/phase8/echo-client --port "$port" --bytes 64 --seconds 0
}

@test "a server started with stdin, stdout, and stderr closed ends with 0" {
    local socket=$BATS_TEST_TMPDIR/socket
    for program in phase8/echo phase9/hello phase10/serve; do
        build/$program --bind "unix:$socket" <&- >&- 2>&- 3>&- &
        server=$!
        await_that --from "$server" [ -S "$socket" ]
        for fd in 0 1 2; do
            [ "$(readlink "/proc/$server/fd/$fd")" = /dev/null ]
        done
        kill "$server"
        wait "$server"
    done
}
