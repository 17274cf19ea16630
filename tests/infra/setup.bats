#!/usr/bin/env bats
# ./setup on machines that lack things: a PATH of stubs, where a package
# manager that is asked for a package makes the command of that name.
# shellcheck disable=SC2016 # the quoted texts are programs

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    setup=$BATS_TEST_DIRNAME/../../setup
    mkdir bin
    for name in sh env cat rm touch chmod; do
        ln -s "$(command -v "$name")" "bin/$name"
    done
    for name in cc clang ninja nm bats strace curl nc ps awk diff find git \
        setpriv script losetup mkfs.ext4 mkfs.btrfs cmark-gfm highlight \
        valgrind gdb; do
        stub "$name" :
    done
    stub id 'echo 0'
    # A module is there if a file of its name is.
    stub pkg-config 'for word; do module=$word; done
        case $1 in --modversion) echo 2.1 ;; esac
        [ -e "$0-$module" ]'
    touch bin/pkg-config-liburing bin/pkg-config-check bin/pkg-config-libuv
    touch lunr.js
}

stub() # NAME SCRIPT
{
    printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
    chmod +x "bin/$1"
}

# NAME SCRIPT: records what it is asked to do; SCRIPT is what an install does.
manager()
{
    stub "$1" "echo \"$1 \$*\" >>\"$PWD/asked\"
        case \$* in *install*|*-S\\ *) : ; $2 ;; esac"
}

machine() # ARGUMENTS...
{
    run env -i PATH="$PWD/bin" LUNR="$PWD/lunr.js" \
        AXE="$PWD/npm/node_modules/axe.js" "$PWD/bin/sh" "$setup" "$@"
}

@test "setup does nothing if no package is missing" {
    manager apt-get false
    machine
    [ "$status" -eq 0 ]
    [ "$output" = "setup: nothing is missing" ]
    [ ! -e asked ]
}

@test "missing packages are named, then installed by apt-get" {
    rm bin/strace bin/pkg-config-check
    manager apt-get "touch '$PWD/bin/pkg-config-check' '$PWD/bin/strace'; chmod +x '$PWD/bin/strace'"
    machine
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "setup: missing: lib:check strace " ]
    [ "${lines[1]}" = "setup: installing, by apt-get: check strace" ]
    [ "${lines[-1]}" = "setup: done" ]
    [ "$(cat asked)" = "apt-get update -qq
apt-get install -y -qq --no-install-recommends check strace" ]
}

@test "dnf and pacman get their own package names" {
    rm bin/pkg-config-check bin/ninja
    manager dnf :
    machine
    [ "${lines[1]}" = "setup: installing, by dnf: ninja-build check-devel" ]
    rm bin/dnf
    manager pacman :
    machine
    [ "${lines[1]}" = "setup: installing, by pacman: ninja check" ]
}

@test "a package that is still missing afterwards is exit 2" {
    rm bin/strace
    manager apt-get false
    machine
    [ "$status" -eq 2 ]
    [ "${lines[-1]}" = "setup: still missing: strace " ]
}

@test "a liburing that is too old is named" {
    rm bin/pkg-config-liburing
    manager apt-get :
    machine
    [ "$status" -eq 2 ]
    [[ "$output" = *"liburing must be 2.3 or newer; here it is 2.1"* ]]
}

@test "a package that a distribution lacks is left out and named" {
    rm bin/cmark-gfm
    manager dnf false
    machine
    [ "$status" -eq 0 ]
    [[ "$output" = *"setup: no cmark-gfm: what needs it is left out, and says so"* ]]
    [ "${lines[-1]}" = "setup: done" ]
}

@test "the search and the colours of the site may be missing" {
    rm lunr.js bin/highlight
    manager apt-get "touch '$PWD/lunr.js'"
    machine
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "setup: missing: lunr highlight " ]
    grep -q 'install .* libjs-lunr$' asked
    grep -q 'install .* highlight$' asked
    rm lunr.js bin/apt-get asked
    manager dnf false
    machine
    [ "$status" -eq 0 ]
    [[ "$output" = *"setup: no lunr: what needs it is left out, and says so"* ]]
    [ -z "$(grep 'install.*lunr' asked)" ]
}

