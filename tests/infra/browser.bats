#!/usr/bin/env bats
# The site in a browser: Chromium loads and uses it, served by phase 10's server.
#
# browser.js does the work, in one page of one browser; each test looks at its
# lines. axe-core judges accessibility: AXE names its file.

bats_require_minimum_version 1.5.0
load ../support/await

root=$BATS_TEST_DIRNAME/../..

# Prints why there can be no browser, or nothing.
lacking()
{
    command -v cmark-gfm >/dev/null || echo "cmark-gfm is not installed"
    command -v chromium >/dev/null || echo "chromium is not installed"
    [ -x "$root/build/phase10/serve" ] || echo "build/phase10/serve is not built"
}

setup_file()
{
    [ -z "$(lacking)" ] || return 0
    cd "$BATS_FILE_TMPDIR" || return
    export SITE_COLOURS=$root/build/site-colours # coloured already, perhaps
    { mkdir -p "$SITE_COLOURS/blocks" && [ -w "$SITE_COLOURS/blocks" ]; } \
        2>/dev/null || SITE_COLOURS=$PWD/colours
    "$root/tests/tools/site" "$PWD/site" 2>made || { cat made && return 1; }
    cp "$BATS_TEST_DIRNAME/browser.js" site
    cp "${AXE:-$root/build/npm/node_modules/axe-core/axe.min.js}" site/axe.js \
        2>/dev/null || true
    {
        echo "const hasAxe = $([ -f site/axe.js ] && echo true || echo false);"
        echo "const pages = ["
        find site -name '*.html' | sed 's|^site/|"|; s|$|",|'
        echo "];"
    } >pages.js
    mv pages.js site
    echo '<!DOCTYPE html><body><script src="pages.js"></script>' \
        '<script src="browser.js"></script>' >site/browser.html
    browse
}

browse()
{
    local server address port

    # As root, Chromium has no sandbox. Its time is virtual: timers do not wait.
    if start_listening listening errors \
        "$root/build/phase10/serve" --root site --port 0; then
        HOME=$PWD timeout 240 chromium --headless --no-sandbox --disable-gpu \
            --user-data-dir="$PWD/profile" --enable-logging=stderr \
            --virtual-time-budget=20000 --dump-dom \
            "$address/browser.html" \
            >dumped 2>logged 3>&- && echo 0 >code || echo "$?" >code
    fi
    kill "$server" 2>/dev/null || true
    wait "$server" || true
}

setup()
{
    why=$(lacking | head -n 1)
    [ -z "$why" ] || skip "$why"
    cd "$BATS_FILE_TMPDIR" || return
    [ -f code ] || skip "no server without io_uring"
    sed 's/<[^>]*>/\n/g; s/&gt;/>/g; s/&lt;/</g; s/&amp;/\&/g' dumped |
        grep -E '^(ok|not ok|skip) ' >results || true
}

# Whether the check NAME was made and found nothing.
passed() # NAME
{
    ! grep "^skip $1: " results || skip "$(sed -n "s/^skip $1: //p" results)"
    grep -E "^(not )?ok $1: " results
    grep -q "^ok $1: " results
}

@test "the browser makes every check" {
    [ "$(cat code)" -eq 0 ]
    passed all
}

@test "every link leads to a page, and to a section of it" {
    passed links
}

@test "the search finds sections, other forms of words, and functions" {
    passed search
}

@test "the switch changes between light and dark" {
    passed theme
}

@test "no page is wider than a phone" {
    passed phone
}

@test "the page of the ring steps through each trace and back" {
    passed ring
}

@test "axe-core has no objection, in light and dark" {
    [ -f site/axe.js ] || skip "axe-core is not installed (npm)"
    passed "axe light"
    passed "axe dark"
}

@test "no script fails, and the console has no error" {
    passed errors
    run ! grep -E 'CONSOLE.*(Error|error|Uncaught|Failed)' logged
}
