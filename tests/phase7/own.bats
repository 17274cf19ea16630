#!/usr/bin/env bats
# The programs of build/own: they have lib/own in place of liburing.

bats_require_minimum_version 1.5.0

setup()
{
    build=$(cd "$UNITS/../.." && pwd)
    own=$build
    [[ $build == */own ]] || own=$build/own
    [ -x "$own/phase2/batch" ] || skip "no programs in $own: ninja own"
    exceptions=$BATS_TEST_DIRNAME/../own.exceptions
    cd "$BATS_TEST_TMPDIR" || return
}

# Every program of build/own, with phase7's units for liburing left out.
programs()
{
    find "$own" -path "$own/phase*" -type f -perm -u+x \
        -o -path "$own/tests/phase*" -type f -perm -u+x |
        grep -v '/tests/phase7/.*_liburing$' | LC_ALL=C sort
}

# Prints the programs of build/own that need liburing's shared object.
users_of_liburing()
{
    # A program that says why it could not be built is a script.
    programs | xargs readelf -d 2>/dev/null |
        awk -v own="$own/" '/^File: / { name = substr($2, length(own) + 1) }
            /NEEDED.*liburing/ { print name }'
}

@test "no program of build/own needs liburing's shared object" {
    # lib/own has fewer functions than the labs of phases 6 and 8 show.
    (cd "$own" && {
        ls phase6/lab-* phase8/lab-* 2>/dev/null
        sed '/^#/d; s/ .*//' "$exceptions" | xargs ls 2>/dev/null
    }) | LC_ALL=C sort >want
    users_of_liburing >got
    diff want got
    [ "$(programs | wc -l)" -ge 12 ] # phase 2 at least
}

@test "each exception calls the function that lib/own lacks" {
    local program function
    while read -r program function; do
        [ -x "$own/$program" ] || continue
        nm -u "$own/$program" | grep -q " $function\(@.*\)\?$"
        ! nm "$own/lib/own.a" | grep -q " T $function$"
    done < <(grep '^[^#]' "$exceptions")
}

@test "a program of build/own has the same objects as with liburing" {
    local object count=0 ours=$BATS_TEST_TMPDIR/ours theirs=$BATS_TEST_TMPDIR/theirs
    [ "$own" != "$build" ] || skip "build/own is judged beside build"
    for object in "$own"/obj/lib/ring/*.o "$own"/obj/lib/base/*.o \
        "$own"/obj/phase2/*.o "$own"/obj/phase2/batch/*.o; do
        # Debug information names the folder of the build.
        objcopy --strip-debug "$object" "$ours"
        objcopy --strip-debug "$build/${object#"$own"/}" "$theirs"
        cmp "$ours" "$theirs"
        count=$((count + 1))
    done
    [ "$count" -ge 20 ]
}

@test "no program of build/own has two implementations of one function" {
    users_of_liburing | sed "s|^|$own/|" | xargs -r nm -A >symbols
    ! grep " T io_uring_" symbols
}

@test "lib/own has at most 400 lines of code" {
    cd "$BATS_TEST_DIRNAME/../../lib/own"
    run -0 awk '
        { line = $0; gsub(/^[ \t]+/, "", line) }
        in_comment { in_comment = line !~ /\*\//; next }
        line ~ /^\/\*/ { in_comment = line !~ /\*\//; next }
        line != "" { count++ }
        END { print count }' ./*.c ./*.h
    echo "$output lines"
    [ "$output" -le 400 ]
}

@test "the benchmark measures both libraries in one process" {
    [ -x "$build/phase7/bench-nop" ] || skip "there is no bench-nop"
    run -0 "$build/phase7/bench-nop" --slices 3
    echo "$output"
    [[ ${lines[0]} == "a nop of 1 "*lib/own*liburing* ]]
    [[ ${lines[1]} == "a nop of 32 "*lib/own*liburing* ]]
}
