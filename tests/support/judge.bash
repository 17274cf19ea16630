# judge.bash: what the .bats files share that judge programs in $BIN.
#
# The programs are the course's or a learner's ($LEARNER is set then). A file
# names the programs that it judges in its head: "Judges: cat-raw, cat-sync.".
# A tag above a test names its stage, "# bats test_tags=errors"; see tests/run.

bats_require_minimum_version 1.5.0

# How a program ends counts, wherever its output goes.
set -o pipefail

# PROGRAM: skips the test unless the program is there and is to be judged.
judge()
{
    need "$1"
    [ "${PROGRAM:-$1}" = "$1" ] || skip "only $PROGRAM is judged"
}

# PROGRAM: skips the test unless the program is there.
need()
{
    [ -x "$BIN/$1" ] || skip "there is no $1"
}

# PROGRAM: skips the test unless the program is the course's own: the test knows
# more of it than what it prints.
need_ours()
{
    need "$1"
    [[ $("$BIN/$1" --version 2>/dev/null </dev/null) == *"(one-ring)"* ]] ||
        skip "$1 is not the course's own"
}

# PROGRAM...: sets $programs to those that are there and are to be judged, or
# skips the test.
judge_each()
{
    local name
    programs=
    for name; do
        [ "${PROGRAM:-$name}" = "$name" ] && [ -x "$BIN/$name" ] || continue
        programs="$programs $name"
    done
    [ -n "$programs" ] || skip "there is none of: $*"
}

# PROGRAM OPTION: true if --help or --help-all of the program names the option.
knows()
{
    local help

    for help in --help --help-all; do
        timeout 60 "$BIN/$1" "$help" 2>/dev/null </dev/null |
            grep -c -e "$2" >/dev/null && return
    done
    return 1
}

# PROGRAM OPTION: skips the test of a learner's program without this option.
has_option()
{
    [ -z "${LEARNER-}" ] || knows "$1" "$2" || skip "it has no option $2"
}

# CODE: prints an exit code in words.
code_in_words()
{
    case $1 in
    124) echo "124 (it did not end in time)" ;;
    126) echo "126 (it is not a program)" ;;
    127) echo "127 (there is no such program, or it cannot be started)" ;;
    129 | 13? | 14? | 15?) echo "$1 (a signal killed it: SIG$(kill -l "$1"))" ;;
    *) echo "$1" ;;
    esac
}

# CODE...: the last `run` ended with one of these codes.
exits()
{
    local code
    for code; do
        # shellcheck disable=SC2154 # bats sets it
        [ "$status" -ne "$code" ] || return 0
    done
    echo "command:  ${BATS_RUN_COMMAND-}"
    echo "expected: exit code $*"
    echo "got:      exit code $(code_in_words "$status")"
    [ "$status" -ne 1 ] || [ "$1" -ne 0 ] || echo "hint:     what it says on stderr"
    return 1
}

# WORD...: stderr of the last `run --separate-stderr` has these words in this
# order. A learner's program has to say something; its words are its own.
says()
{
    # shellcheck disable=SC2154 # bats sets it
    if [ -n "${LEARNER-}" ] && [ -n "$stderr" ]; then
        has_words "$stderr" "$@" || differs "stderr is '$stderr', not '${*}'"
        return 0
    fi
    has_words "$stderr" "$@" && return
    echo "command:  ${BATS_RUN_COMMAND-}"
    echo "expected: on stderr: $*"
    echo "got:      ${stderr:-nothing}"
    return 1
}

# TEXT: stderr of the last `run --separate-stderr` is this text. A learner's
# program has to say something.
says_exactly()
{
    [ "$stderr" != "$1" ] || return 0
    if [ -n "${LEARNER-}" ] && [ -n "$stderr" ]; then
        differs "stderr is '$stderr', not '$1'"
        return 0
    fi
    echo "command:  ${BATS_RUN_COMMAND-}"
    echo "expected: on stderr: $1"
    echo "got:      ${stderr:-nothing}"
    return 1
}

# TEXT WORD...: the text has these words in this order.
has_words()
{
    local rest=$1 word
    shift
    for word; do
        case $rest in
        *"$word"*) rest=${rest#*"$word"} ;;
        *) return 1 ;;
        esac
    done
}

# TEXT: notes for a learner what the course does in another way.
differs()
{
    [ -z "${MANNERS-}" ] || printf 'differs %s: %s: %.300s\n' \
        "${BATS_TEST_FILENAME##*/}" "$BATS_TEST_DESCRIPTION" \
        "$(printf %s "$1" | tr -c ' -~' .)" >>"$MANNERS"
}

# FILE OFFSET: prints 16 bytes in hexadecimal.
hex_at()
{
    od -An -v -tx1 -j "$2" -N 16 "$1" 2>/dev/null | sed 's/^/ /' |
        grep . || echo "  (the end)"
}

# [-n COUNT] ONE TWO: two files have the same bytes; one may be "-", stdin. Says
# where they begin to differ, and what is there, but never shows the files.
same_bytes()
{
    local limit=() one two at from_stdin
    if [ "$1" = -n ]; then
        limit=(-n "$2")
        shift 2
    fi
    one=$1 two=$2
    from_stdin=$BATS_TEST_TMPDIR/.stdin
    if [ "$one" = - ] || [ "$two" = - ]; then
        cat >"$from_stdin"
    fi
    [ "$one" != - ] || one=$from_stdin
    [ "$two" != - ] || two=$from_stdin
    # A file that can be read only once is kept as well.
    if [ ! -f "$one" ]; then cat "$one" >"$from_stdin.1" && one=$from_stdin.1; fi
    if [ ! -f "$two" ]; then cat "$two" >"$from_stdin.2" && two=$from_stdin.2; fi
    # Not -s, which believes the sizes of files in /proc and /sys.
    if cmp "${limit[@]}" "$one" "$two" >/dev/null 2>&1; then
        rm -f "$from_stdin" "$from_stdin".[12]
        return
    fi
    explain_difference "$1" "$one" "$2" "$two"
    rm -f "$from_stdin" "$from_stdin".[12]
    return 1
}

# NAME FILE NAME FILE
explain_difference()
{
    local at lens
    lens="$(wc -c <"$2") and $(wc -c <"$4")"
    [ "$1" != - ] || set -- "standard input" "$2" "$3" "$4"
    [ "$3" != - ] || set -- "$1" "$2" "standard input" "$4"
    at=$({ cmp "$2" "$4" 2>/dev/null || true; } |
        sed -n 's/.* [a-z]* \([0-9]*\), line .*/\1/p')
    if [ -n "$at" ]; then
        at=$((at - 1))
        echo "first difference at byte $at (lengths $lens):"
    else
        at=$(printf '%s\n' "${lens% and *}" "${lens#* and }" | sort -n | sed 1q)
        echo "one ends at byte $at, the other goes on (lengths $lens):"
        echo "hint: was a short read taken for the end, or a short write for all?"
    fi
    echo "  $1: $(hex_at "$2" "$at")"
    echo "  $3: $(hex_at "$4" "$at")"
}
