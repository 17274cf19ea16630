# adversary against serve; and adversary itself, against web servers with a
# fault.
#
# Judges: serve.

load ../support/judge
load ../support/adversity

AT=127.0.0.1:0/small

setup()
{
    need_adversary
    cd "$BATS_TEST_TMPDIR" || return
    mkdir root
    head -c 20000 /dev/urandom >root/small
    head -c 6000000 /dev/urandom >root/large
}

serve_survives() # ATTACK,...
{
    need serve
    survives http "$1" "$BIN/serve" --root root --port '{port}'
}

@test "serve sends the right bytes to peers that send and read oddly" {
    serve_survives slow-reader,half-close,byte-at-a-time,two-and-a-half,reconnect-storm
}

# bats test_tags=interruptions
@test "serve survives resets, half requests, and signals" {
    serve_survives rst-storm,half-request,stop-cont,sigterm
}

# bats test_tags=exotic
@test "serve survives peers that never read, no fds, and a kill" {
    serve_survives never-reader,fd-exhaustion,slow-senders,restart
}

# bats test_tags=exotic
@test "a web server without a fault survives each attack" {
    survives http "" "$faulty" --http --port '{port}'
    [ "${#lines[@]}" -eq "$("$adversary" --list | wc -l)" ]
}

# bats test_tags=exotic
@test "each fault of a web server is found by its attack, and named" {
    finds_each http <<'FAULTS'
loses-tail half-close lost the tail
hoards never-reader it hoards
blocks never-reader live peer
leaks-fds rst-storm it leaks fds
sigpipe rst-storm signal 13 (SIGPIPE)
keeps-half half-request the server keeps their connections open
one-read byte-at-a-time another status than the first answer
first-only two-and-a-half were not answered
leaks-memory reconnect-storm it leaks memory
spins fd-exhaustion it spins
forgets fd-exhaustion it forgot
small-table slow-senders live peer
eintr stop-cont the server ended: exit code 1
no-reuse restart it did not start again on its port
cuts sigterm requests in flight
drops-backlog sigterm requests in the backlog
ignores-term sigterm it had not ended
FAULTS
}

# bats test_tags=errors
@test "a file that is not there is not worth an attack" {
    run -2 --separate-stderr timeout 60 "$adversary" \
        --http 127.0.0.1:0/none -- "$BIN/serve" --root root --port '{port}'
    says "answers 'GET /none HTTP/1.1' with 404, not with 200"
}
