#!/usr/bin/env bats
# tests/tools/docs believes nothing: a tree of one source and one lesson.
# shellcheck disable=SC2016 # Markdown's backquotes are no commands

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    docs=$BATS_TEST_DIRNAME/../tools/docs
    export DOCS_TOP=$PWD
    mkdir -p lib docs phase3
    cat >lib/tool.c <<'END'
/* tool.c: a tool. */
#define TOOL_MAX 3
#define TOOL_BOTH(a, b) \
    ((a) + (b))

struct tool {
    int fd; /* ours */
};

static const char *const names[] = {
    "saw",
};

static int half(int n)
{
    return n / 2;
}

int tool_use(struct tool *tool,
             int count)
{
    if (half(count)) {
        return 1;
    }
    return tool->fd;
}
END
    echo 'int tool_use(struct tool *tool,
             int count);
int tool_max(void);' >lib/tool.h
}

lesson() # TEXT
{
    printf '%s\n' "$1" >docs/a.md
}

code() # WORDS CODE
{
    lesson "<!-- code: $1 -->
\`\`\`c
$2
\`\`\`"
}

commands() # HOW BLOCK
{
    lesson "<!-- $1 -->
\`\`\`console
$2
\`\`\`"
}

holds()
{
    run "$docs"
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = "docs: ${1:-2} passed, 0 failed, 0 skipped" ]
}

fails() # SENTENCE
{
    run "$docs"
    [ "$status" -eq 1 ]
    echo "expected: $1"
    [ "${lines[0]}" = "$1" ]
    [[ "${lines[-1]}" = "docs: "*" 1 failed, 0 skipped" ]]
}

@test "code that is the source's holds" {
    lesson 'See below.'
    code 'lib/tool.c half' 'static int half(int n)
{
    return n / 2;
}'
    echo '[itself](a.md)' >>docs/a.md
    holds
}

@test "code that differs by a letter is reported" {
    code 'lib/tool.c half' 'static int half(int n)
{
    return n / 3;
}'
    fails "docs/a.md:1: lib/tool.c half differs from what is shown (tests/tools/docs --fix)"
}

@test "code that the source no longer has is reported" {
    code 'lib/tool.c third' 'int third;'
    fails "docs/a.md:1: lib/tool.c has no third"
    code 'lib/gone.c third' 'int third;'
    fails "docs/a.md:1: lib/gone.c has no third"
}

@test "functions, structs, macros, tables and prototypes have names" {
    lesson '<!-- code: lib/tool.c TOOL_MAX TOOL_BOTH tool names tool_use -->
```c
```
<!-- code: lib/tool.h tool_max tool_use -->
```c
```'
    run "$docs" --fix
    [ "$status" -eq 0 ]
    [ "$output" = "wrote docs/a.md" ]
    cat docs/a.md
    diff - docs/a.md <<'END'
<!-- code: lib/tool.c TOOL_MAX TOOL_BOTH tool names tool_use -->
```c
#define TOOL_MAX 3

#define TOOL_BOTH(a, b) \
    ((a) + (b))

struct tool {
    int fd; /* ours */
};

static const char *const names[] = {
    "saw",
};

int tool_use(struct tool *tool,
             int count)
{
    if (half(count)) {
        return 1;
    }
    return tool->fd;
}
```
<!-- code: lib/tool.h tool_max tool_use -->
```c
int tool_max(void);

int tool_use(struct tool *tool,
             int count);
```
END
    holds 2
}

@test "a code block without a name is the whole file" {
    code lib/tool.h "$(cat lib/tool.h)"
    holds 1
}

@test "--fix leaves what it cannot find, and says so" {
    code 'lib/tool.c third' 'int third;'
    cp docs/a.md before
    run "$docs" --fix
    [ "$status" -eq 1 ]
    [ "$output" = "docs/a.md:1: lib/tool.c has no third" ]
    cmp before docs/a.md
}

@test "--fix changes nothing outside of its blocks" {
    lesson '# Title

```c
int mine;
```

<!-- run -->
```console
$ echo a
b
```
~~~
```
~~~
end'
    cp docs/a.md before
    run "$docs" --fix
    [ "$status" -eq 0 ]
    cmp before docs/a.md
}

@test "a comment without its block is a mistake" {
    lesson '<!-- run -->

Words.'
    fails "docs/a.md:1: the run comment is not followed by a block"
}

@test "a command that prints what is shown holds" {
    commands run '$ echo one; echo two
one
two
$ printf three
three
$ false'
    holds 1
}

