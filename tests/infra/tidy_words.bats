#!/usr/bin/env bats
# What tidy says of words, of openings of sentences, and of names of tests.
# shellcheck disable=SC2016 # Markdown's backquotes are no commands

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    mkdir docs tests
}

# TEXT: a chapter of one paragraph.
chapter()
{
    printf '%s\n' "$1" >docs/a.md
}

# The tree breaks one rule, in this place and in these words.
breaks() # FILE:LINE: SENTENCE
{
    run "$BIN/tidy"
    [ "$status" -eq 1 ]
    echo "expected: $1; got: $output"
    [ "${lines[0]}" = "$1" ]
    [[ "${lines[1]}" = tidy:*"; 1 violations" ]]
}

keeps()
{
    run "$BIN/tidy"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "a word of the list is refused in Markdown, in any case" {
    chapter 'The task waits. Likewise the loop.'
    breaks 'docs/a.md:1: "likewise": docs/style.md has a plainer word'
}

@test "a phrase that two lines share is found at its first word" {
    chapter 'One. Each ring has a thread of
its own.'
    breaks 'docs/a.md:1: "of its own": docs/style.md has a plainer word'
    printf '/* x.c: waits for a buffer in\n * vain. */\n' >tests/x.c
    rm docs/a.md
    breaks 'tests/x.c:1: "in vain": docs/style.md has a plainer word'
}

@test "a part of a longer word is not the word" {
    chapter 'RESOLVE_BENEATH shallow marshall.'
    keeps
}

@test "code in a chapter is left alone" {
    chapter 'Call `shall_we` or `anew`.
```
beneath
```'
    keeps
}

@test "code in C is left alone and its comments are not" {
    echo 'int anew; const char *text = "hardly";' >tests/x.c
    keeps
    echo 'int a; /* hardly used */' >tests/x.c
    breaks 'tests/x.c:1: "hardly": docs/style.md has a plainer word'
}

@test "comments of scripts are read and their commands are not" {
    printf '#!/bin/sh\nbeneath\n' >tests/run
    keeps
    printf '#!/bin/sh\n# What is beneath.\n' >tests/run
    breaks 'tests/run:2: "beneath": docs/style.md has a plainer word'
}

@test "some before a number is refused" {
    chapter 'It takes some 10 ms.'
    breaks 'docs/a.md:1: "some" before a number: write "about"'
    chapter 'It takes some hundred ns.'
    breaks 'docs/a.md:1: "some hundred": docs/style.md has a plainer word'
    chapter 'It takes some time.'
    keeps
}

@test "a statement names its actor and a question may ask for it" {
    chapter 'Wait. Who holds the buffer releases it.'
    breaks 'docs/a.md:1: a sentence begins with "Who": name the actor'
    chapter '- Whoever holds it.'
    breaks 'docs/a.md:1: a sentence begins with "Whoever": name the actor'
    chapter 'Who holds the buffer? A task, who else. Whose is it?'
    keeps
}

@test "a test's name that needs the line before it is refused" {
    echo 'TEST(so_is_the_second_one)' >tests/x.c
    echo 'int a;' >tests/y.c
    printf 'int b;\nTEST(also_at_the_end)\n' >tests/x.c
    breaks "tests/x.c:2: a test's name begins with \"also\": it must be understood alone"
    rm tests/x.c
    printf '#!/usr/bin/env bats\n@test "the same with a pipe" {\n' >tests/x.bats
    breaks "tests/x.bats:2: a test's name begins with \"the same\": it must be understood alone"
    printf '#!/usr/bin/env bats\n@test "socket errors are reported" {\n' >tests/x.bats
    keeps
}
