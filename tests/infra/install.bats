#!/usr/bin/env bats
# tests/install: a program outside of the tree builds with what it leaves.

setup()
{
    cd "$BATS_TEST_DIRNAME/../.." || return
    floor=build/lib/phase0.a
    [ -f "$floor" ] || skip "$floor is not built"
    export DESTDIR=$BATS_TEST_TMPDIR/image
    pc=$DESTDIR/opt/lib/pkgconfig
}

@test "headers, floors and pkg-config's file are installed below DESTDIR" {
    run tests/install /opt "$floor"
    [ "$status" -eq 0 ]
    [ -f "$DESTDIR/opt/include/one-ring/err.h" ]
    [ -f "$DESTDIR/opt/lib/one-ring/phase0.a" ]
    [ "$(PKG_CONFIG_PATH=$pc pkg-config --variable=prefix one-ring)" = /opt ]
}

@test "PREFIX goes before what the build says" {
    PREFIX=/opt run tests/install /usr/local "$floor"
    [ "$status" -eq 0 ]
    [ ! -e "$DESTDIR/usr" ]
    [ -d "$DESTDIR/opt" ]
}

@test "a program builds against it" {
    tests/install /opt "$floor"
    cd "$BATS_TEST_TMPDIR"
    echo '#include <err.h>
        #include <stdio.h>
        int main(void) { puts(err_name(-2)); }' >user.c
    flags=$(PKG_CONFIG_PATH=$pc PKG_CONFIG_SYSROOT_DIR=$DESTDIR \
        pkg-config --cflags one-ring)
    libs=$(PKG_CONFIG_PATH=$pc pkg-config --define-variable=prefix="$DESTDIR/opt" \
        --libs one-ring)
    # shellcheck disable=SC2086
    cc $flags user.c -o user $libs
    run ./user
    [ "$output" = ENOENT ]
}

@test "a prefix that depends on where one stands is refused" {
    run tests/install opt "$floor"
    [ "$status" -eq 2 ]
}
