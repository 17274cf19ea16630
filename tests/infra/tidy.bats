#!/usr/bin/env bats
# Every rule of tidy fires, on a tree of two modules that otherwise keeps them.
# shellcheck disable=SC2016 # Markdown's backquotes are no commands

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p lib/base lib/task phase3 tests docs
    echo '| phase | layer | may use | |
|---|---|---|---|
| 2 | `base` | | `low`, `low_more` |
| 3, 4 | `task` | base | `tool` |' >lib/README.md
    echo "build \$b/lib/base.a: ar \$o/low.o \$o/low_more.o" >lib/base/edges.ninja
    echo "build \$b/lib/task.a: ar \$o/tool.o" >lib/task/edges.ninja
    echo '/* low.h: what stands below.
 * Introduced in phase 2. Needs: nothing. */
int low_count(void);' >lib/base/low.h
    echo '/* low.c: what stands below; see low.h.
 * Introduced in phase 2. Needs: low.h. */
#include "low.h"' >lib/base/low.c
    echo '/* low_more.c: more of it; see low.h.
 * Introduced in phase 2. Needs: low.h. */
#include "low.h"' >lib/base/low_more.c
    echo '/* tool.h: a tool.
 * Introduced in phase 3. Needs: nothing. */
int tool_use(int fd);' >lib/task/tool.h
    source_of_tool 'int tool_use(int fd)
{
    return fd;
}'
}

source_of_tool() # CODE, from line 5 on
{
    echo "/* tool.c: a tool; see tool.h.
 * Introduced in phase 3. Needs: tool.h. */
#include \"tool.h\"

$1" >lib/task/tool.c
}

# The tree breaks one rule, at this line and in these words.
breaks() # FILE:LINE: SENTENCE
{
    run "$BIN/tidy"
    [ "$status" -eq 1 ]
    echo "expected: $1"
    [ "${lines[0]}" = "$1" ]
    [[ "${lines[1]}" = tidy:*"; 1 violations" ]]
}

keeps()
{
    run "$BIN/tidy"
    [ "$status" -eq 0 ]
    [[ "$output" = tidy:*"; clean" ]]
}

repeat() # COUNT TEXT
{
    for ((i = 0; i < $1; i++)); do echo "$2"; done
}

@test "a tree that keeps the rules is clean" {
    keeps
}

@test "81 columns are too many, and 80 are not" {
    long=$(printf 'x%.0s' {1..70})
    source_of_tool "int a23456$long;"
    breaks "lib/task/tool.c:5: 81 columns: at most 80"
    source_of_tool "int a2345$long;"
    keeps
}

@test "columns are characters, not bytes" {
    source_of_tool "/* $(printf 'é%.0s' {1..74}) */"
    keeps
}

@test "a tab is refused" {
    source_of_tool "$(printf 'int a;\tint b;')"
    breaks "lib/task/tool.c:5: a tab: indent with 4 spaces"
}

@test "white space at the end of a line is refused, in Markdown too" {
    echo "A word. " >docs/a.md
    breaks "docs/a.md:1: white space at the end of the line"
}

@test "a last line without its end is refused" {
    printf 'A word.' >docs/a.md
    breaks "docs/a.md:1: the last line does not end"
}

@test "unfinished work is refused" {
    source_of_tool "/* TO""DO: all of it */"
    breaks "lib/task/tool.c:5: TO""DO: finish it, or leave it out"
}

@test "assertions cannot be switched off" {
    echo "flags = -DN""DEBUG" >lib/x.ninja
    breaks "lib/x.ninja:1: N""DEBUG: assertions stay on in every build"
}

@test "a licence tag is refused" {
    source_of_tool "/* SPDX-""License-Identifier: MIT */"
    breaks "lib/task/tool.c:5: a licence tag: LICENSE speaks for every file"
}

@test "a source of lib has at most 300 lines, a header 150" {
    source_of_tool "$(repeat 297 '/* Why. */')"
    breaks "lib/task/tool.c:301: 301 lines: at most 300; split it by concept"
    source_of_tool ""
    repeat 148 "/* Why. */" >>lib/task/tool.h
    breaks "lib/task/tool.h:151: 151 lines: at most 150; split it by concept"
}

@test "a phase's program has at most 300 lines" {
    repeat 301 "/* Why. */" >phase3/x.c
    breaks "phase3/x.c:301: 301 lines: at most 300; split it by concept"
}

@test "a lesson has as many lines as it needs" {
    repeat 400 "A word." >phase3/README.md
    keeps
}

