# httpparse on the command line: its lines, its exit codes, its limits.
# corpus_command.c has the streams that it must accept or refuse.
#
# A learner's httpparse may write its JSON in another way: json-plain brings both
# into one form before a test compares them.
#
# Judges: httpparse.

load ../support/judge
load ../support/await

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    parse=$BIN/httpparse
    if [ -n "${LEARNER-}" ] && [ -x "$TOOLS/json-plain" ]; then
        parse=$PWD/httpparse
        # The last line is what the wrapper prints, so that its quotes are safe.
        printf '#!/bin/bash\nset -o pipefail\n"%s/httpparse" "$@" | "%s/json-plain"\n' \
            "$BIN" "$TOOLS" >"$parse"
        chmod +x "$parse"
    fi
    get='GET /x HTTP/1.1\r\nHost: a\r\n\r\n'
    get_line='{"method":"GET","target":"/x","version":"1.1","headers":[["Host","a"]],"body":"","trailers":[],"keep_alive":true}'
}

# TEXT: the output is this text. The "reason" of a learner's parser is its own
# text and is not compared.
prints()
{
    local wanted=$1 got=$output
    if [ -n "${LEARNER-}" ]; then
        wanted=$(without_reason <<<"$wanted")
        got=$(without_reason <<<"$got")
    fi
    [ "$got" != "$wanted" ] || return 0
    [ ! -f stream ] ||
        echo "run:      httpparse <stream; stream: $(head -c 300 stream | cat -A)"
    echo "expected: $wanted"
    echo "got:      $got"
    return 1
}

without_reason()
{
    sed 's/"reason":"[^"]*"/"reason":""/'
}

# FORMAT EXIT-CODE: parses that stream into $output.
stream()
{
    # The format is the test's own text.
    # shellcheck disable=SC2059
    printf "$1" >stream
    run --keep-empty-lines "-$2" "$parse" <stream
}

# Waits until the file "got" has the line of $get. Process $pid writes it.
await_request()
{
    output=$(await_line got "" "$pid") || {
        echo "run:      httpparse, whose stdin stays open behind one request"
        echo "expected: $get_line"
        echo "got:      nothing"
        return 1
    }
    prints "$get_line"
}

@test "a request is one line" {
    stream "$get" 0
    prints "$get_line
"
}

@test "an empty input is no request and no error" {
    stream '' 0
    [ -z "$output" ]
}

@test "an empty line at the end is no request" {
    stream "$get\r\n" 0
    prints "$get_line
"
}

@test "the output has trailers, a decoded body and keep_alive" {
    stream 'PUT /a?b HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi' 0
    prints '{"method":"PUT","target":"/a?b","version":"1.0","headers":[["Connection","keep-alive"],["Content-Length","2"]],"body":"aGk=","trailers":[],"keep_alive":true}
'
    stream 'PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\nA: b\r\nC:\r\n\r\n' 0
    prints '{"method":"PUT","target":"/","version":"1.1","headers":[["Host","a"],["Connection","close"],["Transfer-Encoding","chunked"]],"body":"aGkh","trailers":[["A","b"],["C",""]],"keep_alive":false}
'
}

