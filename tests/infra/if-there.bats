#!/usr/bin/env bats
# tests/tools/if-there and pkg: programs and libraries that the tree can do without.

setup()
{
    if_there=$BATS_TEST_DIRNAME/../tools/if-there
    cd "$BATS_TEST_TMPDIR" || return
    mkdir bin
    # The module is there if a file of its name is.
    cat >bin/pkg-config <<'PC'
#!/bin/sh
for word; do module=$word; done
case $1 in --cflags) echo -DFLAG=7 ;; esac
[ -e "$module" ]
PC
    chmod +x bin/pkg-config
    PATH=$PWD/bin:$PATH
    echo 'int main(void) { return FLAG; }' >program.c
}

@test "with the library the output is the program, built with its flags" {
    touch thing
    "$if_there" thing libthing-dev out cc -o out program.c
    run ./out
    [ "$status" -eq 7 ]
}

@test "without the library the output is a line that cannot be executed" {
    "$if_there" thing libthing-dev out cc -o out program.c
    [ ! -x out ]
    [[ $(cat out) == "not built: thing is not installed (Debian: libthing-dev;"* ]]
}

@test "the program replaces the line once the library is installed" {
    "$if_there" thing libthing-dev out cc -o out program.c
    touch thing
    "$if_there" thing libthing-dev out cc -o out program.c
    run ./out
    [ "$status" -eq 7 ]
}

@test "a program that does not compile is a failure, not a missing library" {
    touch thing
    echo 'no program' >program.c
    run "$if_there" thing libthing-dev out cc -o out program.c
    [ "$status" -ne 0 ]
}

@test "pkg leaves empty flags until an optional library is there" {
    pkg=$BATS_TEST_DIRNAME/../tools/pkg
    "$pkg" maybe-lib-thing
    [ -z "$(cat build/maybe-lib-thing.cflags build/maybe-lib-thing.libs)" ]
    touch lib-thing
    "$pkg" maybe-lib-thing
    [ "$(cat build/maybe-lib-thing.cflags)" = "-DHAVE_LIB_THING -DFLAG=7" ]
    [ -f build/maybe-lib-thing.libs ]
    run "$pkg" nothing
    [ "$status" -ne 0 ]
    [ ! -e build/nothing.libs ]
}
