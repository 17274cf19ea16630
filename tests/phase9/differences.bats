# Other parsers on the corpus: docs/http-differences.md lists each stream on
# which one of them disagrees with lib/http, and nothing else. Each parser runs
# once, on all streams.

load ../support/judge

setup()
{
    case $BIN in
    */asan/* | */clang/*) skip "the verdicts are those of the release build" ;;
    esac
    [ -z "${LEARNER-}" ] || skip "it judges no program"
    [ -x "$TOOLS/verdicts" ] || skip "the program verdicts is not built"
    here=$BATS_TEST_DIRNAME
    page=$here/../../docs/http-differences.md
    cd "$BATS_TEST_TMPDIR" || return
    "$TOOLS/verdicts" >ours
    cut -d '|' -f 3 ours | tr -d ' ' >streams
}

# NAME VERSION: skips the test unless the page is about this version.
is_on_the_page()
{
    grep -q "^- \`$1\` $2, " "$page" ||
        skip "the page is not about $1 $2"
}

# COLUMN: compares the verdicts in the file "theirs" with that column of the
# page's tables. An answer of "same" is no row.
compare()
{
    [ "$(wc -l <theirs)" -eq "$(wc -l <ours)" ]
    paste -d '|' ours theirs |
        awk -F ' *[|] *' '$4 != $5 { print $1 " | " $2 " | " $4 " | " $5 }' |
        sort >differ
    awk -F ' *[|] *' -v column="$1" '
        /^\| H-/ && $column != "same" {
            print $2 " | " $3 " | " $4 " | " $column
        }' "$page" | sort >listed
    [ -s differ ]
    diff listed differ
}

@test "each disagreement of h11 is in docs/http-differences.md" {
    for python in python3 /usr/bin/python3; do
        "$python" -c 'import h11' 2>/dev/null && break
        python=
    done
    [ -n "$python" ] || skip "h11 is not installed (Debian: python3-h11)"
    is_on_the_page h11 "$("$python" "$here/peer_h11.py" --version)"
    "$python" "$here/peer_h11.py" <streams >theirs
    compare 5
}

@test "each disagreement of http-parser is in docs/http-differences.md" {
    cc -O1 -o peer "$here/peer_http_parser.c" -lhttp_parser 2>log ||
        skip "http-parser is not installed (Debian: libhttp-parser-dev)"
    is_on_the_page http-parser "$(./peer --version)"
    ./peer <streams >theirs
    compare 6
}

@test "docs/http-differences.md counts its rows and the streams" {
    # Words on purpose.
    # shellcheck disable=SC2046
    set -- $(awk -F ' *[|] *' '/^\| H-/ {
        all++
        h11 += $5 != "same"
        http_parser += $6 != "same"
    }
    END { print all, h11, http_parser }' "$page")
    tr '\n' ' ' <"$page" >flat
    grep -q "has $(wc -l <ours) streams, " flat
    grep -q "\`lib/http\`: $1 in all, $2 for \`h11\` and $3 for \`http-parser\`" flat
    [ -z "$(grep '^| H-' "$page" | cut -d '|' -f 2,3 | sort | uniq -d)" ]
}
