#!/usr/bin/env bats
# Programs under the limits of a process: each works, or ends with a message
# that names the cause. No program is killed, hangs, or leaves a file.

bats_require_minimum_version 1.5.0

load ../support/each_program
load ../support/await

# For each limit and command: the exit codes that are right for root, and for
# another user; and a word of the message if the command fails. "up" is a server
# that listens, and ends with 0 after SIGTERM. 127 is the dynamic loader's.
#
# RLIMIT_MEMLOCK does not hold for root, and some kernels do not count rings, so
# another user may succeed. RLIMIT_NPROC does not hold for root either. Without
# workers a program may be unable to write a file through a ring.
table()
{
    cat <<'TABLE'
nofile=4  1       1       EMFILE   phase1/cat-uring given/long
nofile=4  1       1       EMFILE   phase1/cp-uring given/long copy
nofile=4  1       1       EMFILE   phase2/batch given/long given/short
nofile=4  1       1       EMFILE   phase3/ladder-coroutine given/long
nofile=4  0       0       -        phase3/tour
nofile=4  2       2       EMFILE   phase4/bridge-epoll given/long
nofile=4  2       2       EMFILE   phase8/echo --port 0
nofile=4  2       2       EMFILE   phase10/serve --port 0 --root given
nofile=6  0       0       -        phase1/cat-uring given/long
nofile=6  1       1       EMFILE   phase1/cp-uring given/long copy
nofile=6  0       0       -        phase2/batch given/long given/short
nofile=32 0       0       -        phase1/cp-uring given/long copy
nofile=32 up      up      -        phase8/echo --port 0
nofile=32 up      up      -        phase10/serve --port 0 --root given
memlock=0 0       0,2     ulimit.-l phase1/cat-uring given/long
memlock=0 0       0,2     ENOMEM   phase1/cp-uring given/long copy
memlock=0 0       0,2     ulimit.-l phase2/batch given/long given/short
memlock=0 0       0,2     ulimit.-l phase3/ladder-coroutine given/long
memlock=0 0       0,2     ulimit.-l phase3/tour
memlock=0 0       0,2     ulimit.-l phase4/bridge-epoll given/long
memlock=0 up      up,2    ulimit.-l phase8/echo --port 0
memlock=0 up      up,2    ulimit.-l phase10/serve --port 0 --root given
memlock=1048576 up up     -        phase10/serve --port 0 --root given
fsize=100 1       1       EFBIG    phase1/cat-uring given/long
fsize=100 1       1       EFBIG    phase1/cp-uring given/long copy
fsize=100 1       1       EFBIG    phase2/batch given/long given/short
fsize=100 1       1       EFBIG    phase3/ladder-coroutine given/long
fsize=100 1       1       EFBIG    phase4/bridge-epoll given/long
as=16777216 0,2,127 0,2,127 ulimit.-v phase2/batch given/long given/short
as=16777216 2,127 2,127   ulimit.-v phase3/ladder-coroutine given/long
as=16777216 2,127 2,127   ulimit.-v phase3/tour
as=16777216 2,127 2,127   ulimit.-v phase4/bridge-epoll given/long
as=16777216 1,2,127 1,2,127 ENOMEM phase8/echo --port 0
as=16777216 1,2,127 1,2,127 ENOMEM phase10/serve --port 0 --root given
nproc=0   0       0,1     ECANCELED phase1/cat-uring given/long
nproc=0   0       0,1     ECANCELED phase1/cp-uring given/long copy
nproc=0   0       0,1     ECANCELED phase2/batch given/long given/short
nproc=0   0       0,1     ECANCELED phase3/ladder-coroutine given/long
nproc=0   0       0       -        phase3/tour
nproc=0   up      up      -        phase8/echo --port 0
nproc=0   up      up      -        phase10/serve --port 0 --root given
TABLE
}

setup()
{
    command -v prlimit >/dev/null || skip "there is no prlimit"
    cd "$BATS_TEST_TMPDIR" || return
    find_programs
    find . "$BATS_TEST_TMPDIR" -maxdepth 0 -exec chmod 777 {} +
}

# A program that every user can read and run, with the same last two names.
publish() # PROGRAM
{
    mkdir -p "../programs/${1%/*}"
    [ -x "../programs/$1" ] || cp "$tree/$1" "../programs/$1"
    chmod -R a+rX ../programs
}

# Waits until a server listens or ends, and stops it. Sets code, perhaps to up.
# There is no `timeout` here: if the signal arrives before timeout has stored the
# number of its child, timeout ends and leaves the server behind.
run_server() # COMMAND...
{
    start_behind out err "$@" 4>&-
    server=$started
    await_that --from "$server" [ -s out ] 2>/dev/null ||
        kill -KILL "$server" 2>/dev/null || true
    [ ! -s out ] || kill -TERM "$server" 2>/dev/null
    code=0
    wait "$server" || code=$?
    if [ -s out ] && [ "$code" -eq 0 ]; then
        code=up
    fi
}

# LIMIT CODES WORD PROGRAM ARGUMENT...: in the current folder, as $as.
try()
{
    local limit=$1 codes=$2 word=$3 program=$4
    shift 4

    rm -rf copy out err
    publish "$program"
    set -- $as prlimit "--$limit" "../programs/$program" "$@"
    if [[ $program == */echo || $program == */serve ]]; then
        run_server "$@"
    else
        code=0
        timeout 100 "$@" >out 2>err </dev/null 3>&- 4>&- || code=$?
    fi
    [[ ,$codes, == *,$code,* ]] || return
    case $code in
    0 | up | 127) ;;
    *) [ "$word" = - ] || grep -q -- "$word" err || return ;;
    esac
    [ "$code" = 0 ] || [ ! -e copy ] || return
    rm -f copy
    [ "$(ls -A | tr '\n' ' ')" = "err given out " ]
}

# COLUMN: tries every row of the table, and prints what is wrong.
try_all()
{
    local limit root other word command wrong=

    while read -r limit root other word command; do
        # shellcheck disable=SC2086 # words on purpose
        try "$limit" "${!1}" "$word" $command </dev/null || {
            echo "$limit, $command: exit code $code, not ${!1}: $(<err)"
            wrong=1
        }
    done < <(table)
    [ -z "$wrong" ]
}

@test "root's programs say which limit they have reached" {
    [ "$(id -u)" -eq 0 ] || skip "only root is exempt from two of the limits"
    as=
    try_all root
}

@test "an ordinary user's programs say which limit they have reached" {
    as=
    if [ "$(id -u)" -eq 0 ]; then
        as="setpriv --reuid 54324 --regid 54324 --clear-groups"
        $as true 2>/dev/null || skip "no other user in this container"
        $as test -r given/long || skip "another user cannot read the files"
    fi
    try_all other
}

# Its listening line cannot be printed, and the limit sends SIGXFSZ.
@test "a server goes on though its output may not grow" {
    for program in phase8/echo "phase10/serve --root given"; do
        # shellcheck disable=SC2086 # words on purpose
        prlimit --fsize=0 "$tree"/$program --bind unix:socket >out 2>err 3>&- &
        server=$!
        await_that --from "$server" [ -S socket ]
        kill -TERM "$server"
        code=0
        wait "$server" || code=$?
        [ "$code" -le 1 ] # not a signal; 1 because stdout has failed
        [ ! -s out ]
    done
}
