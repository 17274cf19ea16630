# bench.bash: the parts that every bench.sh and bench-pair need. To be sourced.
#
# A script sources this file, sets its defaults, defines usage(), and calls
# parse_options. Programs come from $bin, or from the folder $BUILD, which holds
# a whole build (build/ of this tree). A script that needs files calls
# make_folder; one that needs servers calls start_server. Both are removed when
# the script exits.
#
# in_turns runs the things that are compared in turn (A B A B ...), so that
# other load on the machine meets them alike. It keeps one line of figures per
# round in $scratch/NAME.rounds; quantiles, ratios and print_ratio read them.
# shellcheck shell=bash disable=SC2034 # variables are for the script

LC_ALL=C # a number has a point
export LC_ALL
bench_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/support/await.bash
. "$bench_root/tests/support/await.bash"
build=${BUILD:-$bench_root/build}
operands=() # arguments that are not options
folders=()  # removed at exit
pids=()     # servers, stopped at exit

stop() # MESSAGE: ends with the exit code for usage and environment
{
    echo "${0##*/}: $1" >&2
    exit 2
}

# Options ------------------------------------------------------------------

# NAME KIND VALUE: prints VALUE if it is one of its KIND.
check_value()
{
    case $2:$3 in
    DIR:*) (cd "$3" 2>/dev/null && pwd) || stop "--$1: there is no folder $3" ;;
    N:0* | N: | N:*[!0-9]*) stop "--$1: '$3' is not a positive number" ;;
    CPU: | CPU:*[!0-9]*) stop "--$1: '$3' is not a processor's number" ;;
    *) printf '%s\n' "$3" ;;
    esac
}

# SPECS ARGUMENT...: each word of SPECS is NAME:KIND, an option --NAME with a
# value that is a DIR, a number N > 0, a CPU or a WORD, or NAME alone, a flag.
# Sets the variable NAME ("-" becomes "_") to the value, or to 1. Other
# arguments go to operands, if SPECS ends in "...".
parse_options()
{
    local specs=" $1 " name kind value
    shift

    while [ $# -gt 0 ]; do
        name=${1#--}
        case $1 in
        --help) usage && exit 0 ;;
        --*)
            if [[ $specs == *" $name "* ]]; then
                value=1
            elif [[ $specs =~ " $name:"([A-Z]+)" " ]]; then
                [ $# -ge 2 ] || stop "$1 needs a value; see --help"
                kind=${BASH_REMATCH[1]}
                value=$(check_value "$name" "$kind" "$2") || exit
                shift
            else
                stop "unknown option $1; see --help"
            fi
            printf -v "${name//-/_}" %s "$value"
            ;;
        *)
            [[ $specs == *" ... " ]] || stop "what is $1? See --help"
            operands+=("$1")
            ;;
        esac
        shift
    done
}

# PHASE PROGRAM: sets $bin, unless --bin did, and checks that PROGRAM is there.
find_programs()
{
    bin=${bin:-$build/$1}
    [ -x "$bin/$2" ] || stop "no $bin/$2: ninja $1 makes it"
}

# True if $only, a word of the option --only, is part of the name.
is_wanted() # NAME
{
    [[ $1 == *"${only:-}"* ]]
}

# The machine --------------------------------------------------------------

describe_machine()
{
    printf 'machine     %s, %s processors, %s MiB\n' \
        "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
        "$(getconf _NPROCESSORS_ONLN)" \
        "$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)"
    printf 'kernel      Linux %s\n' "$(uname -r | cut -d - -f 1)"
    printf 'load        %s\n' "$(cut -d ' ' -f 1-3 /proc/loadavg)"
}

has_processor() # CPU
{
    taskset -c "$1" true 2>/dev/null
}

# CPU: sets pin, a prefix that keeps a command on that processor, where taskset
# is installed: a program that moves measures the caches.
pin_to()
{
    pin=()
    ! command -v taskset >/dev/null || pin=(taskset -c "$1")
}

can_drop_cache()
{
    [ -w /proc/sys/vm/drop_caches ]
}

drop_cache()
{
    sync
    echo 3 >/proc/sys/vm/drop_caches
}

# Folders and servers ------------------------------------------------------

