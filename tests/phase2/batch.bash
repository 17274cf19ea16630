# batch.bash: runs a test once with each mode of batch, and makes its files.

MODES="single batch linked fixed vectored"

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

# FUNCTION, once with each mode in $mode and the program in $batch.
each_mode()
{
    batch=$BIN/batch
    for mode in $MODES; do
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
