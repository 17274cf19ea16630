#!/usr/bin/env bats
# tests/tools/install: a program outside of the tree builds with what it leaves.

setup()
{
    cd "$BATS_TEST_DIRNAME/../.." || return
    archive=build/lib/base.a
    [ -f "$archive" ] || skip "$archive is not built"
    export DESTDIR=$BATS_TEST_TMPDIR/image
    pc=$DESTDIR/opt/lib/pkgconfig
}

@test "headers, archives and pkg-config's file are installed below DESTDIR" {
    run tests/tools/install /opt "$archive"
    [ "$status" -eq 0 ]
    [ -f "$DESTDIR/opt/include/one-ring/err.h" ]
    [ -f "$DESTDIR/opt/lib/one-ring/base.a" ]
    [ "$(PKG_CONFIG_PATH=$pc pkg-config --variable=prefix one-ring)" = /opt ]
}

@test "PREFIX overrides the prefix of the build" {
    PREFIX=/opt run tests/tools/install /usr/local "$archive"
    [ "$status" -eq 0 ]
    [ ! -e "$DESTDIR/usr" ]
    [ -d "$DESTDIR/opt" ]
}

@test "a program builds against the installed library" {
    tests/tools/install /opt "$archive"
    cd "$BATS_TEST_TMPDIR"
    echo '#include <one-ring/err.h>
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

@test "the installed headers do not hide those of the system" {
    tests/tools/install /opt "$archive"
    cd "$BATS_TEST_TMPDIR"
    echo '#include <err.h>
        #include <aio.h>
        #include <signal.h>
        int main(void) { struct aiocb a = {0}; errx(a.aio_fildes, "x"); }' >user.c
    flags=$(PKG_CONFIG_PATH=$pc PKG_CONFIG_SYSROOT_DIR=$DESTDIR \
        pkg-config --cflags one-ring)
    # shellcheck disable=SC2086
    cc -Werror=implicit-function-declaration -c $flags user.c
}

@test "every installed header compiles alone" {
    tests/tools/install /opt "$archive"
    cd "$DESTDIR/opt/include"
    for header in one-ring/*.h; do
        echo "$header:"
        echo "#include <$header>" |
            cc -std=c11 -D_GNU_SOURCE -I. -x c -fsyntax-only -
    done
}

@test "a relative prefix is refused" {
    run tests/tools/install opt "$archive"
    [ "$status" -eq 2 ]
}

@test "only the programs that the command line names are installed" {
    mkdir -p "$BATS_TEST_TMPDIR/phase0"
    printf '#!/bin/sh\n' | tee "$BATS_TEST_TMPDIR"/phase0/{named,other} >/dev/null
    chmod +x "$BATS_TEST_TMPDIR"/phase0/*
    run tests/tools/install /opt "$archive" "$BATS_TEST_TMPDIR/phase0/named"
    [ "$status" -eq 0 ]
    [ "$(cd "$DESTDIR/opt/libexec" && find . -type f)" = \
        ./one-ring/phase0/named ]
    run cat "$pc/one-ring.pc"
    [[ "$output" != *named* ]]
}

@test "ninja install builds only what it installs" {
    commands=$(ninja -t commands install)
    built=$(grep -Eo -- '-o build/(phase|tests|infra)[^ ]*' <<<"$commands" |
        sed 's/^-o //' | sort)
    installed=$(tail -n 1 <<<"$commands" | tr ' ' '\n' | grep ^build/phase |
        sort)
    [ -n "$installed" ]
    diff <(echo "$built") <(echo "$installed")
}

@test "the manual page of serve is installed if scdoc is there" {
    command -v scdoc >/dev/null || skip "no scdoc"
    tests/tools/install /opt "$archive"
    run -0 grep -c '^.TH "serve" "1"' "$DESTDIR/opt/share/man/man1/serve.1"
}
