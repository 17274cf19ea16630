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
}

# Every program of build/own, with phase7's units for liburing left out.
programs()
{
    find "$own"/phase* "$own"/tests/phase* -type f -perm -u+x |
        grep -v '/tests/phase7/.*_liburing$' | LC_ALL=C sort
}

@test "no program of build/own needs liburing's shared object" {
    local found=0 program name needs
    for program in $(programs); do
        # A program that says why it could not be built is a script.
        needs=$(ldd "$program" 2>/dev/null) || continue
        name=${program#"$own"/}
        found=$((found + 1))
        # lib/own has fewer functions than the labs of phase 6 show.
        if [[ $name == phase6/lab-* ]] || grep -q "^$name " "$exceptions"; then
            [[ $needs == *liburing* ]] || { echo "$name needs no liburing"; return 1; }
        else
            [[ $needs != *liburing* ]] || { echo "$name needs liburing"; return 1; }
        fi
    done
    [ "$found" -ge 13 ]
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
    local program
    for program in $(programs); do
        ldd "$program" 2>/dev/null | grep -q liburing || continue
        ! nm "$program" | grep " T io_uring_"
    done
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
