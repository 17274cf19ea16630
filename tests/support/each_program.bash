# each_program.bash: runs every program of the course once, for bats.
#
# A test calls each_program with a function that runs a command in some bad
# condition. The programs are those of the release build, whose files are
# beside the units.

# shellcheck disable=SC2034 # the tests use them

# Sets $tree, and makes files for the programs in the current folder.
find_programs()
{
    tree=${UNITS%/tests/*}
    ! grep -q __asan_init "$tree/phase3/tour" ||
        skip "a sanitizer has its own malloc and maps terabytes"
    [ -x "$tree/phase10/serve" ] || skip "the other phases are not built: ninja"
    mkdir -p given
    seq 2000 >given/long
    echo short >given/short
}

# A command for each program, one per line. Each ends by itself.
commands()
{
    cat <<COMMANDS
phase0/envcheck
phase1/cat-sync given/long given/short
phase1/cat-raw given/long given/short
phase1/cat-uring given/long given/short
phase1/cp-uring -f given/long copy
phase2/batch --mode single given/long given/short
phase2/batch --mode linked given/long given/short
phase2/batch --mode fixed given/long given/short
phase3/ladder-callback given/long given/short
phase3/ladder-polled given/long given/short
phase3/ladder-coroutine given/long given/short
phase3/tour
phase3/pipeline given/long
phase4/bridge-epoll given/long given/short
phase4/bridge-uv given/long given/short
phase6/errors read
COMMANDS
}

# FUNCTION: calls it with each command, in words. Skips a program that says why
# it cannot run here.
each_program()
{
    local line

    while read -r line; do
        # shellcheck disable=SC2086 # words on purpose
        set -- "$1" $line
        [ -x "$tree/$2" ] || continue
        echo "$line:"
        # shellcheck disable=SC2068
        "$1" "$tree/$2" ${@:3}
    done < <(commands)
}

# Is the outcome of a command acceptable? $code is its exit code; its output is
# in out, its messages in err. good is what it prints in good conditions. A
# failure has a message that names the program, and leaves nothing behind.
is_acceptable() # PROGRAM
{
    if [ "$code" -eq 0 ]; then
        [[ $1 == */envcheck || $1 == */bridge-* ]] || cmp out good || return
    elif [ "$code" -eq 1 ] || [ "$code" -eq 2 ]; then
        grep -q "^${1##*/}: " err || [[ $1 == */envcheck ]] || return
    elif [ "$code" -eq 127 ]; then # the dynamic loader
        grep -qE "error while loading|TLS data structures" err || return
    elif [[ $code -eq 134 && $1 == */bridge-uv ]]; then
        : # libuv calls abort where it can get no memory for its watchers
    else
        return 1
    fi
    [ ! -e copy ] || cmp given/long copy || return
    rm -f copy
    [ "$(ls -A | tr '\n' ' ')" = "err failures given good out " ]
}

# COMMAND...: sets good, for is_acceptable.
run_in_good_conditions()
{
    : >failures >err >out >good
    "$@" >good 2>err </dev/null || {
        cat err
        echo "$1 ends with $? even in good conditions"
        return 1
    }
    rm -f copy
}