@test "the peers of the measurements come only when asked for" {
    manager apt-get :
    machine --bench
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" = "setup: missing: wrk "*"hyperfine gnuplot " ]]
}

@test "GLib comes only when asked for, and need not be packaged" {
    manager apt-get "touch '$PWD/bin/pkg-config-glib-2.0'"
    machine
    [ "$output" = "setup: nothing is missing" ]
    machine --glib
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "setup: missing: lib:glib-2.0 " ]
    [ "$(tail -n 1 asked)" = "apt-get install -y -qq --no-install-recommends libglib2.0-dev" ]
    machine --glib
    [ "$output" = "setup: nothing is missing" ]
    rm bin/pkg-config-glib-2.0
    manager apt-get false
    machine --glib
    [ "$status" -eq 0 ]
    [[ "$output" = *"setup: no lib:glib-2.0: what needs it is left out, and says so"* ]]
}

@test "an ordinary user goes through sudo" {
    rm bin/strace
    stub id 'echo 1000'
    manager apt-get "touch '$PWD/bin/strace'; chmod +x '$PWD/bin/strace'"
    stub sudo "echo sudo >>'$PWD/asked'; exec \"\$@\""
    machine
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = "setup: installing with sudo, by apt-get: strace" ]
    [[ "$(cat asked)" = sudo*sudo* ]]
}

@test "without sudo an ordinary user is told what to do" {
    rm bin/strace
    stub id 'echo 1000'
    manager apt-get :
    machine
    [ "$status" -eq 2 ]
    [[ "$output" = *"missing: strace"*"must run as root, and sudo is not here" ]]
    [ ! -e asked ]
}

@test "optional things that cannot be installed do not stop an ordinary user" {
    rm bin/gdb
    machine
    [ "$status" -eq 0 ]
    stub id 'echo 1000'
    manager apt-get :
    machine
    [ "$status" -eq 0 ]
    [[ "$output" = "setup: cannot install gdb : "* ]]
    [ ! -e asked ]
}

@test "packages for a few tests are installed on request" {
    manager apt-get :
    machine --all-tests
    [ "$status" -eq 0 ]
    # The machine under the test may have h11 and http-parser, or not.
    [[ "${lines[0]}" = "setup: missing: lib:glib-2.0 aarch64-linux-gnu-gcc\
 qemu-aarch64 lib:openssl openssl "*"chromium axe " ]]
    grep -q 'install .* qemu-user' asked
    grep -q 'install .* libssl-dev' asked
    grep -q 'install .* chromium$' asked
    [[ "$output" = *"setup: no axe: what needs it is left out, and says so"* ]]
}

@test "axe-core is installed with npm, and without a package manager's help" {
    manager apt-get :
    stub npm "echo \"npm \$*\" >>\"$PWD/asked\""
    machine --all-tests
    [ "$status" -eq 0 ]
    [ "$(grep -c axe-core asked)" -eq 1 ]
    grep -q "^npm install .*--prefix $PWD/npm axe-core@4\$" asked
    [[ "$output" != *"no axe"* ]]
}

@test "an unknown package manager is exit 2, with the list" {
    rm bin/strace bin/curl
    machine
    [ "$status" -eq 2 ]
    [[ "$output" = *"missing: strace curl"*"none of apt-get, dnf and pacman is here"* ]]
}

@test "a compiler without sanitizers lacks something" {
    stub cc 'case $* in *-fsanitize*) exit 1 ;; esac'
    manager dnf :
    machine
    [ "$status" -eq 2 ]
    [ "${lines[1]}" = "setup: installing, by dnf: libasan libubsan" ]
}

@test "an unknown option is exit 2, --help is not" {
    machine --what
    [ "$status" -eq 2 ]
    machine --help
    [ "$status" -eq 0 ]
    [[ "$output" = usage:* ]]
}