@test "a function of 46 lines is too long, and one of 45 is not" {
    source_of_tool "int tool_use(int fd)
{
$(repeat 42 '    fd++; /* why */')
    return fd;
}"
    run "$BIN/tidy"
    [ "${lines[0]}" = "lib/task/tool.c:5: tool_use has 46 lines: at most 45" ]
    source_of_tool "int tool_use(int fd)
{
$(repeat 41 '    fd++; /* why */')
    return fd;
}"
    run "$BIN/tidy"
    [[ "$output" != *"tool_use has"* ]]
}

@test "one function in twenty may be longer than 30 lines, not more" {
    source_of_tool "int tool_use(int fd)
{
$(repeat 27 '    fd++; /* why */')
    return fd;
}"
    run "$BIN/tidy"
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib:1: one function in 20 has 31 lines or more: at most 30"* ]]
    sed -i '8d' lib/task/tool.c
    run "$BIN/tidy"
    [[ "$output" != *"one function in 20"* ]]
    [[ "$output" = *"lines: median 30, 95% within 30, at most 30"* ]]
}

functions() # COUNT LINES: that many functions, each with so many lines
{
    for ((n = 0; n < $1; n++)); do
        printf 'int tool_%d(int fd)\n{\n' "$n"
        repeat $(($2 - 4)) '    fd++; /* why */'
        printf '    return fd;\n}\n'
    done
}

@test "half of all functions have at most 12 lines" {
    source_of_tool "$(functions 20 13)"
    run "$BIN/tidy"
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib:1: half of all functions have 13 lines or more: at most 12"* ]]
    source_of_tool "$(functions 20 12)"
    run "$BIN/tidy"
    [[ "$output" != *"half of all functions"* ]]
}

@test "a short helper that one place calls is merged" {
    source_of_tool 'static int help(int fd)
{
    return fd + 1;
}

int tool_use(int fd)
{
    return help(fd);
}'
    breaks "lib/task/tool.c:5: help has 4 lines, and only tool_use calls it: merge it, or say in a comment above what would go wrong"
}

@test "a short helper stays if its comment gives a reason" {
    source_of_tool '/* Adds one. */
static int help(int fd)
{
    return fd + 1;
}

int tool_use(int fd)
{
    return help(fd);
}'
    breaks "lib/task/tool.c:6: help has 4 lines, and only tool_use calls it: merge it, or say in a comment above what would go wrong"
    sed -i '5s/.*/\/* Adds one, because 0 must not go out. *\//' lib/task/tool.c
    keeps
}

@test "a predicate may be short, and so may what two places call" {
    source_of_tool 'static bool is_open(int fd)
{
    return fd >= 0;
}

static int help(int fd)
{
    return fd + 1;
}

int tool_use(int fd)
{
    return is_open(fd) ? help(fd) : help(-fd);
}'
    keeps
}

@test "a callback, a table entry and a function that calls itself stay" {
    source_of_tool 'static int called_back(int fd)
{
    return fd;
}

static int entry(int fd)
{
    return fd;
}

static int depth(int fd)
{
    return fd > 0 ? depth(fd - 1) : 0;
}

static const struct step steps[] = {{"entry", entry}};

int tool_use(int fd)
{
    return spawn(called_back, entry(fd)) + depth(depth(fd)) + x.entry(fd);
}'
    keeps
}

@test "a helper of nine lines is a step of its own" {
    source_of_tool 'static int help(int fd)
{
    fd++;
    fd++;
    fd++;
    fd++;
    fd++;
    return fd;
}

int tool_use(int fd)
{
    return help(fd);
}'
    keeps
    sed -i '7d' lib/task/tool.c
    breaks "lib/task/tool.c:5: help has 8 lines, and only tool_use calls it: merge it, or say in a comment above what would go wrong"
}

statics() # COUNT: that many helpers with a reason, and the calls of each
{
    for ((n = 0; n < $1; n++)); do
        printf '/* It must. */\nstatic int help_%d(int fd)\n{\n    return fd;\n}\n' "$n"
    done
    printf 'int tool_use(int fd)\n{\n'
    for ((n = 0; n < $1; n++)); do
        printf '    fd += help_%d(fd);\n' "$n"
    done
}

@test "of all static functions at most 57 percent are used once" {
    source_of_tool "$(statics 20)
    return fd;
}"
    run "$BIN/tidy"
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib:1: 100 % of static functions are used once: at most 57"* ]]
    source_of_tool "$(statics 20)
    return help_0(fd) + help_1(fd) + help_2(fd) + help_3(fd) + help_4(fd) +
           help_5(fd) + help_6(fd) + help_7(fd) + help_8(fd);
}"
    keeps
    [[ "$output" = *"55% of 20 static ones used once"* ]]
}