# bats test_tags=errors
@test "a malformed request ends the output, with its offset in the stream, and exit 1" {
    stream "$get${get}GET / HTTP/1.1\r\nHost : a\r\n\r\n$get" 1
    prints "$get_line
$get_line
{\"error\":{\"status\":400,\"reason\":\"a field's name without a colon\"},\"offset\":76}
"
}

# bats test_tags=errors
@test "a malformed body ends the output, and its request is not printed" {
    stream 'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi!\r\n' 1
    prints '{"error":{"status":400,"reason":"no CR LF behind a chunk'"'"'s data"},"offset":60}
'
}

@test "nothing after the last request of a connection is parsed" {
    last='GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    last_line='{"method":"GET","target":"/x","version":"1.1","headers":[["Host","a"],["Connection","close"]],"body":"","trailers":[],"keep_alive":false}'
    for rest in "$get" 'GET' '\n' '\0\200 no request' 'GET / HTTP/1.1\r\n:\r\n'; do
        stream "$get$last$rest" 0
        prints "$get_line
$last_line
"
        knows httpparse --chunk || continue
        run -0 "$parse" --chunk 1 <stream
        prints "$get_line
$last_line"
    done
    stream 'PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi\n' 0
    [[ "$output" = *'"body":"aGk="'*'"keep_alive":false}'* ]]
}

# bats test_tags=errors
@test "an input that ends inside a message exits with 2 and names the part" {
    stream "${get}GET /" 2
    prints "$get_line
{\"error\":{\"status\":400,\"reason\":\"incomplete request line\"},\"offset\":33}
"
    stream 'GET / HTTP/1.1\r\nHost: a' 2
    prints '{"error":{"status":400,"reason":"incomplete header section"},"offset":23}
'
    stream 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhi' 2
    prints '{"error":{"status":400,"reason":"incomplete body"},"offset":48}
'
    stream 'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b' 2
    prints '{"error":{"status":400,"reason":"incomplete trailers"},"offset":62}
'
}

@test "a body of any length is its base64" {
    head -c 100 /dev/urandom >bytes
    for len in 0 1 2 3 4 5 6 7 63 64 65 100; do
        head -c "$len" bytes >body
        {
            printf 'PUT / HTTP/1.0\r\nContent-Length: %d\r\n\r\n' "$len"
            cat body
        } | "$parse" >got
        grep -F "\"body\":\"$(base64 -w0 body)\"," got
    done
}

@test "a large body in many chunks is its base64" {
    head -c 1000000 /dev/urandom >body
    {
        printf 'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
        for skip in 0 1 2 3 4 5 6 7 8 9; do
            printf '%x\r\n' 100000
            dd if=body bs=100000 skip=$skip count=1 status=none
            printf '\r\n'
        done
        printf '0\r\n\r\n'
    } | "$parse" >got
    printf '{"method":"PUT","target":"/","version":"1.1","headers":[["Host","a"],["Transfer-Encoding","chunked"]],"body":"%s","trailers":[],"keep_alive":true}\n' \
        "$(base64 -w0 body)" | same_bytes - got
}

# bats test_tags=interruptions
@test "--chunk does not change one byte of the output" {
    has_option httpparse --chunk
    {
        # shellcheck disable=SC2059
        printf "$get"
        printf '\r\nPUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
        printf '5;a="b"\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nA: b\r\nC: d\r\n\r\n'
        printf 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nhi\0\r\n\r\n'
        printf 'GET / HTTP/1.1\r\nHost: a\r\nX: \xfc"\\\t.\r\n\r\n'
        # shellcheck disable=SC2059
        printf "$get"
    } >stream
    for tail in '' 'GET' 'GET / HTTP/1.1\nHost: a\r\n\r\n' '\r\n'; do
        # shellcheck disable=SC2059
        { cat stream && printf "$tail"; } >longer
        code=0
        "$parse" <longer >whole || code=$?
        [ "$(wc -l <whole)" -ge 5 ]
        for n in 1 2 3 4 5 7 16 64 100 1000 70000 9223372036854775807; do
            run "-$code" "$parse" --chunk "$n" <longer
            [ "$output" = "$(cat whole)" ]
        done
    done
}

@test "bytes that are not ASCII are escaped, and the output is JSON" {
    stream 'GET / HTTP/1.1\r\nHost: a\r\nX: \x80\xfc\xff "q" \\ \t/~\r\n\r\n' 0
    [[ "$output" = *'["X","\u0080\u00fc\u00ff \"q\" \\ \u0009/~"]'* ]]
    if [ -x "$TOOLS/json-check" ]; then
        "$parse" <stream | "$TOOLS/json-check" --lines
    fi
}

# bats test_tags=interruptions
@test "a request is printed before the next one has come" {
    mkfifo pipe
    "$parse" <pipe >got 3>&- &
    pid=$!
    exec 5>pipe
    # shellcheck disable=SC2059
    printf "$get" >&5
    await_request
    exec 5>&-
    wait "$pid"
}

# bats test_tags=interruptions
@test "--chunk does not wait for the rest of a chunk" {
    has_option httpparse --chunk
    mkfifo pipe
    "$parse" --chunk 1000 <pipe >got 3>&- &
    pid=$!
    exec 5>pipe
    # shellcheck disable=SC2059
    printf "$get" >&5
    await_request
    exec 5>&-
    wait "$pid"
}

# bats test_tags=errors
@test "a body over --max-body is 413, of either kind" {
    has_option httpparse --max-body
    printf 'PUT / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello' >stream
    "$parse" --max-body 5 <stream
    run -1 "$parse" --max-body 4 <stream
    prints '{"error":{"status":413,"reason":"a Content-Length over the limit"},"offset":32}'
    printf 'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n' >stream
    "$parse" --max-body 5 <stream
    run -1 "$parse" --max-body 4 <stream
    prints '{"error":{"status":413,"reason":"a body over the limit"},"offset":65}'
    run -1 "$parse" --max-body 0 <stream
    stream "$get" 0
    "$parse" --max-body 0 <stream
}

# bats test_tags=errors
@test "a body of 16 MiB is the longest, and needs less than 64 MiB of memory" {
    case $BIN in */asan/*) skip "the sanitizers reserve memory" ;; esac
    [ -z "${LEARNER-}" ] || skip "a learner's program may need more memory"
    max=16777216
    for len in $max $((max + 1)); do
        {
            printf 'PUT / HTTP/1.0\r\nContent-Length: %d\r\n\r\n' "$len"
            head -c "$len" /dev/zero
        } >"stream.$len"
    done
    bytes=$(bash -c 'ulimit -v 65536; "$1" <"$2"' bash "$parse" stream.$max | wc -c)
    # Base64 has 4 bytes for 3; the rest of the line is short.
    [ "$((bytes / 1000))" -eq $((max / 3 * 4 / 1000)) ]
    run -1 "$parse" <stream.$((max + 1))
    prints '{"error":{"status":413,"reason":"a Content-Length over the limit"},"offset":32}'
}

# bats test_tags=errors
@test "an option sets each limit of a head" {
    # The option, its highest value that refuses this head, and the error.
    printf 'GET / HTTP/1.0\r\nA: b\r\n\r\n' >stream
    while read -r option limit error offset; do
        has_option httpparse "--$option"
        "$parse" "--$option" $((limit + 1)) <stream
        run -1 "$parse" "--$option" "$limit" <stream
        [[ "$output" = *"\"status\":$error,"*"\"offset\":$offset}" ]]
    done <<'LIMITS'
max-line 13 414 13
max-field 3 431 19
max-head 23 431 23
max-fields 0 431 16
LIMITS
    printf 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n' >stream
    "$parse" --max-trailers 8 <stream
    run -1 "$parse" --max-trailers 7 <stream
    [[ "$output" = *'"status":431,'*'"offset":65}' ]]
}

# bats test_tags=errors
@test "a line without an end is refused at the limit, not waited for" {
    # Not endless: a parser that waits for the end gets to it.
    printf 'GET / HTTP/1.1\r\nHost: a\r\nX: ' >stream
    head -c 32M /dev/zero | tr '\0' y >>stream
    run -1 "$parse" <stream
    prints '{"error":{"status":431,"reason":"a field line over the limit"},"offset":8217}'
    # It does not wait for what follows the limit.
    mkfifo pipe
    timeout 100 "$parse" <pipe >got 3>&- &
    pid=$!
    exec 5>pipe
    head -c 8218 stream >&5 || true # the last byte may come too late
    code=0
    wait "$pid" || code=$?
    exec 5>&-
    [ "$code" -ne 124 ] || echo "it waits for more bytes after the limit"
    [ "$code" -eq 1 ]
}

# bats test_tags=errors
@test "an unreadable stdin is reported with exit 1" {
    run -1 --separate-stderr "$parse" <.
    says "httpparse: cannot read stdin: " "(EISDIR)"
}

# bats test_tags=errors
@test "a full stdout is reported with exit 1" {
    [ -c /dev/full ] || skip "no /dev/full"
    # shellcheck disable=SC2059
    printf "$get$get" >stream
    run -1 --separate-stderr sh -c '"$1" <stream >/dev/full' sh "$BIN/httpparse"
    says "httpparse: cannot write to stdout: " "(ENOSPC)"
}

# bats test_tags=errors
@test "wrong usage exits with 2 and prints the usage" {
    has_option httpparse --chunk
    for option in --chunk=0 --chunk=x --chunk=-1 --chunk= --chunk=+1 \
        --max-body=1k --max-body=18446744073709551616 --nonsense; do
        run -2 "$parse" "$option" </dev/null
        [ -n "$output" ]
    done
    run -2 --separate-stderr "$parse" file </dev/null
    says "'file'" "--help"
}

# bats test_tags=manners
@test "--help and --version answer on stdout" {
    for program in httpparse httpbench hello; do
        [ -x "$BIN/$program" ] || continue
        "$BIN/$program" --help | grep "^Usage: $program"
        [ "$("$BIN/$program" --version)" = "$program (one-ring) 0.1" ]
    done
}
