# cp-uring -r and directories that have more than one name: bind mounts and
# links. tests/phase1/exchanged.c changes them while the copy runs.
#
# Judges: cp-uring.

load ../support/judge

load ../support/steady

setup()
{
    judge cp-uring
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p s/sub m
    echo one >s/one
    echo two >s/sub/two
}

copy_into_a_bind_mount()
{
    mount --bind s/sub m
    code=0
    timeout 200 "$BIN/cp-uring" -r s m/copy 2>err || code=$?
    cat err
    [ "$code" -eq 1 ] || return 1
    grep "cannot copy a directory into itself" err || return 1
    [ "$(find m/copy | sort | tr '\n' ' ')" = \
        "m/copy m/copy/one m/copy/sub m/copy/sub/two " ] || return 1
    # The target exists now.
    timeout 200 "$BIN/cp-uring" -r -T s m/copy 2>err && return 1
    cat err
    grep "cannot copy a directory into itself" err || return 1
    [ ! -e m/copy/sub/copy ]
}

@test "a tree is not copied into itself through a bind mount" {
    [ "$(id -u)" -eq 0 ] || skip "only root can mount"
    unshare --mount true 2>/dev/null || skip "no mount namespaces here"
    export -f copy_into_a_bind_mount
    BIN=$BIN unshare --mount bash -c copy_into_a_bind_mount
}

@test "a link to a directory in the target is not followed" {
    mkdir foreign t
    ln -s ../foreign t/sub
    run -1 "$BIN/cp-uring" -r -T s t
    [ -z "$(ls foreign)" ]
    [ -L t/sub ]
    cmp s/one t/one
}

@test "a link in the target tree is replaced, and its file is unchanged" {
    mkdir t
    echo old >file
    ln -s ../file t/one
    run -0 "$BIN/cp-uring" -r -T s t
    [ "$(cat file)" = old ]
    [ ! -L t/one ]
    cmp s/one t/one
}

@test "links that the command line names are followed" {
    ln -s s source
    mkdir t
    ln -s t target
    run -0 "$BIN/cp-uring" -r -T source/ target
    diff -r s t
}

@test "a tree is copied without openat2" {
    command -v strace >/dev/null || skip "strace is not installed"
    export ASAN_OPTIONS=detect_leaks=0 # it cannot run under ptrace
    run -0 strace -f -qq -o calls -e trace=openat2 \
        -e inject=openat2:error=ENOSYS "$BIN/cp-uring" -r s t
    diff -r s t
    grep -q ENOSYS calls
}

@test "a tree with more directories than descriptors is copied" {
    for i in $(seq 60); do
        mkdir -p "s/$i/a/b"
        echo "$i" | tee "s/$i/x" "s/$i/a/y" "s/$i/a/b/z" >/dev/null
    done
    (ulimit -n 24 && "$BIN/cp-uring" -r s t)
    diff -r s t
    mkdir u
    (ulimit -n 24 && "$BIN/cp-uring" -r -T s u)
    diff -r s u
}
