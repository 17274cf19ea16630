#!/usr/bin/env bats
# The table of errors, as a program prints it.
#
# Judges: errors.

bats_require_minimum_version 1.5.0

@test "errors prints one row, one operation, or all of them" {
    run -0 "$BIN/errors" accept emfile
    [[ $output == "  EMFILE "*" limit   run   "* ]]
    run -0 "$BIN/errors" ACCEPT
    [ "${lines[0]}" = accept ]
    [ "${lines[-1]}" = "  see accept(2)" ]
    [[ $output == *"  any other     limit "* ]]
    run -0 "$BIN/errors"
    [ "${lines[0]}" = "readv, read_fixed, read" ]
    [[ ${lines[-1]} == "  any other     object  read  unknown"* ]]
}

@test "an operation does not show a row that another row hides" {
    run -0 "$BIN/errors" recv
    [ "$(grep -c ENOBUFS <<<"$output")" -eq 1 ]
    [[ $output == *"no provided buffer"* ]]
    [ "$(awk '{ print $1 }' <<<"$output" | sort | uniq -d)" = "" ]
}

@test "a wrong opcode or errno is named, and is a usage error" {
    run -2 --separate-stderr "$BIN/errors" readd
    [ "$stderr" = "errors: the table has no opcode 'readd'; see --help" ]
    run -2 --separate-stderr "$BIN/errors" read EFOO
    [ "$stderr" = "errors: there is no errno 'EFOO'; see --help" ]
    run -2 --separate-stderr "$BIN/errors" read EIO more
    [ -z "$output" ]
}

# The names of liburing's functions that differ from those of the opcodes.
opcode_of() # FUNCTION
{
    case $1 in
    cancel*) echo async_cancel ;;
    multishot_accept*) echo accept ;;
    poll_multishot | poll_update) echo poll_add ;;
    timeout_update) echo timeout_remove ;;
    recv_multishot) echo recv ;;
    recvmsg_multishot) echo recvmsg ;;
    socket_direct) echo socket ;;
    openat_direct) echo openat ;;
    close_direct) echo close ;;
    *) echo "$1" ;;
    esac
}

# A lab or a claim may try an operation that the course does not use.
@test "the table has every operation that lib and the programs prepare" {
    cd "$BATS_TEST_DIRNAME/../.." || return
    found=$(grep -rhoE 'io_uring_prep_[a-z0-9_]+\(' lib phase[0-9]*/ \
        --include='*.c' --exclude-dir=labs --exclude-dir=claims \
        --exclude-dir=exercises | sed 's/io_uring_prep_//; s/($//' | sort -u |
        grep -vx rw)
    [ "$(wc -l <<<"$found")" -gt 25 ]
    for function in $found; do
        echo "$function"
        "$BIN/errors" "$(opcode_of "$function")" >/dev/null
    done
}
