#!/usr/bin/env bats
# The table of our calls beside liburing's, asyncio's and libuv's is true.

bats_require_minimum_version 1.5.0

setup()
{
    root=$BATS_TEST_DIRNAME/../..
    api_map=$root/tests/tools/api-map
    cd "$BATS_TEST_TMPDIR" || return
    mkdir docs
    ln -s "$(realpath "$root/lib")" lib
    cp "$root/docs/api-map.md" "$root/docs/reading.md" docs
    export API_MAP_TOP=$PWD
}

@test "each name of the table exists, and each call of lib has a row" {
    unset API_MAP_TOP
    run --separate-stderr "$api_map"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "a call that has no row is reported" {
    sed -i '/^| `await_fsync`/d; s/, `await_write_all`//' docs/api-map.md
    run -1 --separate-stderr "$api_map"
    [ "$output" = "await_fsync has no row
await_write_all has no row" ]
}

@test "a row whose call lib does not have is reported" {
    sed -i 's/^| `await_fsync`/&, `await_sync`/' docs/api-map.md
    run -1 --separate-stderr "$api_map"
    [ "$output" = "no header of lib declares await_sync" ]
}

@test "a name that liburing, asyncio or libuv does not have is reported" {
    sed -i 's/`io_uring_prep_statx`/`io_uring_prep_stat`/
        s/`asyncio.TaskGroup`/`asyncio.Group`/
        s/`uv_fs_unlink`/`uv_fs_remove`/' docs/api-map.md
    run -1 --separate-stderr "$api_map"
    [[ $output == *"neither liburing nor lib has io_uring_prep_stat"* ]]
    [[ $stderr == *python3* || $output == *"asyncio has no asyncio.Group"* ]]
    [[ $stderr == *libuv* || $output == *"libuv has no uv_fs_remove"* ]]
}

@test "a name of asyncio that the guide through its sources invents is reported" {
    sed -i 's/`asyncio.locks.Lock`/`asyncio.locks.Latch`/' docs/reading.md
    run --separate-stderr "$api_map"
    [[ $stderr == *python3* ]] || [[ $output == "asyncio has no asyncio.locks.Latch" ]]
}

@test "a row with the opcode of another function is reported" {
    sed -i 's/| `WRITEV` |/| `WRITE` |/; s/| `SPLICE` |/| `JOIN` |/' \
        docs/api-map.md
    run -1 --separate-stderr "$api_map"
    [[ $output == *"lib/probe/catalog.c has no opcode JOIN"* ]]
    [[ $output == *"io_uring_prep_writev prepares WRITEV, not WRITE"* ]]
    [[ $output == *"io_uring_prep_splice prepares SPLICE, not JOIN"* ]]
}

@test "api-map takes no argument" {
    run -2 "$api_map" --fix
}
