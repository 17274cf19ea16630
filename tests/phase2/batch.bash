# batch.bash: runs a test once with each mode of batch, and makes its files.

MODES="single batch linked fixed vectored"

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

# Sets $batch to the program and $modes to what it can do: of a learner's, the
# modes that its --help names, and "batch" in any case. A program without --mode
# is run through a script that leaves the option out.
find_modes()
{
    batch=$BIN/batch
    modes=$MODES
    [ -n "${LEARNER-}" ] || return 0
    modes=batch
    if knows batch --mode; then
        for mode in single linked fixed vectored; do
            ! knows batch "$mode" || modes="$modes $mode"
        done
    else
        batch=$TMPDIR/batch-without-mode # where every user gets in
        printf '#!/bin/sh\nshift 2\nexec "%s" "$@"\n' "$BIN/batch" >"$batch"
        chmod 755 "$batch"
    fi
}

# FUNCTION, once with each mode in $mode and the program in $batch.
each_mode()
{
    find_modes
    for mode in $modes; do
        echo "with mode $mode:"
        "$1"
    done
}

# BYTES FILE: content that no two blocks have in common.
make_file()
{
    head -c "$1" /dev/urandom >"$2"
}

# COUNT: files f001, f002, ... of many lengths, around those of buffers too.
make_files()
{
    make_file 300000 big
    for i in $(seq -f %03g "$1"); do
        set -- 0 1 100 4096 5000 65535 65536 65537 131072 262143 262144 262145
        shift $((10#$i % 12))
        head -c "$1" big >"f$i"
    done
}

skip_unless_root()
{
    [ "$(id -u)" -eq 0 ] || skip "only root can become another user"
    setpriv --reuid 65534 --clear-groups true 2>/dev/null ||
        skip "no other user in this container"
}
