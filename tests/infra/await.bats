#!/usr/bin/env bats
# tests/support/await.bash: waits that neither read too early nor wait too long.
# shellcheck disable=SC2016 # the quoted texts are programs

bats_require_minimum_version 1.5.0

load ../support/await

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    mkfifo go
}

teardown()
{
    # shellcheck disable=SC2154 # start_behind sets it
    [ -z "${started-}" ] || kill -KILL "$started" 2>/dev/null || true
}

# A program that waits for a line in the FIFO "go", and then runs SCRIPT.
after_go() # SCRIPT
{
    bash -c 'read -r _ <go; '"$1" 3>&- &
    started=$!
}

# FILE TEXT: what await_line prints, in the file "found". It has begun to wait when
# this returns: it has looked at FILE at least once.
begin_to_await()
{
    PS4='looks ' BASH_XTRACEFD=8 bash -xc '. "$0"; await_line "$@" >found' \
        "$BATS_TEST_DIRNAME/../support/await.bash" "$@" 8>looks 3>&- &
    waiter=$!
    await_that grep -qs 'sleep 0.02' looks
}

@test "await_line prints what follows the text in a line that is there" {
    printf 'first\nlistening on tcp://[::1]:80\nlistening on x\n' >out
    [ "$(await_line out "listening on ")" = "tcp://[::1]:80" ]
}

@test "await_line waits for a file that is made late" {
    after_go 'echo listening on here >out; read -r _ <go'
    begin_to_await out "listening on " "$started"
    [ ! -e out ]
    echo >go
    wait "$waiter"
    [ "$(cat found)" = here ]
}

@test "await_line waits for the end of a line that is there in part" {
    after_go 'echo 67 >>out; read -r _ <go'
    printf 'listening on 12345' >out
    begin_to_await out "listening on " "$started"
    echo >go
    wait "$waiter"
    [ "$(cat found)" = 1234567 ]
}

@test "await_line ignores a text that is not in a line of this file" {
    AWAIT_S=1
    printf 'listens\nlistening at x\nlistening on x' >out
    run -1 await_line out "listening on "
    [[ $output == "no line with 'listening on ' in out within 1 s"* ]]
    [[ $output == *"listening at x"* ]]
}

@test "await_line fails at once if the program has ended, with what it printed" {
    AWAIT_S=600
    start_behind out err bash -c 'echo no room; exit 1'
    run -1 await_line out "listening on " "$started"
    [ "$output" = "the program ended before it printed 'listening on ' to out
no room" ]
}

@test "await_line finds the last line of a program that has ended" {
    start_behind out err echo listening on here
    wait "$started"
    [ "$(await_line out "listening on " "$started")" = here ]
}

# A zombie answers kill -0.
@test "a program that ended without a wait is not running" {
    start_behind out err bash -c '(read -r _ <go) & echo $!; exec tail -f /dev/null'
    zombie=$(await_line out "" "$started")
    # bash would wait for its child, and tail does not.
    await_that grep -qx tail "/proc/$started/comm"
    echo >go
    await_that grep -q '^State:.Z' "/proc/$zombie/status"
    kill -0 "$zombie"
    ! is_running "$zombie"
    is_running "$started"
    await_gone "$zombie"
}

# The lines of the first start would name a server that is gone.
@test "start_behind hides the lines of an earlier start" {
    echo listening on old >out
    echo failed >err
    start_behind out err bash -c 'read -r _ <go; echo listening on new; read -r _ <go'
    [ ! -s out ]
    [ ! -s err ]
    echo >go
    [ "$(await_line out "listening on " "$started")" = new ]
}

@test "start_listening sets the server, its address, and its port" {
    start_listening out err bash -c 'echo listening on http://[::1]:8080
        exec tail -f /dev/null'
    # shellcheck disable=SC2154 # start_listening sets them
    [ "$server $address $port" = "$started http://[::1]:8080 8080" ]
}

@test "start_listening shows the message of a server that does not start" {
    AWAIT_S=600
    run -1 start_listening out err bash -c 'echo no room >&2; exit 2'
    [[ $output == *"bash does not listen"*"no room" ]]
}

@test "await_that waits until a command succeeds, and names it if it does not" {
    after_go 'touch done; read -r _ <go'
    echo >go
    await_that --from "$started" [ -e done ]
    AWAIT_S=1
    run -1 await_that [ -e none ]
    [ "$output" = "not true within 1 s: [ -e none ]" ]
}

@test "await_that fails at once if the program has ended" {
    AWAIT_S=600
    start_behind out err true
    run -1 await_that --from "$started" [ -e none ]
    [ "$output" = "the program ended before this was true: [ -e none ]" ]
}

@test "a wait that fails ends its test" {
    printf '%s\n' "load $BATS_TEST_DIRNAME/../support/await" \
        '@test "it waits" {' '    AWAIT_S=1' '    at=$(await_line none x)' \
        '    touch "$BATS_TEST_DIRNAME/went-on"' '}' >one.bats
    run -1 bats one.bats
    [[ $output == *"no line with 'x' in none within 1 s"* ]]
    [ ! -e went-on ]
}
