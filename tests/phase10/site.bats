# serve and programs that people use: compressed siblings, listings, and the
# options of a site, with curl, nginx and Chromium. A program that is not
# installed skips its test.
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
}

teardown()
{
    # shellcheck disable=SC2086 # several
    [ -z "$pids" ] || { kill -KILL $pids && wait $pids; } 2>/dev/null || true
}

# ROOT OPTION...: a server in the background, its address in $url.
start()
{
    start_listening out err "$serve" --port 0 --root "$@"
    pids="$pids $server"
    export url=$address port
}

needs() # PROGRAM
{
    command -v "$1" >/dev/null || skip "no $1"
}

# Each coding has a text that no other has.
@test "curl --compressed unpacks the sibling that serve sends" {
    needs curl
    echo itself >root/f
    echo by gzip | gzip >root/f.gz
    start root
    [ "$(curl -sS "$url/f")" = itself ]
    [ "$(curl -sS --compressed "$url/f")" = "by gzip" ]
    [ "$(curl -sS --compressed -r 0-2 "$url/f")" = its ]
    ! command -v zstd >/dev/null || echo by zstd | zstd -q >root/f.zst
    if curl --version | grep -qi ' zstd' && [ -f root/f.zst ]; then
        [ "$(curl -sS --compressed "$url/f")" = "by zstd" ]
    fi
    ! command -v brotli >/dev/null || echo by br | brotli >root/f.br
    if curl --version | grep -q ' brotli' && [ -f root/f.br ]; then
        [ "$(curl -sS --compressed "$url/f")" = "by br" ]
    fi
}

# nginx keeps each answer for a minute. Without Vary, the second client would
# get the first one's bytes.
@test "a cache in front of serve keeps an answer for each coding" {
    needs nginx
    needs curl
    echo itself >root/f
    echo by gzip | gzip >root/f.gz
    start root --cache-control max-age=60
    mkdir tmp
    cat >nginx.conf <<END
daemon off; master_process off;
pid nginx.pid;
error_log error.log;
events {}
http {
    access_log off;
    client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;
    uwsgi_temp_path tmp; scgi_temp_path tmp;
    proxy_cache_path kept keys_zone=kept:1m;
    server {
        listen unix:$PWD/proxy;
        location / {
            proxy_pass http://127.0.0.1:$port;
            proxy_cache kept;
            proxy_set_header Accept-Encoding \$http_accept_encoding;
            add_header X-Cache \$upstream_cache_status;
        }
    }
}
END
    nginx -p "$PWD" -c "$PWD/nginx.conf" 2>nginx.err 3>&- &
    pids="$pids $!"
    await_that --from $! curl -s --unix-socket proxy -o none http://a/none
    ask() { curl -sS --unix-socket proxy -D head "$@" http://a/f; }
    for state in MISS HIT; do
        [ "$(ask --compressed -H "Accept-Encoding: gzip")" = "by gzip" ]
        grep -q "^X-Cache: $state" head
        [ "$(ask)" = itself ]
        grep -q "^X-Cache: $state" head
    done
}

# PAGE: what Chromium makes of it, after its scripts, in ./dumped.
browse()
{
    HOME=$PWD timeout 120 chromium --headless --no-sandbox --disable-gpu \
        --user-data-dir="$PWD/profile" --virtual-time-budget=20000 \
        --dump-dom "$1" >dumped 2>logged 3>&- ||
        skip "chromium does not start: $(tail -n 1 logged)"
}

# Script and style exist only as siblings. The page is one that the script
# makes, so its name has no file.
@test "Chromium runs a page of --spa whose script and style are compressed" {
    needs chromium
    cat >root/index.html <<'END'
<!DOCTYPE html><title>none</title>
<link rel=stylesheet href=/style.css><p id=p>text</p>
<script src=/app.js></script>
END
    echo '#p { color: rgb(1, 2, 3) }' | gzip >root/style.css.gz
    gzip >root/app.js.gz <<'END'
window.onload = () => {
    document.title = location.pathname + " " + getComputedStyle(p).color;
};
END
    start root --spa index.html
    browse "$url/users/42"
    grep -o '<title>[^<]*' dumped
    grep -qF '<title>/users/42 rgb(1, 2, 3)<' dumped
}

# The other site has another port. A field that pages may not send makes the
# browser send a preflight.
@test "Chromium reads the file of another site only with --cors" {
    needs chromium
    mkdir files
    echo hello >files/f
    start files
    without=$url
    start files --cors
    cat >root/index.html <<END
<!DOCTYPE html><title>none</title><script>
const read = async (site) => {
    try {
        const got = await fetch(site + "/f", {headers: {"X-A": "b"}});
        return (await got.text()).trim() + " " + got.headers.has("etag");
    } catch (error) {
        return error.name;
    }
};
(async () => {
    document.title = await read("$without") + ", " + await read("$url");
})();
</script>
END
    start root
    browse "$url/"
    grep -o '<title>[^<]*' dumped
    grep -qF '<title>TypeError, hello true<' dumped
}

@test "Chromium finds no script in a listing of hostile names" {
    needs chromium
    mkdir 'root/"><script>document.title="ran"<'
    touch 'root/<img src=x onerror=document.title="ran">' "root/' onclick='x"
    touch root/$'new\nline' root/$'\xff' 'root/javascript:alert(1)'
    start root --listing
    browse "$url/"
    run -1 grep -i '<script\|<img' dumped
    run -1 grep '<title>ran' dumped
    [ "$(grep -o '<li>' dumped | wc -l)" = 6 ]
    grep -qF 'href="./javascript:alert(1)"' dumped
}