@test "a command that prints something else is reported" {
    commands run '$ echo one
two'
    fails "docs/a.md:3: the command prints something else:"
    [[ "$output" = *"    -two"*"    +one"* ]]
}

@test "output that is missing or not shown is reported" {
    commands run '$ echo one; echo two
one'
    fails "docs/a.md:3: the command prints something else:"
    commands run '$ echo one
one
two'
    fails "docs/a.md:3: the command prints something else:"
}

@test "a command's stderr is part of its output" {
    commands run '$ echo one >&2
one'
    holds 1
}

@test "three dots stand for any lines, and for anything in a line" {
    commands run '$ seq 100; echo port 42 is open
1
...
99
100
port ... is open'
    holds 1
    commands run '$ seq 100
1
...
98
100'
    fails "docs/a.md:3: the command prints something else:"
}

@test "numbers may be masked, and only where asked" {
    commands 'run: numbers' '$ echo took 12.5 ms in  3 calls
took 7 ms in 25,000 calls'
    holds 1
    commands run '$ echo took 12 ms
took 7 ms'
    fails "docs/a.md:3: the command prints something else:"
}

@test "the commands of a block share a shell" {
    commands run '$ word=hello
$ echo "$word" \
> world
hello world'
    holds 1
}

@test "a process that a block leaves running is ended" {
    commands run '$ sleep 4242 &
$ echo $! >pid
$ cat pid
...'
    holds 1
    run kill -0 "$(cat pid)"
    [ "$status" -ne 0 ]
}

@test "a command that hangs is ended" {
    commands run '$ sleep 4242'
    DOCS_TIMEOUT_S=5 fails "docs/a.md:3: the command did not end within 5 s"
}

@test "a block that needs a missing tool is skipped with its reason" {
    commands 'run: needs=no-such-tool' '$ no-such-tool
hello'
    run "$docs"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "skip docs/a.md:1: no-such-tool is not installed" ]
    [ "${lines[1]}" = "docs: 0 passed, 0 failed, 1 skipped" ]
}

@test "a block of a lab that cannot be tried here is skipped" {
    printf '#!/bin/sh\necho hello\nexit $(cat code)\n' >lab
    chmod +x lab
    commands 'run: needs=./lab' '$ ./lab
hello'
    echo 77 >code
    run "$docs"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "skip docs/a.md:1: ./lab cannot be tried here" ]
    [ "${lines[1]}" = "docs: 0 passed, 0 failed, 1 skipped" ]
    echo 1 >code
    holds 1
    commands 'run: needs=./no-lab' '$ echo hello
hello'
    holds 1
}

@test "the command that prints something else is named by its line" {
    commands run '$ echo one
one
$ echo two \
> words
two words
$ echo three
four'
    fails "docs/a.md:8: the command prints something else:"
    [[ "$output" != *one* ]]
}

# What --one-shell does with the lesson of phase 0, and with that of phase 3.
one_shell()
{
    [ ! -f docs/a.md ] || { mkdir -p phase0 && mv docs/a.md phase0/README.md; }
    run "$docs" --one-shell
    echo "$output"
}

# BLOCK...: a lesson of several blocks.
lesson_of()
{
    : >docs/a.md
    for block; do
        printf '<!-- run -->\n```console\n%s\n```\n' "$block" >>docs/a.md
    done
}

@test "a folder that a block enters breaks the next block in one shell" {
    lesson_of '$ cd lib' '$ wc -l <lib/tool.h
3'
    holds 2
    one_shell
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "phase0/README.md:7: the command prints something else:" ]
    [ "${lines[-1]}" = "docs: 1 passed, 1 failed, 0 skipped" ]
}

@test "a name that one block makes a file and another a folder is found" {
    lesson_of '$ export TMPDIR=$(mktemp -d)' '$ echo >$TMPDIR/f; echo $?
0' '$ mkdir $TMPDIR/f; echo $?
0'
    one_shell
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "phase0/README.md:12: the command prints something else:" ]
    [ "${lines[-1]}" = "docs: 2 passed, 1 failed, 0 skipped" ]
}

@test "lessons follow each other in one folder, each in its own shell" {
    lesson_of '$ mkdir build; echo hello >build/word; word=hello'
    mv docs/a.md phase3/README.md
    lesson_of '$ cat build/word; echo "word: $word"
hello
word: '
    mkdir phase10
    mv docs/a.md phase10/README.md
    one_shell
    [ "$status" -eq 0 ]
    [ "$output" = "docs: 2 passed, 0 failed, 0 skipped" ]
}

