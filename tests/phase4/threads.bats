# The units that have threads, once more under ThreadSanitizer. The release build
# makes them (tests/tsan.ninja); other builds have a sanitizer of their own.

bats_require_minimum_version 1.5.0

# UNIT
run_under_tsan()
{
    unit=$BIN/../tsan/tests/phase4/$1
    [ -x "$unit" ] || skip "no $1 for ThreadSanitizer beside these programs"
    # It wants an address space that is not too random.
    calm=
    if command -v setarch >/dev/null; then
        calm="setarch -R"
    fi
    # shellcheck disable=SC2086
    TSAN_OPTIONS="halt_on_error=1" run $calm "$unit"
    case $output in
    skip:*) skip "${output#skip: }" ;;
    *"unexpected memory mapping"*) skip "ThreadSanitizer cannot map its memory" ;;
    esac
    [ "$status" -eq 0 ]
    [[ $output == *"$1: "*" passed, 0 failed, "* ]]
}

@test "posting has no data race" {
    run_under_tsan post
}

@test "workers have no data race" {
    run_under_tsan worker
}

@test "a bridge with threads around it has no data race" {
    run_under_tsan bridge
}
