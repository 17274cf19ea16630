# adversary against echo; and adversary itself, against servers with a fault.
#
# Judges: echo.

load ../support/judge
load ../support/adversity
load ../support/await

AT=127.0.0.1:0

setup()
{
    need_adversary
}

teardown()
{
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
}

@test "echo returns the right bytes to peers that send and read oddly" {
    need echo
    survives tcp slow-reader,half-close,byte-at-a-time,two-and-a-half,reconnect-storm \
        "$BIN/echo" --port '{port}'
}

# bats test_tags=interruptions
@test "echo survives resets, half messages, and signals" {
    need echo
    survives tcp rst-storm,half-request,stop-cont,sigterm \
        "$BIN/echo" --port '{port}'
}

# bats test_tags=exotic
@test "echo survives peers that never read, no fds, and a kill" {
    need echo
    survives tcp never-reader,fd-exhaustion,slow-senders,restart \
        "$BIN/echo" --port '{port}'
}

# bats test_tags=exotic
@test "a server without a fault survives each attack" {
    survives tcp "" "$faulty" --port '{port}'
    [ "${#lines[@]}" -eq "$("$adversary" --list | wc -l)" ]
}

# bats test_tags=exotic
@test "each fault of an echo server is found by its attack, and named" {
    finds_each tcp <<'FAULTS'
drops-bytes slow-reader bytes are missing
mixes-bytes slow-reader bytes of another peer
loses-tail half-close lost the tail
hoards never-reader it hoards
blocks never-reader live peer
leaks-fds rst-storm it leaks fds
sigpipe rst-storm signal 13 (SIGPIPE)
keeps-half half-request the server keeps their connections open
one-read byte-at-a-time were not answered
first-only two-and-a-half bytes are missing
leaks-memory reconnect-storm it leaks memory
stale reconnect-storm bytes of another peer
spins fd-exhaustion it spins
forgets fd-exhaustion it forgot
small-table slow-senders slow peers were not answered
eintr stop-cont the server ended: exit code 1
no-reuse restart it did not start again on its port
cuts sigterm requests in flight
drops-backlog sigterm requests in the backlog
ignores-term sigterm it had not ended
FAULTS
}

# bats test_tags=exotic
@test "adversary needs only a pid, and restores the limit of open files" {
    start_listening "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" "$faulty"
    limit=$(grep 'open files' "/proc/$server/limits")
    run -0 --separate-stderr timeout 200 "$adversary" --pid "$server" --peers 60 \
        --seconds 1 --bound-ms 10000 --attack fd-exhaustion --attack restart \
        --tcp "${address##*/}"
    [[ ${lines[0]} == "survived fd-exhaustion "*"60 of 60 served"* ]]
    [ "${lines[1]}" = "skipped  restart         needs a command, to start the server again" ]
    [ "$(grep 'open files' "/proc/$server/limits")" = "$limit" ]
}

# bats test_tags=exotic
@test "--json is JSON, with the figures of each attack" {
    run -0 --separate-stderr timeout 200 "$adversary" --tcp $AT --json \
        --peers 10 --seconds 1 --bound-ms 10000 --attack half-request \
        --attack restart -- "$faulty" --port '{port}'
    "$TOOLS/json-check" <<<"$output"
    [[ $output == *'"attack":"half-request","survived":true,"fault":null'* ]]
    [[ $output == *'"worst_ms":null'* ]]
}

# bats test_tags=manners
@test "docs/adversary.md explains each attack" {
    doc=$BATS_TEST_DIRNAME/../../docs/adversary.md
    while read -r name _; do
        grep -qx "### $name" "$doc"
    done < <("$adversary" --list)
}

# bats test_tags=errors
@test "adversary attacks only this machine unless it is told to" {
    run -2 --separate-stderr "$adversary" --tcp 192.0.2.1:80
    says "192.0.2.1:80 is not an address of this machine" "--anywhere"
    run -2 --separate-stderr "$adversary" --http '[2001:db8::1]:80/'
    says "is not an address of this machine"
}

# bats test_tags=errors
@test "a command line that names no target, or no attack, is refused" {
    run -2 --separate-stderr "$adversary"
    says "it takes --tcp or --http"
    run -2 --separate-stderr "$adversary" --tcp $AT --http $AT
    says "it takes --tcp or --http"
    run -2 --separate-stderr "$adversary" --tcp $AT
    says "port 0 needs a command"
    run -2 --separate-stderr "$adversary" --tcp 127.0.0.1
    says "it takes HOST:PORT"
    run -2 --separate-stderr "$adversary" --tcp example.org:80
    says "it takes a numeric address"
    run -2 --separate-stderr "$adversary" --tcp $AT --attack rst-strom
    says "--attack rst-strom: no such attack" "--list"
    run -2 --separate-stderr "$adversary" --tcp 127.0.0.1:1
    says "does not work before the first attack" "Connection refused"
    run -2 --separate-stderr timeout 60 "$adversary" --tcp $AT -- false
    says "false: it ended before it listened"
}