@test "four levels are too deep, with braces or without" {
    source_of_tool 'int tool_use(int fd)
{
    for (;;)
        while (fd > 0) {
            if (fd == 1)
                switch (fd) {
                case 1:
                    return 1;
                }
        }
}'
    breaks "lib/task/tool.c:5: tool_use nests 4 levels deep: at most 3"
}

@test "an else-if chain is one level, and a macro's loop is one too" {
    source_of_tool 'int tool_use(int fd)
{
    do {
        if (fd == 1)
            return 1;
        else if (fd == 2)
            return 2;
        else if (fd == 3)
            return 3;
    } while (fd == 4);
    for_each_cqe(ring, cqe) {
        if (fd == 1) {
            struct x x = (struct x){.a = {1, 2}};

            return 1;
        }
    }
    return fd > 0 ? 1 : 2;
}'
    keeps
    source_of_tool 'int tool_use(int fd)
{
    if (fd)
        for_each_cqe(ring, cqe) {
            do
                if (fd == 1)
                    return 1;
            while (fd == 4);
        }
}'
    breaks "lib/task/tool.c:5: tool_use nests 4 levels deep: at most 3"
}

@test "six parameters are too many, and a function pointer is one" {
    source_of_tool 'int tool_use(int a, int b, int c, int d, int (*e)(int, int))
{
    return 0;
}'
    keeps
    source_of_tool 'int tool_use(int a, int b, int c, int d, int e, int f)
{
    return 0;
}'
    breaks "lib/task/tool.c:5: tool_use has 6 parameters: at most 5; take a struct of options"
}

@test "the brace of a function stands alone" {
    source_of_tool 'int tool_use(int fd) {
    return fd;
}'
    breaks "lib/task/tool.c:5: the brace of a function stands on a line of its own"
}

@test "a struct has no typedef" {
    source_of_tool 'typedef struct tool tool;'
    breaks "lib/task/tool.c:5: a typedef of a struct: write struct foo"
}

@test "a forward prototype is refused, unless two functions call each other" {
    source_of_tool 'static int help(int fd);'
    breaks "lib/task/tool.c:5: a forward prototype of help: a helper stands above its first user (unless a comment says: recursive)"
    source_of_tool '/* Recursive: trees have branches. */
static int help(int fd);
static int (*pointer)(int);
static char bytes[64] __attribute__((aligned(64)));'
    keeps
}

@test "main must be last" {
    echo '/* x.c: a program. */
int main(void)
{
    return 0;
}

int after(void)
{
    return 0;
}' >phase3/x.c
    breaks "phase3/x.c:7: main stands last"
}

@test "a function that calls one that suspends is named await_" {
    source_of_tool 'int tool_use(int fd)
{
    return await_read(fd);
}'
    breaks "lib/task/tool.c:7: tool_use calls await_read, which suspends: its name must begin with await_, or it must be a task body"
    source_of_tool 'int await_tool(int fd)
{
    return await_read(fd);
}'
    keeps
}

@test "the primitives suspend" {
    source_of_tool 'int tool_use(int fd)
{
    task_yield();
    return fd;
}'
    breaks "lib/task/tool.c:7: tool_use calls task_yield, which suspends: its name must begin with await_, or it must be a task body"
}

@test "a task body may suspend: it is passed to a spawn, or says so" {
    source_of_tool 'static void echo_body(void *arg)
{
    await_read(arg);
}

int tool_use(int fd)
{
    return task_spawn(echo_body, fd);
}'
    keeps
    source_of_tool '/* A task body. */
void tool_body(void *arg)
{
    await_read(arg);
}'
    keeps
}

@test "a test that runs as a task may suspend" {
    source_of_tool 'TASK_TEST(it_is_read)
{
    await_read(0);
}'
    keeps
    source_of_tool 'TEST(it_is_read)
{
    await_read(0);
}'
    breaks "lib/task/tool.c:7: TEST calls await_read, which suspends: its name must begin with await_, or it must be a task body"
}

@test "a function that never suspends is not named await_" {
    source_of_tool 'int await_tool(int fd)
{
    return fd;
}'
    breaks "lib/task/tool.c:5: await_tool never suspends: await_ is for those that may"
}

@test "a call inside a comment or a string is no call" {
    source_of_tool 'int tool_use(int fd)
{
    /* Not await_read(fd). */
    return print("await_read(fd) { ");
}'
    keeps
}

