# await.bash: waits for what a program in the background does, for bats and for
# scripts.
#
# A program in the background starts late on a busy machine. Its files may not
# exist yet, may hold the lines of an earlier start, or may end in half a line.
# Start it with start_behind or start_listening, and wait with await_line or
# await_that. Each wait ends with a message after AWAIT_S seconds, and at once if
# the program has ended. None of them uses the processor while it waits.
# shellcheck shell=bash disable=SC2034 # the callers read what these set

AWAIT_S=${AWAIT_S:-60}

# PID: true unless the process has ended. A process has ended, too, if its parent
# has not waited for it.
is_running()
{
    local stat

    { read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ ${stat##*) } != [ZX]* ]]
}

# MESSAGE [FILE]: prints both on stderr, and fails.
await_fails()
{
    echo "$1" >&2
    [ ! -f "${2-}" ] || tail -n 20 "$2" >&2
    return 1
}

# FILE TEXT: prints what follows TEXT in the first whole line that has it. Fails
# if FILE does not exist or has no such line.
rest_of_line()
{
    local line

    [ -e "$1" ] || return 1
    while IFS= read -r line; do
        [[ $line == *"$2"* ]] || continue
        printf '%s\n' "${line#*"$2"}"
        return 0
    done <"$1"
    return 1
}

# FILE TEXT [PID]: waits for a whole line of FILE that has TEXT, and prints what
# follows TEXT. Fails if process PID, which writes FILE, ends before that.
await_line()
{
    local deadline=$((SECONDS + AWAIT_S)) has_ended=

    until rest_of_line "$1" "$2"; do
        [ -z "$has_ended" ] ||
            await_fails "the program ended before it printed '$2' to $1" "$1" ||
            return
        [ "$SECONDS" -lt "$deadline" ] ||
            await_fails "no line with '$2' in $1 within $AWAIT_S s" "$1" ||
            return
        # It may have written the line and ended since the last look.
        if [ -n "${3-}" ] && ! is_running "$3"; then
            has_ended=1
        else
            sleep 0.02
        fi
    done
}

# [--from PID] COMMAND...: waits until COMMAND succeeds. Fails if process PID,
# which makes that happen, ends before it.
await_that()
{
    local deadline=$((SECONDS + AWAIT_S)) pid='' has_ended=

    if [ "$1" = --from ]; then
        pid=$2
        shift 2
    fi
    until "$@"; do
        [ -z "$has_ended" ] ||
            await_fails "the program ended before this was true: $*" || return
        [ "$SECONDS" -lt "$deadline" ] ||
            await_fails "not true within $AWAIT_S s: $*" || return
        if [ -n "$pid" ] && ! is_running "$pid"; then
            has_ended=1
        else
            sleep 0.02
        fi
    done
}

# PID: waits until the process has ended. It need not be a child.
await_gone()
{
    await_that is_gone "$1"
}

is_gone()
{
    ! is_running "$1"
}

# OUT ERR COMMAND...: starts COMMAND in the background, with its stdout in the
# file OUT and its stderr in ERR, and sets $started to its PID. Both files are
# empty when this returns, or have lines of this start.
start_behind()
{
    local out=$1 err=$2

    shift 2
    : >"$out"
    : >"$err"
    "$@" >"$out" 2>"$err" 3>&- &
    started=$!
}

# OUT ERR COMMAND...: starts a server, as start_behind does. Sets $server to its
# PID. Waits until it listens, and sets $address to what it prints after
# "listening on ", and $port to the part after the last colon.
start_listening()
{
    start_behind "$@"
    server=$started
    address=$(await_line "$1" "listening on " "$server") ||
        await_fails "$3 does not listen" "$2" || return
    port=${address##*:}
}