@test "in one shell there is an ordinary user and a clean environment" {
    export TMPDIR=$BATS_RUN_TMPDIR FOREIGN=foreign
    [ "$(id -u)" -ne 0 ] || TMPDIR=/tmp
    lesson_of '$ [ $(id -u) -gt 0 ]; echo $?
0' '$ echo ${TMPDIR-no} ${FOREIGN-no} ${HOME:+yes}
no no yes' '$ echo litter >$TMPDIR/litter; echo $?
...: /litter: Permission denied
1'
    one_shell
    [ "$status" -eq 0 ]
    [ "$output" = "docs: 3 passed, 0 failed, 0 skipped" ]
}

@test "in one shell a lesson leaves nothing in the home folder or in the tree" {
    lesson_of '$ cd; echo litter >a'
    one_shell
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "phase0/README.md: the commands leave files behind: home/a " ]
    lesson_of '$ echo litter >lib/a'
    one_shell
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "phase0/README.md: the commands leave files behind: one-ring/lib/a " ]
}

@test "in one shell the folder of mktemp ends with the lesson" {
    lesson_of "\$ export TMPDIR=\$(mktemp -d); echo \$TMPDIR >$PWD/where"
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR" "$BATS_TEST_TMPDIR"
    : >where
    chmod 666 where
    one_shell
    [ "$status" -eq 0 ]
    [[ "$(cat where)" == /tmp/tmp.* ]]
    [ ! -e "$(cat where)" ]
}

@test "in one shell a block for root is skipped with its reason" {
    commands 'run: needs=root' '$ id -u
0'
    one_shell
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "skip phase0/README.md:1: not root" ]
    [ "${lines[1]}" = "docs: 0 passed, 0 failed, 1 skipped" ]
}

@test "a block that sets the shell up is run in one shell only" {
    commands 'run: set-up' '$ word=hello'
    printf '<!-- run -->\n```console\n$ echo $word\nhello\n```\n' >>docs/a.md
    fails "docs/a.md:7: the command prints something else:"
    one_shell
    [ "$status" -eq 0 ]
    [ "$output" = "docs: 2 passed, 0 failed, 0 skipped" ]
}

@test "in one shell the command that hangs or leaves the shell is named" {
    lesson_of '$ echo one
one' '$ sleep 4242'
    DOCS_TIMEOUT_S=5 one_shell
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "phase0/README.md:8: the command did not end within 10 s" ]
    lesson_of '$ echo one; exit
one' '$ echo two
two'
    one_shell
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "phase0/README.md:8: the shell ended before this command" ]
}

@test "--list prints one job per page, and one for the shell of the lessons" {
    lesson 'See below.'
    run "$docs" --list
    [ "$status" -eq 0 ]
    [ "$output" = "docs/a.md" ]
    mv docs/a.md phase3/README.md
    run "$docs" --list
    [ "$status" -eq 0 ]
    [ "$output" = "--one-shell
phase3/README.md" ]
}

@test "a link leads to a file or to a folder" {
    lesson '[tool](../lib/tool.c), [phase 3](../phase3/), [far](https://x.org/a)'
    holds 1
    lesson '[tool](../lib/gone.c)'
    fails "docs/a.md:1: ../lib/gone.c does not exist"
    lesson '[tool](/lib/tool.c)'
    fails "docs/a.md:1: /lib/tool.c: a link starts from the file it is in"
}

@test "a link leads to a heading" {
    lesson '# What `it` is: a start

[up](#what-it-is-a-start) and [too](a.md#what-it-is-a-start)'
    holds 1
    lesson '# A start

[up](#a-stop)'
    fails "docs/a.md:3: #a-stop: no such heading"
}

@test "an image and a link by reference are links" {
    lesson '<img src="gone.svg" alt="">'
    fails "docs/a.md:1: gone.svg does not exist"
    lesson '[tool]: ../lib/gone.c "A title"'
    fails "docs/a.md:1: ../lib/gone.c does not exist"
}

@test "a link inside code is not checked" {
    lesson '`[a](gone.md)`
```
[a](gone.md)
```'
    holds 0
}

@test "an unknown option or file is exit 2" {
    run "$docs" --what
    [ "$status" -eq 2 ]
    run "$docs" gone.md
    [ "$status" -eq 2 ]
}