@test "a module without comments or without code is refused" {
    source_of_tool "$(functions 2 24 | sed 's, /.*,,')"
    run "$BIN/tidy"
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "lib/task/tool.c:1: 0.08 comment lines per line of code in this module: say why (0.15 or more)" ]
    source_of_tool "$(repeat 50 '/* Why? */')
$(repeat 40 'int a;')"
    run "$BIN/tidy"
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "lib/task/tool.c:1: 1.29 comment lines per line of code in this module: say less (0.90 or less)" ]
}

@test "the header's words count for its source and for the parts beside it" {
    { repeat 6 "/* Why. */"; echo "int low_many(void);"; } >>lib/base/low.h
    { cat lib/base/low.c; repeat 15 "int a;"; } >x && mv x lib/base/low.c
    { cat lib/base/low_more.c; repeat 25 "int b;"; } >x && mv x lib/base/low_more.c
    run "$BIN/tidy" --report
    [[ "$output" = *"lib/base/low "*"44 lines of code, 0.27 comments"* ]]
    [ "$status" -eq 0 ]
}

@test "lib as a whole is explained, not only here and there" {
    for file in low low_more tool; do
        { cat lib/*/$file.c; repeat 30 "int a;"; repeat 4 "/* Why. */"; } >x
        mv x "$(echo lib/*/$file.c)"
    done
    run "$BIN/tidy"
    [[ "$output" = *"lib:1: 0.22 comment lines per line of code in all: 0.25 to 0.45"* ]]
}

@test "a file of lib opens with its own name" {
    sed -i '1s/tool.c/toil.c/' lib/task/tool.c
    breaks 'lib/task/tool.c:1: must open with "/* tool.c: what it is"'
}

@test "the second line names the phase and the needs" {
    sed -i '2s/.*/ * It is a tool. *\//' lib/task/tool.c
    breaks 'lib/task/tool.c:2: must read " * Introduced in phase N. Needs: x.h, y.h." (or "Needs: nothing.")'
    sed -i '2s/.*/ * Introduced in phase 3. Needs: tool.h,\n * and more *\//' lib/task/tool.c
    breaks 'lib/task/tool.c:2: must read " * Introduced in phase N. Needs: x.h, y.h." (or "Needs: nothing.")'
}

@test "the needs of a file are its includes" {
    sed -i '2s/tool.h/tool.h, low.h/' lib/task/tool.c
    breaks "lib/task/tool.c:2: names low.h, but does not include it"
    sed -i '2s/, low.h//; 3s/.*/#include "tool.h"\n#include "low.h"/' lib/task/tool.c
    breaks "lib/task/tool.c:4: includes low.h, which its second line does not name"
}

@test "a header may name what only its source includes" {
    sed -i '2s/nothing/low.h/' lib/task/tool.h
    sed -i '2s/tool.h/tool.h,\n * low.h/; 3s/.*/#include "tool.h"\n#include "low.h"/' lib/task/tool.c
    keeps
}

@test "a file includes nothing of a layer that its layer may not use" {
    sed -i '2s/low.h/low.h, tool.h/; 3s/.*/#include "low.h"\n#include "tool.h"/' lib/base/low.c
    breaks "lib/base/low.c:2: includes tool.h of lib/task: the table in lib/README.md does not let base use it"
}

@test "a layer that may use another includes its headers" {
    sed -i '2s/tool.h/tool.h, low.h/; 3s/.*/#include "tool.h"\n#include "low.h"/' lib/task/tool.c
    keeps
    sed -i 's/| base |/| |/' lib/README.md
    breaks "lib/task/tool.c:2: includes low.h of lib/base: the table in lib/README.md does not let task use it"
}

@test "a header that no layer has is named" {
    sed -i '2s/tool.h/tool.h, gone.h/; 3s/.*/#include "tool.h"\n#include "gone.h"/' lib/task/tool.c
    breaks "lib/task/tool.c:2: names gone.h, which is not in lib"
}

@test "the phase in a file is one that introduces its layer" {
    sed -i '2s/phase 3/phase 4/' lib/task/tool.c
    keeps
    sed -i '2s/phase 4/phase 5/' lib/task/tool.c
    breaks "lib/task/tool.c:2: says phase 5, which does not introduce lib/task"
}

@test "a source that its layer does not build is dead" {
    sed -i 's/tool.o/toil.o/' lib/task/edges.ninja
    breaks "lib/task/tool.c:1: lib/task/edges.ninja does not build it"
}

@test "a file of lib is in a layer that the table has" {
    mkdir lib/extra
    printf '/* x.h: a word.\n * Introduced in phase 3. Needs: nothing. */\n' >lib/extra/x.h
    sed -i 's/`tool`/`tool`, `x`/' lib/README.md
    breaks "lib/extra/x.h:1: is in no layer of the table in lib/README.md"
}

@test "two modules do not define the same external name" {
    echo 'int tool_use(int fd)
{
    return fd + 1;
}' >phase3/x.c
    breaks "phase3/x.c:1: tool_use is defined in lib/task/tool.c already: external names are unique in the tree"
    sed -i '1s/^/static /' phase3/x.c
    keeps
}

@test "the simulated kernel may define the names of the two doors" {
    mkdir -p phase6/sim
    echo 'int sys_use(int fd)
{
    return fd + 1;
}' >lib/task/sys_use.c
    sed 's/+ 1/- 1/' lib/task/sys_use.c >phase6/sim/x.c
    run "$BIN/tidy"
    [[ $output != *"sys_use is defined in"* ]]
    sed -i 's/sys_use/tool_use/' phase6/sim/x.c
    run "$BIN/tidy"
    [[ $output == *"tool_use is defined in lib/task/tool.c already"* ]]
}

@test "two modules do not define the same external object" {
    echo 'static int mine, other;
extern int seen;
struct pair { int low, high; };
enum { LOW, HIGH };
int low_table[2] = {LOW, HIGH}, (*call)(int low), last;
int low_of(const struct pair *seen);
const struct pair pairs[] = {{.low = 1, .high = 2}};' >phase3/x.c
    echo 'static int mine, other;
int seen, low, high;' >phase3/y.c
    keeps
    for name in low_table last pairs; do
        echo "const char *$name;" >phase3/z.c
        breaks "phase3/z.c:1: $name is defined in phase3/x.c already: external names are unique in the tree"
    done
}

@test "a name may be defined for each branch of an #if, and main in each program" {
    source_of_tool '#if 1
int tool_use(int fd)
{
    return fd;
}
#else
int tool_use(int fd)
{
    return fd + 1;
}
#endif'
    for program in x y; do
        printf 'int main(void)\n{\n    return 0;\n}\n' >phase3/$program.c
    done
    keeps
}

@test "the tests of one phase may define what another's define" {
    mkdir tests/phase1 tests/phase2
    for phase in 1 2; do
        printf 'int set_up(void)\n{\n    return 0;\n}\n' >tests/phase$phase/x.c
    done
    keeps
}

@test "two headers do not have the same file name" {
    echo 'int other(void);' >tests/x.h
    keeps
    cp tests/x.h phase3/x.h
    breaks "tests/x.h:1: phase3/x.h has the same name: an #include would not say which"
}

@test "the table of lib lists every file of it" {
    sed -i 's/`tool`/words/' lib/README.md
    run "$BIN/tidy"
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "lib/README.md:1: does not list lib/task/tool.c" ]
    [ "${lines[1]}" = "lib/README.md:1: does not list lib/task/tool.h" ]
}

