#!/usr/bin/env bats
# httpbench: it measures each parser on each request, and bench.sh prints it.
#
# Judges: httpbench.

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

@test "httpbench measures each request with each parser" {
    "$BIN/httpbench" --rounds 3 >got
    for request in smallest wrk curl browser cookies; do
        for parser in states plain; do
            grep -E "^ *[0-9.]+ +$request +[0-9]+ +$parser +[0-9.]+ +[0-9.]+$" got
        done
    done
    grep -E '^ +1\.00 +smallest +40 +states ' got
    grep -E '^in one chunk +[0-9.]+$' got
    grep -E '^byte by byte +[0-9.]+$' got
    grep -E '^byte by byte, each time from the start +[0-9.]+$' got
    for wrong in 0 -1 1x ""; do
        run -2 "$BIN/httpbench" --rounds "$wrong"
    done
}

@test "httpbench measures the request at the start of a file" {
    printf 'PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nb' >request
    "$BIN/httpbench" --rounds 1 request >got
    grep -E '^ *[0-9.]+ +file +47 +states ' got
    [ "$(grep -c file got)" -eq "$(($(wc -l <got) - 1))" ]
}

@test "httpbench refuses a file that is not a request" {
    run -1 --separate-stderr "$BIN/httpbench" /nowhere
    [[ $stderr == *"cannot read '/nowhere'"*ENOENT* ]]
    printf 'GET / HTTP/1.1\r\nHost: a\r\n' >part
    run -1 --separate-stderr "$BIN/httpbench" part
    [[ $stderr == *"it is incomplete"* ]]
    printf 'GET / HTTP/1.1\r\nHost : a\r\n\r\n' >invalid
    run -1 --separate-stderr "$BIN/httpbench" invalid
    [[ $stderr == *"at offset 20"* ]]
}

compile_peer() # BODY of httpbench_peer
{
    printf '#include <stddef.h>
int httpbench_peer(const char *bytes, size_t len) { (void)bytes; %s }' "$1" |
        cc -shared -fPIC -o peer.so -x c -
}

@test "httpbench compares with a peer" {
    compile_peer 'for (volatile int i = 0; i < 20; i++) ; return (int)len;'
    "$BIN/httpbench" --rounds 3 --peer ./peer.so >got
    [ "$(grep -cE '^ +1\.00 +[a-z]+ +[0-9]+ +peer ' got)" -eq 5 ]
}

@test "httpbench refuses a peer with another result" {
    compile_peer 'return (int)len - 1;'
    run -1 --separate-stderr "$BIN/httpbench" --peer ./peer.so
    [[ $stderr == *"peer does not accept 'smallest'"* ]]
    echo 'int x;' | cc -shared -fPIC -o other.so -x c -
    run -2 --separate-stderr "$BIN/httpbench" --peer ./other.so
    [[ $stderr == *httpbench_peer* ]]
    run -2 --separate-stderr "$BIN/httpbench" --peer ./missing.so
    [[ $stderr == *missing.so* ]]
}

@test "bench.sh prints each table once, of several rounds" {
    "$BATS_TEST_DIRNAME/../../phase9/bench.sh" --rounds 2 --slices 1 "$BIN" >got
    [ "$(grep -c ' browser .* states ' got)" -eq 1 ]
    [ "$(grep -c '^  byte by byte, each time' got)" -eq 1 ]
    run -2 "$BATS_TEST_DIRNAME/../../phase9/bench.sh" --nonsense
}
