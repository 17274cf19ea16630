#!/bin/bash
# phase10/bench.sh: serve beside nginx, in one run.
#
# One thread against one worker, pinned to the same processor, with the same
# files, and the client on another processor. They are measured in turn. Each
# row begins with the ratio of requests per second, ours to theirs, the median
# of the rounds' own ratios: above 1 ours does more. Then follows the ratio of
# the processor times per request, theirs to ours: above 1 ours takes less. Then
# for each server: the median of requests per second, least to greatest, the
# processor time that one request costs it, and how busy it and the client were.
# If the server is not the bottleneck, only the processor times tell the servers
# apart: the client or other programs hold both up.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase10/bench.sh [--bin DIR] [--rounds N] [--seconds N] [--conns N]
                        [--server-cpu N] [--client-cpu N] [--cold] [ROW...]

  ROW             bytes of the file that is requested; SIZE:DEPTH for requests
                  that are sent DEPTH at a time; SIZExCOUNT for so many files,
                  each requested in turn (1024 16384 131072 1048576 16777216
                  1024:16 1024x100000)
  --bin DIR       where serve is ($BUILD/phase10; BUILD is build, if not set)
  --rounds N      how often each server is measured (7)
  --seconds N     how long each measurement takes (1)
  --conns N       connections that the client keeps open (64)
  --server-cpu N  where the servers run (0)
  --client-cpu N  where the client runs (1)
  --cold          empty the page cache before each one; needs root

nginx runs with sendfile and open_file_cache, without tcp_nopush and without a
log. It trusts an entry of its cache for a minute. serve detects each change.
USAGE
}

skip()
{
    echo "skip: $1"
    exit 0
}

rounds=7
seconds=1
conns=64
server_cpu=0
client_cpu=1
cold=
parse_options "bin:DIR rounds:N seconds:N conns:N server-cpu:CPU \
client-cpu:CPU cold ..." "$@"
rows=("${operands[@]}")
[ ${#rows[@]} -gt 0 ] ||
    rows=(1024 16384 131072 1048576 16777216 1024:16 1024x100000)
find_programs phase10 serve
load=$build/tests/http-load
[ -x "$load" ] || stop "no $load: ninja $load makes it"
for tool in nginx taskset; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
for cpu in $server_cpu $client_cpu; do
    has_processor "$cpu" || skip "there is no processor $cpu here"
done
[ -z "$cold" ] || can_drop_cache || skip "only root can empty the page cache"
make_scratch
chmod 755 "$scratch" # nginx's worker may run as another user
mkdir "$scratch/site"

# ROW: sets size, depth and count, and makes what the row needs.
prepare()
{
    [[ $1 =~ ^([0-9]+)(:([0-9]+))?(x([0-9]+))?$ ]] ||
        stop "'$1' is not SIZE, SIZE:DEPTH or SIZExCOUNT"
    size=${BASH_REMATCH[1]}
    depth=${BASH_REMATCH[3]:-1}
    count=${BASH_REMATCH[5]:-1}
    path=/$size
    files=()
    if [ "$count" -gt 1 ]; then
        make_small_files "$scratch/site/$1" "$count" "$size"
        path=/$1/f
        files=(--files "$count")
    elif [ ! -e "$scratch/site/$size" ]; then
        head -c "$size" /dev/urandom >"$scratch/site/$size"
    fi
}

declare -A urls workers # by name: where it listens, whose time counts

start_serve()
{
    start_server serve taskset -c "$server_cpu" "$bin/serve" \
        --root "$scratch/site" --port 0
    urls[serve]=$url
    workers[serve]=$pid
}

# NAME PORT SETTING: an nginx with one worker. It has no port 0: if the port is
# taken, it ends, and its message is printed.
start_nginx()
{
    mkdir "$scratch/$1"
    cat >"$scratch/$1/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $scratch/$1/pid;
error_log $scratch/$1/error.log;
events { worker_connections 2048; }
http {
    access_log off;
    sendfile on;
    tcp_nopush off;
    keepalive_requests 1000000000;
    types { }
    $3
    server { listen 127.0.0.1:$2; root $scratch/site; }
}
CONF
    start "$1" taskset -c "$server_cpu" nginx -p "$scratch/$1" \
        -c "$scratch/$1/nginx.conf"
    urls[$1]=http://127.0.0.1:$2
    until workers[$1]=$(pgrep -P "$pid" | tail -n 1) &&
        [ -n "${workers[$1]}" ]; do
        kill -0 "$pid" 2>/dev/null ||
            stop "nginx does not start: $(cat "$scratch/$1.err")"
        sleep 0.01
    done
}

# NAME: one turn, "REQUESTS-PER-SECOND CPU-US-PER-REQUEST SERVER-% CLIENT-%".
measure()
{
    local before

    [ -z "$cold" ] || drop_cache
    before=$(cpu_us "${workers[$1]}")
    taskset -c "$client_cpu" "$load" --port "${urls[$1]##*:}" --path "$path" \
        "${files[@]}" --conns "$conns" --depth "$depth" --seconds "$seconds" \
        >"$scratch/load" || stop "$1, $path: $(cat "$scratch/load")"
    awk -v before="$before" -v after="$(cpu_us "${workers[$1]}")" \
        -v seconds="$seconds" '
        { v[$1] = $2 }
        END {
            used = after - before
            print v["answers_per_s"], v["answers"] ? used / v["answers"] : 0,
                used / seconds / 10000, v["cpu_percent"]
        }' "$scratch/load"
}

describe() # NAME
{
    echo "$(spread "$1" 1) $(spread "$1" 2) $(spread "$1" 3)" \
        "$(spread "$1" 4)" | awk -v name="$1" '{
        slow = $7 >= 90 ? "the server" : $10 >= 90 ? "the client" : "neither"
        printf "    %-6s %9.1f/s (%.1f..%.1f), %.2f us of processor time " \
            "each; busy: server %.0f %%, client %.0f %%; bottleneck: %s\n",
            name, $1, $2, $3, $4, $7, $10, slow }'
}

label() # prints what the row is
{
    local label="$size bytes, $conns connections"

    [ "$depth" = 1 ] || label+=", $depth requests at a time"
    [ "$count" = 1 ] || label+=", $count files"
    echo "$label${cold:+, cold cache}"
}

print_row() # the ratios of requests per second, and of processor time
{
    echo "$(ratios serve nginx | quantiles 1 0.5 0 1)" \
        "$(ratios nginx serve 2 | quantiles 1 0.5 0 1)" |
        awk -v label="$(label)" '{
        printf "%.2f (%.2f..%.2f), by processor time %.2f (%.2f..%.2f)  %s\n",
            $1, $2, $3, $4, $5, $6, label }'
}

describe_machine
start_serve
start_nginx nginx $((10000 + $$ % 10000)) "open_file_cache max=1000;"
for row in "${rows[@]}"; do
    prepare "$row"
    in_turns 1 measure serve nginx # not counted: warms up
    in_turns "$rounds" measure serve nginx
    print_row
    describe serve
    describe nginx
done