@test "a chapter names files and symbols that exist" {
    echo 'See `lib/task/tool.c:tool_use` and `lib/task/tool.h`, not `lib/*.c`.' >docs/a.md
    keeps
    echo 'See `lib/task/tool.c:tool_break`.' >docs/a.md
    breaks "docs/a.md:1: lib/task/tool.c has no tool_break"
    echo 'See `lib/task/gone.c`.' >docs/a.md
    breaks "docs/a.md:1: names lib/task/gone.c, which does not exist"
    printf '```\n`lib/task/gone.c`\n```\n' >docs/a.md
    keeps
}

@test "a line number is refused" {
    echo 'See `lib/task/tool.c:5`.' >docs/a.md
    breaks "docs/a.md:1: lib/task/tool.c:5: a line number goes stale: name a symbol"
}

@test "an anchor is in one source, and a chapter may point at it" {
    source_of_tool "/* DOC: ready-before-run */"
    echo 'Look at `DOC: ready-before-run`.' >docs/a.md
    keeps
    echo 'Look at `DOC: ready-before-rum`.' >docs/a.md
    breaks "docs/a.md:1: no source has the anchor DOC: ready-before-rum"
    rm docs/a.md
    echo "/* DOC: ready-before-run */" >phase3/x.h
    breaks "phase3/x.h:1: DOC: ready-before-run stands in lib/task/tool.c already"
}

@test "files of the build and of git are not checked" {
    mkdir -p build .git
    printf 'no end' >build/x.c
    printf 'no end' >.git/x.c
    keeps
}

@test "a tree that is not there is exit 2" {
    run "$BIN/tidy" nowhere
    [ "$status" -eq 2 ]
    [[ "$output" = *"nowhere: No such file or directory"* ]]
}
