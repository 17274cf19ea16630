# tsan.bash: a unit once more under ThreadSanitizer, for bats.
#
# The release build makes such units (tests/tsan.ninja); other builds have a
# sanitizer of their own.

# UNIT, of the suite that calls
run_under_tsan()
{
    local units=$BIN/../tsan/tests/${BATS_TEST_DIRNAME##*/} calm=
    local unit=$units/$1

    [ -d "$units" ] || skip "no units for ThreadSanitizer beside these programs"
    [ -x "$unit" ] || { echo "$unit is not built"; return 1; }
    # It wants an address space that is not too random.
    if command -v setarch >/dev/null; then
        calm="setarch -R"
    fi
    # ONLY chooses among the tests of the .bats file, not among the unit's.
    # shellcheck disable=SC2086
    TSAN_OPTIONS="halt_on_error=1" run env -u ONLY $calm "$unit"
    case $output in
    skip:*) skip "${output#skip: }" ;;
    *"unexpected memory mapping"*) skip "ThreadSanitizer cannot map its memory" ;;
    esac
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"$1: "*" passed, 0 failed, "* ]]
}
