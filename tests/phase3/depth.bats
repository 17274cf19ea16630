#!/usr/bin/env bats
# What a stack took, and what is said where it ends.
#
# Judges: depth.

set -o pipefail # how a program ends counts, wherever its output goes

@test "depth prints how much of the stack a recursion used" {
    run "$BIN/depth"
    [ "$status" -eq 0 ]
    [[ $output =~ ^"10 levels took "([0-9]+)" KiB of "(64|256)$ ]]
    ten=${BASH_REMATCH[1]}
    run "$BIN/depth" 40
    [[ $output =~ ^"40 levels took "([0-9]+)" KiB of "(64|256)$ ]]
    forty=${BASH_REMATCH[1]}
    # A level is 1 KiB and what a call takes.
    [ "$ten" -ge 10 ] && [ "$((forty - ten))" -ge 30 ]
    case $BIN in
    */asan/*) ;;
    *) [ "$((forty - ten))" -le 40 ] ;;
    esac
}

@test "a recursion that does not fit names the task and ends by SIGSEGV" {
    run "$BIN/depth" 1000
    case $BIN in
    */asan/*)
        [ "$status" -eq 1 ]
        [[ $output == *"AddressSanitizer: stack-overflow"* ]]
        ;;
    *)
        [ "$status" -eq 139 ]
        ;;
    esac
    [[ $output == *"fatal: task 'diver' has overflowed its stack of "*" KiB: "* ]]
}

@test "help and version exit with 0, and wrong usage with 2" {
    run "$BIN/depth" --help
    [ "$status" -eq 0 ]
    [[ $output == "Usage: depth"* ]]
    run "$BIN/depth" --version
    [ "$output" = "depth (one-ring) 0.1" ]
    for wrong in --nonsense 0 -1 3x ""; do
        run "$BIN/depth" "$wrong"
        [ "$status" -eq 2 ]
    done
    run "$BIN/depth" 1 2
    [ "$status" -eq 2 ]
}
