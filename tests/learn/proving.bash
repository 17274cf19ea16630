# proving.bash: runs a checker on the answers that test it.
#
# The build has compiled them (tests/tools/answers). A wrong answer is a sed
# script, whose comments say what to expect:
#
#     # Expected: a part of the message that names the mistake
#     # Hangs     only if no checker can end it before the deadline: the short
#                 one, or on a busy machine the long one

bats_require_minimum_version 1.5.0

# PHASE/NAME: the stub fails; both right answers pass; each wrong answer fails,
# with the message that its sed script expects.
prove()
{
    local answers=build/tests/exercises/$1 script way count=0 logs

    logs=$(mktemp -d)
    for script in "tests/exercises/wrong/$1"/*.sed; do
        way=${script##*/}
        way=wrong-${way%.sed}
        # Side by side, since those that hang do nothing.
        if grep -q '^# Hangs$' "$script"; then
            judged_in_turn "$script" "$answers/$way" &
        else
            judged "$answers/$way" 60 &
        fi >"$logs/$way"
        count=$((count + 1))
    done
    [ "$count" -ge 3 ] || complain "$count wrong answers are too few"
    judged "$answers/stub" 60 >"$logs/stub"
    judged "$answers/solution" 60 >"$logs/solution"
    judged "$answers/other" 60 >"$logs/other"
    wait
    check_right "$logs"
    for script in "tests/exercises/wrong/$1"/*.sed; do
        check_wrong "$script" "$logs"
    done
    rm -rf "$logs"
}

# ANSWER SECONDS: prints what the judge prints, and its exit code.
judged()
{
    JUDGE_TIMEOUT_S=$2 "$1" 2>&1 </dev/null || echo "exit $?"
}

# SCRIPT ANSWER: judges an answer that hangs, with a short deadline. On a busy
# machine the checker may see the mistake only with a long one.
judged_in_turn()
{
    local said

    said=$(judged "$2" 2)
    has_mistake "$1" <<<"$said" || said=$(judged "$2" 30)
    printf '%s\n' "$said"
}

# SCRIPT: stdin has the mistake that its first line expects.
has_mistake()
{
    local expected

    expected=$(sed -n '1s/^# Expected: //p' "$1")
    [ -n "$expected" ] && grep '^  mistake ' | grep -qF -- "$expected"
}

check_right() # LOGS
{
    local way

    for way in solution other; do
        grep -q ': passed$' "$1/$way" || complain "$way failed" "$1/$way"
    done
    grep -q '^exit 1$' "$1/stub" || complain "the stub did not fail" "$1/stub"
}

check_wrong() # SCRIPT LOGS
{
    local way=${1##*/}

    way=$2/wrong-${way%.sed}
    grep -q '^exit 1$' "$way" || complain "$1 did not fail" "$way"
    has_mistake "$1" <"$way" ||
        complain "$1: not '$(sed -n '1s/^# Expected: //p' "$1")'" "$way"
}

complain() # SENTENCE [LOG]
{
    echo "$1:"
    cat "${2:-/dev/null}"
    return 1
}
