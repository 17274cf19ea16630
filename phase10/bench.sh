#!/bin/bash
# phase10/bench.sh: serve beside nginx, in one run.
#
# One thread against one worker, pinned to the same processor, with the same
# files, and wrk on another processor. They are measured in turn. Printed is the
# ratio of requests a second, ours to theirs, the median of the turns' own
# ratios: above 1 ours does more. Then for each the medians, least to greatest,
# and what one request costs the server in processor time: where wrk is the
# slowest of all, that is what still tells them apart.
set -eu
# shellcheck source=tests/tools/bench.bash
. "$(dirname "$0")/../tests/tools/bench.bash"

usage()
{
    cat <<'USAGE'
usage: phase10/bench.sh [--bin DIR] [--rounds N] [--seconds N] [--conns N]
                        [--server-cpu N] [--client-cpu N] [SIZE...]

  SIZE            bytes of the file that is requested (1024 131072 5242880)
  --bin DIR       where serve is ($BUILD/phase10; BUILD is build, if not set)
  --rounds N      turns of each server (7)
  --seconds N     of each turn (1)
  --conns N       connections that wrk keeps open (32)
  --server-cpu N  where the servers run (0)
  --client-cpu N  where wrk runs (1)

nginx is measured as it comes, and with open_file_cache. Then it trusts what it
knows of a file for a minute; serve is told of each change.
USAGE
}

skip()
{
    echo "skip: $1"
    exit 0
}

rounds=7
seconds=1
conns=32
server_cpu=0
client_cpu=1
parse_options "bin:DIR rounds:N seconds:N conns:N server-cpu:CPU \
client-cpu:CPU ..." "$@"
sizes=("${operands[@]}")
[ ${#sizes[@]} -gt 0 ] || sizes=(1024 131072 5242880)
find_programs phase10 serve
for tool in nginx wrk taskset; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
for cpu in $server_cpu $client_cpu; do
    has_processor "$cpu" || skip "there is no processor $cpu here"
done
make_scratch
chmod 755 "$scratch" # nginx's worker may run as another user
mkdir "$scratch/site"
for size in "${sizes[@]}"; do
    head -c "$size" /dev/urandom >"$scratch/site/$size"
done

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
    tcp_nopush on;
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

# NAME: one turn, "REQUESTS-A-SECOND CPU-PER-REQUEST".
measure()
{
    local before

    before=$(cpu_us "${workers[$1]}")
    run_wrk "$client_cpu" "$conns" "$seconds" "${urls[$1]}/$size"
    awk -v before="$before" -v after="$(cpu_us "${workers[$1]}")" '
        /requests in/ { count = $1 }
        /Requests\/sec/ { print $2, (after - before) / count }' "$scratch/wrk"
}

describe() # NAME LABEL
{
    echo "$(spread "$1" 1) $(spread "$1" 2)" |
        awk -v label="$2" '{ printf "    %-16s %7.0f/s (%.0f..%.0f), " \
            "%.1f us of processor time each\n", label, $1, $2, $3, $4 }'
}

start_serve
start_nginx nginx $((10000 + $$ % 10000)) ""
start_nginx cached $((20000 + $$ % 10000)) "open_file_cache max=1000;"
for size in "${sizes[@]}"; do
    in_turns 1 measure serve nginx cached # not counted: warms up
    in_turns "$rounds" measure serve nginx cached
    print_ratio serve nginx "$size bytes, $conns connections, against nginx"
    print_ratio serve cached "the same, against nginx with open_file_cache"
    describe serve serve
    describe nginx nginx
    describe cached "with the cache"
done
