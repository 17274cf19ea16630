# serve behind HAProxy: its health checks, and a rolling restart of all back ends
# under load, in which no request fails.
#
# Judges: serve.

load ../support/judge
load ../support/await

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    serve=$BIN/serve
    PATH=$TOOLS:$PATH:/usr/sbin # http-load
    command -v haproxy >/dev/null || skip "no haproxy"
    command -v curl >/dev/null || skip "no curl"
    pids=
    mkdir root
    echo hello >root/f
    head -c 3000000 /dev/urandom >root/long # an answer that can be cut
}

teardown()
{
    # shellcheck disable=SC2086 # several
    [ -z "${pids-}" ] || kill -KILL $pids 2>/dev/null || true
}

# NAME PORT: a back end, its process in ${server[NAME]}, its port in
# ${port[NAME]}.
declare -gA server port
back_end()
{
    local at

    start_behind "out.$1" "err.$1" "$serve" --root root --port "$2"
    # shellcheck disable=SC2154 # start_behind sets it
    server[$1]=$started
    pids="$pids $started"
    at=$(await_line "out.$1" "listening on " "$started")
    port[$1]=${at##*:}
}

# Starts HAProxy in front of the back ends a and b, at the port $front. The
# configuration is the one of docs/deploy.md, with faster checks.
front_end()
{
    local tries

    for tries in 1 2 3; do # another program may take the port
        rm -f stats
        start_front_end
        await_that --from "$proxy" [ -S stats ] && return
    done
    cat haproxy.out
    return 1
}

start_front_end()
{
    # A port that was free a moment ago.
    back_end front 0
    front=${port[front]}
    kill -TERM "${server[front]}"
    wait "${server[front]}"
    sed -n '/^defaults/,/^```/p' "$BATS_TEST_DIRNAME/../../docs/deploy.md" |
        sed -e '/^```/d' -e "s/inter 2s/inter 50ms/" -e "s/bind :80/bind 127.0.0.1:$front/" \
            -e "s/127.0.0.1:8081/127.0.0.1:${port[a]}/" \
            -e "s/127.0.0.1:8082/127.0.0.1:${port[b]}/" >haproxy.cfg
    printf '%s\n' 'listen stats' '  mode http' "  bind unix@$PWD/stats" \
        '  stats enable' '  stats uri /stats' >>haproxy.cfg
    haproxy -db -f haproxy.cfg >haproxy.out 2>&1 3>&- &
    proxy=$!
    pids="$pids $proxy"
}

# NAME STATE: waits until HAProxy finds the back end UP or DOWN.
await()
{
    await_that is_reported "$@"
}

is_reported() # NAME STATE
{
    curl -sS --unix-socket stats 'http://a/stats;csv' |
        awk -F, -v name="$1" -v state="$2" \
            '$2 == name && $18 ~ "^" state { found = 1 } END { exit !found }'
}

# bats test_tags=exotic
@test "haproxy's health checks find a server that stops, and one that is back" {
    back_end a 0
    back_end b 0
    front_end
    await a UP
    await b UP
    [ "$(curl -sS "http://127.0.0.1:$front/f")" = hello ]
    kill -TERM "${server[a]}"
    wait "${server[a]}"
    await a DOWN
    for _ in 1 2 3 4; do
        [ "$(curl -sS --fail "http://127.0.0.1:$front/f")" = hello ]
    done
    back_end a "${port[a]}"
    await a UP
}

# Clients with many connections each, and clients with a new one per request.
# bats test_tags=exotic
@test "a rolling restart of all back ends under load fails no request" {
    command -v http-load >/dev/null || skip "no http-load beside these tests"
    back_end a 0
    back_end b 0
    front_end
    await a UP
    await b UP
    http-load --port "$front" --path /long --conns 16 --seconds 3600 >load 2>&1 3>&- &
    load=$!
    pids="$pids $load"
    (while [ ! -e stop ]; do
        curl -sS -m 100 --fail -o /dev/null "http://127.0.0.1:$front/long" || echo failed
    done >curls 2>&1 3>&-) &
    curls=$!
    for name in a b a b; do
        kill -0 $load
        kill -TERM "${server[$name]}"
        wait "${server[$name]}" # 0
        await $name DOWN
        back_end $name "${port[$name]}"
        await $name UP
    done
    kill -0 $load
    kill -TERM $load
    touch stop
    wait $curls
    run cat curls
    [ -z "$output" ]
    wait $load || { cat load; false; }
    run -0 grep -qx 'not_ok 0' load
}
