#!/usr/bin/env bats
# The targets of ninja that no other test builds.

bats_require_minimum_version 1.5.0

setup()
{
    cd "$BATS_TEST_DIRNAME/../.." || return
}

@test "ninja knows how to make everything that each target needs" {
    mapfile -t targets < <(ninja -t targets all | sed 's/: [^:]*$//')
    [ "${#targets[@]}" -gt 1000 ]
    run ninja -n "${targets[@]}"
    [ "$status" -eq 0 ] || { echo "${lines[-1]}"; false; }
}

@test "every ninja command of the documents names a target" {
    local words=$BATS_TEST_TMPDIR/words targets=$BATS_TEST_TMPDIR/targets

    grep -ohE '`ninja( -k 0)?( [a-z][a-z0-9-]*)+`|^\$ ninja( [a-z][a-z0-9-]*)+$' \
        README.md CONTRIBUTING.md lib/*.md phase*/*.md docs/*.md |
        tr -d '`$' | sed 's/ninja//; s/-k 0//' | tr -s ' ' '\n' |
        sed '/^$/d' | sort -u >"$words"
    ninja -t targets all | sed 's/: [^:]*$//' | sort >"$targets"
    [ "$(wc -l <"$words")" -gt 20 ]
    run comm -23 "$words" "$targets"
    [ "$output" = "" ] || { echo "no target: $output"; false; }
}