clean_up()
{
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
    [ ${#folders[@]} -eq 0 ] || rm -rf "${folders[@]}"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# PARENT: makes a folder in it; sets $folder.
make_folder()
{
    folder=$(mktemp -d "$1/bench.XXXXXX") || stop "no room in $1"
    folders+=("$folder")
}

make_scratch() # sets $scratch, for what the functions here keep
{
    make_folder "${TMPDIR:-/tmp}"
    scratch=$folder
}

make_small_files() # FOLDER COUNT BYTES
{
    mkdir -p "$1"
    head -c $(($2 * $3)) /dev/urandom |
        split -b "$3" -a 5 --numeric-suffixes - "$1/f"
}

# NAME COMMAND...: sets $pid.
start()
{
    local name=$1
    shift

    start_behind "$scratch/$name.out" "$scratch/$name.err" "$@"
    pid=$started
    pids+=("$pid")
}

# NAME COMMAND...: starts a server that prints "listening on URL"; sets $pid
# and $url. Its output stays in $scratch/NAME.out and NAME.err.
start_server()
{
    start "$@"
    url=$(await_line "$scratch/$1.out" "listening on " "$pid" 2>/dev/null) ||
        stop "$1 does not start: $(cat "$scratch/$1.err")"
}

# Time ---------------------------------------------------------------------

timed() # COMMAND...: sets $took, its wall time in microseconds.
{
    local begin=${EPOCHREALTIME/[.,]/}

    "$@" || stop "failed: $*"
    took=$((${EPOCHREALTIME/[.,]/} - begin))
}

# PID: prints the processor time of all its threads, in microseconds.
cpu_us()
{
    cat "/proc/$1/task"/*/schedstat |
        awk '{ ns += $1 } END { printf "%.0f\n", ns / 1000 }'
}

# CPU CONNECTIONS SECONDS URL: runs wrk; leaves its report in $scratch/wrk.
run_wrk()
{
    taskset -c "$1" wrk -t 1 -c "$2" -d "$3" "$4" >"$scratch/wrk" 2>&1 ||
        stop "$(cat "$scratch/wrk")"
    ! grep -q -e Non-2xx -e 'Socket errors' "$scratch/wrk" ||
        stop "$4: $(grep -e Non-2xx -e 'Socket errors' "$scratch/wrk")"
}

# ROUNDS COMMAND NAME...: runs COMMAND NAME for each NAME in turn, ROUNDS times.
# COMMAND prints a line of figures.
in_turns()
{
    local rounds=$1 command=$2 round name
    shift 2

    for name; do : >"$scratch/$name.rounds"; done
    for ((round = 0; round < rounds; round++)); do
        for name; do
            "$command" "$name" >>"$scratch/$name.rounds"
        done
    done
}

# Statistics ---------------------------------------------------------------

# COLUMN QUANTILE...: prints the quantiles (0 the least, 0.5 the median, 1 the
# greatest) of a column of numbers on stdin.
quantiles()
{
    local column=$1
    shift

    awk -v column="$column" '{ print $column }' | sort -g |
        awk -v list="$*" '{ v[NR] = $1 } END {
            count = split(list, q, " ")
            for (i = 1; i <= count; i++) {
                at = 1 + (NR - 1) * q[i]
                low = int(at)
                high = low < NR ? low + 1 : NR
                printf "%.9g%s", v[low] + (at - low) * (v[high] - v[low]),
                    i < count ? " " : "\n"
            }
        }'
}

spread() # NAME COLUMN: prints the median, the least and the greatest.
{
    quantiles "$2" 0.5 0 1 <"$scratch/$1.rounds"
}

ratios() # NAME OTHER [COLUMN]: per round, the figure of NAME to that of OTHER.
{
    paste -d ' ' <(awk -v c="${3:-1}" '{ print $c }' "$scratch/$1.rounds") \
        <(awk -v c="${3:-1}" '{ print $c }' "$scratch/$2.rounds") |
        awk '{ print $1 / $2 }'
}

print_ratio() # NAME OTHER LABEL: "MEDIAN (LEAST..GREATEST)  LABEL"
{
    ratios "$1" "$2" | quantiles 1 0.5 0 1 | awk -v label="$3" \
        '{ printf "%.2f (%.2f..%.2f)  %s\n", $1, $2, $3, label }'
}
