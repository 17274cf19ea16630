# proving.bash: runs a checker on the answers that test it.
#
# The build has compiled them (tests/tools/answers).

bats_require_minimum_version 1.5.0

# PHASE/NAME: the stub fails; both right answers pass; each wrong answer fails,
# with the message that its sed script expects.
prove()
{
    local answers=build/tests/exercises/$1 script way count=0

    judged "$answers/stub" 10
    [ "$status" -eq 1 ] || complain "the stub passed"
    for way in solution other; do
        judged "$answers/$way" 30
        [ "$status" -eq 0 ] || complain "$way failed"
    done
    for script in "tests/exercises/wrong/$1"/*.sed; do
        way=${script##*/}
        judged "$answers/wrong-${way%.sed}" 1
        [ "$status" -eq 1 ] || complain "$script did not fail"
        [[ $output = *"$(sed -n '1s/^# Expected: //p' "$script")"* ]] ||
            complain "$script got another message"
        count=$((count + 1))
    done
    [ "$count" -ge 3 ] || complain "$count wrong answers are too few"
}

# ANSWER SECONDS: judges one answer. Only answers that hang need the seconds.
judged()
{
    JUDGE_TIMEOUT_S=$2 run "$1"
}

complain() # SENTENCE
{
    echo "$1:"
    echo "$output"
    return 1
}
