# serve and the clients that people use: conditions, parts of files, bodies. A
# program that is not installed skips its test.
#
# Judges: serve.

load ../support/judge
load ../support/await

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    serve=$BIN/serve
    PATH=$PATH:/usr/sbin # nginx
    pids=
    mkdir root
    echo hello >root/f
    seq 100000 >root/large
    start
}

teardown()
{
    # shellcheck disable=SC2086 # several
    [ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
}

# Starts a server of ./root, with its address in $url. Waits until the tags of
# its files are strong: the files were just written.
start()
{
    ln -s large root/link # never copied, so its tag is always that of now
    start_listening out err "$serve" --root root --port 0
    pids="$pids $server"
    export url=$address port
    ! command -v curl >/dev/null || await_that --from "$server" has_strong_tag
}

has_strong_tag()
{
    curl -sSI "$url/link" >head
    grep -q '^ETag: "' head
}

needs() # PROGRAM
{
    command -v "$1" >/dev/null || skip "no $1"
}

# OPTION...: the status that curl gets; the body is in ./got.
status()
{
    curl -sS -o got -w '%{http_code}' "$@"
}

@test "curl asks by date and by tag, and gets 304 for a file that it has" {
    needs curl
    curl -sS -R -o f "$url/f"
    [ "$(status -z f "$url/f")" = 304 ]
    [ "$(status --etag-save tag "$url/f")" = 200 ]
    [ "$(status --etag-compare tag "$url/f")" = 304 ]
    touch -r root/f time
    echo HELLO >root/f
    touch -r time root/f
    [ "$(status --etag-compare tag "$url/f")" = 200 ]
    [ "$(cat got)" = HELLO ]
}

@test "curl gets parts of a file, and continues a download" {
    needs curl
    [ "$(status -r 0-3 "$url/f")" = 206 ]
    [ "$(cat got)" = hell ]
    [ "$(status -r -2 "$url/f")" = 206 ]
    [ "$(cat got)" = o ]
    [ "$(status -r 6- "$url/f")" = 416 ]
    head -c 123456 root/large >large
    curl -sS -C - -o large "$url/large"
    cmp large root/large
}

@test "wget continues a download, and knows when it has all" {
    needs wget
    head -c 123456 root/large >large
    wget -q -c "$url/large"
    cmp large root/large
    run -0 wget -c "$url/large"
    [[ $output == *"fully retrieved"* ]]
    cmp large root/large
    run -0 wget -N "$url/large" # by If-Modified-Since
    [[ $output == *304* ]]
}

@test "Python's http.client uses one connection for conditions, parts and bodies" {
    needs python3
    run -0 python3 - "$port" <<'END'
import http.client, sys

client = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
sockets = set()

def ask(method, headers={}, body=None):
    client.request(method, "/f", body, headers)
    answer = client.getresponse()
    text = answer.read().decode()
    if client.sock:
        sockets.add(client.sock.getsockname())
    print(method, answer.status, answer.getheader("Content-Range"),
          text.strip()[:5] if answer.status < 300 and text else "-")
    return answer

tag = ask("GET").getheader("ETag")
ask("GET", {"If-None-Match": tag})
ask("GET", {"If-None-Match": '"x", W/' + tag.removeprefix("W/")})
ask("GET", {"If-Match": '"x"'})
ask("GET", {"Range": "bytes=1-2"})
ask("GET", {"Range": "bytes=9-"})
ask("HEAD", {"Range": "bytes=1-2"})
ask("POST", body=b"x" * 1000)
ask("PUT", body=iter([b"x" * 1000, b"y" * 1000]), headers={})
ask("GET", {"Range": "bytes=0-0,2-2"})
print("connections", len(sockets))
END
    [ "$output" = "GET 200 None hello
GET 304 None -
GET 304 None -
GET 412 None -
GET 206 bytes 1-2/6 el
GET 416 bytes */6 -
HEAD 200 None -
POST 405 None -
PUT 405 None -
GET 200 None hello
connections 1" ]
}

@test "Node's fetch gets 304, a part, and an answer to a body" {
    needs node
    cat >ask.mjs <<'END'
const url = process.env.url + "/f";
const ask = async (options) => {
    const answer = await fetch(url, options);
    const text = await answer.text();
    console.log(answer.status, answer.headers.get("content-range"),
                answer.ok ? text.trim() : "-");
    return answer;
};
if (typeof fetch === "undefined") {
    console.log("no fetch");
    process.exit(0);
}
const tag = (await ask()).headers.get("etag");
await ask({headers: {"If-None-Match": tag}});
await ask({headers: {Range: "bytes=-2"}});
await ask({method: "POST", body: "x".repeat(1000)});
await ask({method: "PUT", body: "x".repeat(100000)});
await ask();
END
    run -0 node ask.mjs
    [ "$output" != "no fetch" ] || skip "this node has no fetch"
    [ "$output" = "200 null hello
304 null -
206 bytes 4-5/6 o
405 null -
405 null -
200 null hello" ]
}

# Starts nginx in front of serve, at ./proxy. It keeps its connections to serve.
start_proxy()
{
    mkdir -p tmp
    cat >nginx.conf <<END
daemon off; master_process off;
pid nginx.pid;
error_log error.log;
events {}
http {
    access_log off; proxy_max_temp_file_size 0;
    client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;
    uwsgi_temp_path tmp; scgi_temp_path tmp;
    gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;
    upstream serve { server 127.0.0.1:$port; keepalive 4; }
    server {
        listen unix:$PWD/proxy;
        location / {
            proxy_pass http://serve;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
END
    nginx -p "$PWD" -c "$PWD/nginx.conf" 2>nginx.err 3>&- &
    pids="$pids $!"
    # nginx has the name a moment before it listens.
    await_that --from $! curl -s --unix-socket proxy -o none http://a/none
}

@test "nginx in front of serve passes conditions and parts on" {
    needs nginx
    needs curl
    start_proxy
    [ "$(curl -sS "$url/f")" = hello ]
    via="--unix-socket proxy http://a"
    # shellcheck disable=SC2086 # several words
    {
        [ "$(status -r 1-2 $via/f)" = 206 ]
        [ "$(cat got)" = el ]
        [ "$(status -r 9- $via/f)" = 416 ]
        [ "$(status --etag-save tag $via/large)" = 200 ]
        cmp got root/large
        [ "$(status --etag-compare tag $via/large)" = 304 ]
        [ "$(status -H "If-Match: $(cat tag)" $via/large)" = 200 ]
        [ "$(status -H 'If-Match: "x"' $via/large)" = 412 ]
        head -c 123456 root/large >large
        curl -sS -C - -o large $via/large
        cmp large root/large
        [ "$(status -d x=1 $via/f)" = 405 ]
    }
}

# nginx makes the tag of what it compresses weak. The client returns that tag.
@test "a tag that nginx has made weak by compression still gives 304" {
    needs nginx
    needs curl
    start_proxy
    via="--unix-socket proxy http://a"
    # shellcheck disable=SC2086 # several words
    {
        curl -sS -D head -o got -H "Accept-Encoding: gzip" $via/large
        grep -qi '^content-encoding: gzip' head
        tag=$(sed -n 's/^ETag: //ip' head | tr -d '\r')
        [[ $tag == W/* ]]
        [ "$(status -H "If-None-Match: $tag" $via/large)" = 304 ]
    }
}

# A sound of 2000 s in 16 MB. A browser can only jump in it by a range.
@test "Chromium jumps to the middle of a sound, which needs a range" {
    needs chromium
    {
        printf 'RIFF\x24\x24\xf4\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00'
        printf '\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data'
        printf '\x00\x24\xf4\x00'
        head -c 16000000 /dev/zero | tr '\0' '\200'
    } >root/sound.wav
    cat >root/page.html <<'END'
<!DOCTYPE html><title>sound</title><body>
<audio id=a preload=metadata src=sound.wav></audio>
<script>
let isThere = false;
a.onloadedmetadata = () => { a.currentTime = 1500; };
a.onerror = () => { document.title = a.error.message; isThere = true; };
a.onseeked = () => {
    document.title = `at ${Math.round(a.currentTime)}` +
                     ` of ${Math.round(a.seekable.end(0))}`;
    isThere = true;
};
(async () => { // virtual time passes only while the page is idle
    for (let i = 0; i < 20000 && !isThere; i++)
        await fetch("f", {cache: "no-store"});
})();
</script>
END
    HOME=$PWD timeout 120 chromium --headless --no-sandbox --disable-gpu \
        --user-data-dir="$PWD/profile" --virtual-time-budget=20000 \
        --dump-dom "$url/page.html" >dumped 2>logged 3>&- ||
        skip "chromium does not start: $(tail -n 1 logged)"
    grep -o '<title>[^<]*' dumped
    grep -q '<title>at 1500 of 2000<' dumped
}
