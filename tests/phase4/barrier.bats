#!/usr/bin/env bats
# A barrier that is missing shows once in ten thousand races, and on a busy
# machine never: so this looks for it in the compiled code.

@test "turning the signal of the eventfd on ends with a full barrier" {
    archive=${UNITS:-$BIN/../tests/phase4}/../../lib/ring.a
    [ -f "$archive" ] || skip "there is no $archive"
    command -v objdump >/dev/null || skip "objdump is not installed"
    case $(uname -m) in
    x86_64) barrier='mfence|lock |xchg.*\(' ;;
    aarch64) barrier='dmb' ;;
    *) skip "the barriers of $(uname -m) are not known here" ;;
    esac
    code=$(objdump -d --no-show-raw-insn "$archive" |
        sed -n '/<ring_signal_eventfd>:/,/^$/p')
    echo "$code"
    [ -n "$code" ]
    grep -E "$barrier" <<<"$code"
}
