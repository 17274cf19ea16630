#!/usr/bin/env bats
# tests/tools/subjects: what a log of commits must look like.

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    git init -q .
    git config user.name tester
    git config user.email tester@example.org
    git commit -q --allow-empty -m "first"
}

commit() # SUBJECT [BODY]
{
    git commit -q --allow-empty -m "$1" ${2:+-m "$2"}
}

subjects() # RANGE
{
    run "$BATS_TEST_DIRNAME/../tools/subjects" "$@"
}

@test "commits that name an area and say why are clean" {
    commit "cp: use O_DIRECT only through the ring" "The page cache is slower."
    commit "phase3: wake one waiter" "Two woke up."
    subjects HEAD~2..HEAD
    [ "$status" -eq 0 ]
    [ "$output" = "subjects: 2 commits: clean" ]
}

@test "a subject of 66 columns is too long and one of 65 is not" {
    long=$(printf 'x%.0s' {1..61})
    commit "cp: $long" "Why."
    subjects HEAD~1..HEAD
    [ "$status" -eq 0 ]
    commit "cp: x$long" "Why."
    subjects HEAD~1..HEAD
    [ "$status" -eq 1 ]
    [[ "$output" = *'": 66 columns: at most 65' ]]
}

@test "a commit without a body or without an area is named" {
    commit "cp: use O_DIRECT"
    subjects HEAD~1..HEAD
    [ "$status" -eq 1 ]
    [[ "$output" = *'"cp: use O_DIRECT": has no body that says why' ]]
    commit "use O_DIRECT" "Why."
    subjects HEAD~1..HEAD
    [ "$status" -eq 1 ]
    [[ "$output" = *'must read "area: verb object"' ]]
}

@test "a range that git does not know is exit 2" {
    subjects gone..HEAD
    [ "$status" -eq 2 ]
    subjects
    [ "$status" -eq 2 ]
}
