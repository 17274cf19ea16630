#!/usr/bin/env bats
# tests/tools/same-code tells a change of comments from a change of code.

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    git init -q .
    git config user.name tester
    git config user.email tester@example.org
    mkdir -p lib/base phase0
    echo 'int limit(void);' >lib/base/limit.h
    source_of_limit 7
    printf '#include "limit.h"\nint main(void) { return limit(); }\n' >phase0/x.c
    commit
}

# VALUE COMMENT...: a source whose assert stands on a line below the comment.
source_of_limit()
{
    printf '#include <assert.h>\n#include "limit.h"\n%s\nint limit(void)
{
    assert(%s > 0);
    return %s;
}\n' "${2-}" "$1" "$1" >lib/base/limit.c
}

commit()
{
    git add -A
    git commit -q -m "A change"
}

same_code()
{
    run "$BATS_TEST_DIRNAME/../tools/same-code" "$@"
}

@test "a comment that moves an assertion leaves the code the same" {
    source_of_limit 7 '/* Seven.
 * Why? */'
    same_code HEAD
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$output" = "same-code: 2 objects are identical" ]
    commit
    same_code HEAD~1 HEAD
    [ "$status" -eq 0 ]
}

@test "a source whose code changes is named" {
    source_of_limit 8
    same_code HEAD
    [ "$status" -eq 1 ]
    [ "$output" = "differs: lib/base/limit.c" ]
}

@test "a source that is new or gone is named" {
    cp phase0/x.c phase0/y.c
    rm phase0/x.c
    same_code HEAD
    [ "$status" -eq 1 ]
    [ "$output" = "$(printf 'differs: phase0/x.c\ndiffers: phase0/y.c')" ]
}

@test "a source that does not compile is exit 2, with the compiler's words" {
    echo 'int' >>lib/base/limit.c
    same_code HEAD
    [ "$status" -eq 2 ]
    [[ "$output" = *"lib/base/limit.c:"*error:*"do not compile after the change" ]]
}

@test "a name that is not a commit is exit 2" {
    same_code gone
    [ "$status" -eq 2 ]
    [ "$output" = "tests/tools/same-code: 'gone' is not a commit" ]
    same_code
    [ "$status" -eq 2 ]
}
