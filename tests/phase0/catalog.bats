# The catalog says which phase needs an opcode. A source that uses another one
# must be entered there, or envcheck would promise too much.

# "FILE PHASE" for every source of lib: the phase that its second line names.
introductions()
{
    awk 'FNR == 2 && match($0, /Introduced in phase [0-9]+/) {
             print FILENAME, substr($0, RSTART + 20, RLENGTH - 20) }' lib/*/*.c
}

# "PHASE NAME": the opcodes that sources use, by the names of their helpers. A
# layer of lib may offer more than its own phase's programs call: for it the
# phase is 10, the last.
uses()
{
    {
        introductions | awk '$2 > 0 { print $1, 10 }'
        for file in phase[0-9]*/*.c phase[0-9]*/[!e]*/*.c; do
            [[ $file != phase6/sim/* ]] || continue # it is a kernel
            folder=${file%%/*}
            echo "$file ${folder#phase}"
        done
    } | while read -r file phase; do
        [ "$phase" -gt 0 ] || continue # envcheck tries what it can
        # A comment may speak of what the code leaves alone.
        sed -E '/^ *(\/\*|\* )/d' "$file" |
            grep -oE '\b((io_uring|ur)_prep|(IORING|UR)_OP)_[A-Za-z0-9_]+' |
            sed -E "s/^(io_uring|ur)_prep_//; s/^(IORING|UR)_OP_//
                s/^/$phase /"
    done | awk '
        BEGIN {
            split("cancel ASYNC_CANCEL cancel64 ASYNC_CANCEL " \
                "cancel_fd ASYNC_CANCEL multishot_accept ACCEPT " \
                "accept_direct ACCEPT multishot_accept_direct ACCEPT " \
                "recv_multishot RECV recvmsg_multishot RECVMSG " \
                "poll_multishot POLL_ADD poll_update POLL_REMOVE " \
                "openat_direct OPENAT openat2_direct OPENAT2 " \
                "close_direct CLOSE timeout_update TIMEOUT_REMOVE " \
                "fd_install FIXED_FD_INSTALL nop_result NOP " \
                "setsockopt URING_CMD rename RENAMEAT unlink UNLINKAT " \
                "mkdir MKDIRAT link LINKAT symlink SYMLINKAT " \
                "socket_direct SOCKET read_multishot READ_MULTISHOT " \
                "send_zc SEND_ZC sendmsg_zc SENDMSG_ZC " \
                "send_vectorized SEND", pair, " ")
            for (i = 1; i in pair; i += 2)
                op[pair[i]] = pair[i + 1]
        }
        $2 == "rw" || $2 == "LAST" { next } # of any opcode, and of none
        $2 == "NOP128" { next } # a lab asks for it, on kernels to come
        { name = $2 in op ? op[$2] : toupper($2); print $1, name }' | sort -u
}

# "PHASE NAME" of the catalog; 0 for what no phase needs.
catalog()
{
    "$BIN/envcheck" 2>/dev/null | awk '
        /^opcodes$/ { is_op = 1; next }
        /^$/ { is_op = 0 }
        is_op && $2 ~ /^[0-9]+$/ { print ($5 == "phase" ? $6 + 0 : 0), $3 }'
}

@test "every opcode that a phase uses is marked in the catalog" {
    cd "$BATS_TEST_DIRNAME/../.."
    catalog >"$BATS_TEST_TMPDIR/catalog"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/catalog")" -ge 60 ]
    uses >"$BATS_TEST_TMPDIR/uses"
    [ -s "$BATS_TEST_TMPDIR/uses" ]
    run awk 'FILENAME ~ /catalog$/ { marked[$2] = $1; next }
        !($2 in marked) { print "phase " $1 ": what is " $2 "?"; bad = 1; next }
        marked[$2] == 0 || marked[$2] > $1 {
            print "phase " $1 " uses " $2 ": lib/probe/catalog.c says " \
                (marked[$2] == 0 ? "that none does" : "phase " marked[$2])
            bad = 1
        }
        END { exit bad }' "$BATS_TEST_TMPDIR/catalog" "$BATS_TEST_TMPDIR/uses"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}
