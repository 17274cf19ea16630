#!/usr/bin/env bats
# tests/tools/site: links of Markdown become links between pages.
# shellcheck disable=SC2016 # Markdown's backquotes are no commands

bats_require_minimum_version 1.5.0
load ../support/await

setup()
{
    command -v cmark-gfm >/dev/null || skip "cmark-gfm is not installed"
    cd "$BATS_TEST_TMPDIR" || return
    export SITE_TOP=$PWD LUNR=none HIGHLIGHT=none # unless a test is about them
    mkdir -p docs lib phase0 phase10
    echo '# One ring, in C' >README.md
    echo '# Phase 0: what is there' >phase0/README.md
    echo '# Phase 10: a server' >phase10/README.md
    echo '# The design' >docs/design.md
    echo 'int less = "a" < "b";' >lib/ring.c
}

# The ninja file of the repository, for the small tree of a test.
use_ninja()
{
    mkdir -p build/phase10 tests/tools
    ln -s "$BATS_TEST_DIRNAME"/../tools/{site,site.ninja,serve,slug.awk,web} \
        tests/tools
    ln -s "$BATS_TEST_DIRNAME/../../build/phase10/serve" build/phase10
    printf "%s\n" "builddir = build" "include tests/tools/site.ninja" \
        "build phase10: phony build/phase10/serve" >build.ninja
}

# Returns when a file that is written now is newer than the site.
pass_the_stamp()
{
    for ((i = 0; i < 100000; i++)); do
        : >build/now
        [ build/now -nt build/site/.stamp ] && return
    done
    return 1
}

# Starts `ninja serve` as a terminal does: a process group that Ctrl-C can end.
serve() # PORT
{
    [ -x "$BATS_TEST_DIRNAME/../../build/phase10/serve" ] ||
        skip "build/phase10/serve is not built"
    [ -e build.ninja ] || use_ninja
    : >build/out # an older server's address
    PORT=$1 env --default-signal=INT setsid ninja serve >build/out 2>&1 3>&- &
    group=$!
    until_printed "listening on\\|ninja: build stopped"
    ! grep -q "io_uring" build/out || skip "no server without io_uring"
    url=$(sed -n "s|^listening on ||p" build/out)
}

# PATTERN: returns when `ninja serve` has printed a line like it.
until_printed()
{
    await_that --from "$group" grep -q "$1" build/out || {
        cat build/out
        return 1
    }
}

group_has_ended()
{
    ! kill -0 -- "-$group" 2>/dev/null
}

# Presses Ctrl-C, and returns when no process is left.
interrupt()
{
    kill -INT -- "-$group"
    ! await_that group_has_ended || return 0
    ps -eo pgid,pid,stat,wchan,args | grep "^ *$group "
    cat build/out
    return 1
}

teardown()
{
    [ -z "${group:-}" ] || kill -KILL -- "-$group" 2>/dev/null || true
}

# COMMAND...: after it, one `ninja site` makes the site, and the next does not.
remakes_once()
{
    pass_the_stamp
    "$@"
    run ninja site
    [ "$status" -eq 0 ]
    [[ "$output" = *"pages in build/site"* ]]
    run ninja site
    [ "$output" = "ninja: no work to do." ]
}

site() # OUT, as tests/tools/site has it
{
    run "$BATS_TEST_DIRNAME/../tools/site" "$@"
}

@test "every chapter becomes a page that all others lead to" {
    site
    [ "$status" -eq 0 ]
    [[ "$output" = *"site: 4 chapters in build/site
site: 7 pages in build/site" ]]
    for page in index phase0/index phase10/index docs/index docs/design \
        ring 404; do
        grep -q '^<!DOCTYPE html>$' "build/site/$page.html"
        grep -q '<span class="number">10</span>a server</a>' \
            "build/site/$page.html"
    done
    grep -q '<title>Phase 0: what is there</title>' build/site/phase0/index.html
    grep -q 'href="design.html">The design' build/site/docs/index.html
}

@test "the list of chapters has the lessons by number and marks its page" {
    printf '# Files\n' >docs/files.md
    printf '# A model\n' >docs/model.md
    printf '| [5](docs/files.md) | x |\n' >>README.md
    printf '# All\n\n## Reference\n\n| [The design](design.md) | x |\n' \
        >docs/README.md
    printf '# Changes\n' >CHANGELOG.md
    mkdir phase0/exercises
    printf '# First steps\n' >phase0/exercises/README.md
    site
    [ "$status" -eq 0 ]
    # Its own page is marked, the exercises have none in the list.
    sed -n '/id="chapters"/,/<\/nav>/s/<[^>]*>/ /gp' \
        build/site/phase0/exercises/index.html | grep '[^ ]' |
        sed 's/  */ /g; s/^ //; s/ $//' >listed
    diff listed - <<'TEXT'
Close
The course
One ring, in C
0 what is there
A model
5 Files
10 a server
All
Reference
The design
More
Changes
TEXT
    grep -q '<a href="../phase0/index.html" aria-current="page"><span class="number">0<' \
        build/site/phase0/index.html
    run grep -c aria-current build/site/phase0/index.html
    [ "$output" -eq 1 ]
}

@test "each chapter leads to the one before it and the one after it" {
    mkdir phase0/exercises
    printf '# First steps\n' >phase0/exercises/README.md
    site
    [ "$status" -eq 0 ]
    grep -q 'Next: <a rel="next" href="../phase0/exercises/index.html">First steps<' \
        build/site/phase0/index.html
    grep -q 'Previous: <a rel="prev" href="../../phase0/index.html">Phase 0: what' \
        build/site/phase0/exercises/index.html
    grep -q 'Next: <a rel="next" href="../../phase10/index.html">Phase 10' \
        build/site/phase0/exercises/index.html
    run grep -c 'rel="prev"' build/site/index.html
    [ "$output" = 0 ]
}

@test "a page with sections has a list of them" {
    printf '# A page\n\n## One `a < b`\n\n### Deep\n\n## Two\n' >docs/page.md
    site
    [ "$status" -eq 0 ]
    sed -n '/id="contents"/,/<\/nav>/p' build/site/docs/page.html |
        grep '<li' >listed
    diff listed - <<'HTML'
<li class="level2"><a href="#one-a--b">One a &lt; b</a></li>
<li class="level3"><a href="#deep">Deep</a></li>
<li class="level2"><a href="#two">Two</a></li>
HTML
    run grep 'id="contents"' build/site/docs/design.html
    [ "$status" -eq 1 ]
}

@test "the page for a missing address links from the top" {
    site
    grep -q 'href="/site.css"' build/site/404.html
    grep -q 'href="/index.html">One ring, in C</a>, the first page' \
        build/site/404.html
    run grep -E '(href|src)="[^/#dh]' build/site/404.html
    [ "$status" -eq 1 ]
}

@test "links between chapters lead to pages, and to headings" {
    echo '[0](phase0/) [10](phase10/README.md#run-it) [design](docs/design.md)
[far](https://x.org/a.md)' >>README.md
    echo "## Run it" >>phase0/README.md
    echo '## Run `it`

[up](../README.md) [here](#run-it)' >>phase10/README.md
    site
    [ "$status" -eq 0 ]
    grep -q 'href="phase0/index.html">0<' build/site/index.html
    grep -q 'href="phase10/index.html#run-it">10<' build/site/index.html
    grep -q 'href="docs/design.html">design<' build/site/index.html
    grep -q 'href="https://x.org/a.md">far<' build/site/index.html
    grep -q '<h2 id="run-it">' build/site/phase0/index.html
    grep -q '<h2 id="run-it">Run <code>it</code> <a class="self" href="#run-it"' \
        build/site/phase10/index.html
    grep -q 'href="../index.html">up<' build/site/phase10/index.html
}

@test "a source that is linked becomes a page with its text" {
    echo '[ring](../lib/ring.c) [all](../lib/)' >>phase0/README.md
    site
    [ "$status" -eq 0 ]
    grep -q 'href="../lib/ring.c.html">ring<' build/site/phase0/index.html
    grep -q 'int less = &quot;a&quot; &lt; &quot;b&quot;;' \
        build/site/lib/ring.c.html
    grep -q 'href="ring.c.html">ring.c<' build/site/lib/index.html
}

@test "the page of a folder lists its files and the titles of its chapters" {
    mkdir -p docs/cases/deep
    echo "# A & B" >docs/cases/one.md
    echo x >"docs/cases/two.txt"
    echo y >docs/cases/deep/three.txt
    echo "[cases](docs/cases/)" >>README.md
    site
    [ "$status" -eq 0 ]
    sed -n "/<main/,/<\\/main>/p" build/site/docs/cases/index.html >listed
    diff listed - <<'HTML'
<main id="content">
<h1>docs/cases/</h1>
<ul>
<li><a href="one.html">A &amp; B</a></li>
<li><a href="two.txt.html">two.txt</a></li>
</ul>
</main>
HTML
}

@test "a source that is named is linked, to where its symbol is defined" {
    printf '/* half: a comment */\nint half(int n);\nint two = half(4);\n' \
        >lib/half.h
    echo 'See `lib/half.h:half`, `lib/ring.c` and `lib/gone.c`, and
[`lib/ring.c`](../lib/ring.c).' >>phase0/README.md
    site
    [ "$status" -eq 0 ]
    grep -q 'href="../lib/half.h.html#half"><code>lib/<wbr>half.h:<wbr>half<' \
        build/site/phase0/index.html
    grep -q ' <a href="../lib/ring.c.html"><code>lib/<wbr>ring.c</code></a> ' \
        build/site/phase0/index.html
    grep -q ' <code>lib/gone.c</code>' build/site/phase0/index.html
    grep -q '^<a href="../lib/ring.c.html"><code>lib/ring.c</code></a>' \
        build/site/phase0/index.html
    grep -q '^<i id="L2"></i><a id="half"></a>int half(int n);$' \
        build/site/lib/half.h.html
}

@test "what a source includes has a page, and is linked" {
    printf 'int two;\n' >lib/two.h
    printf '#include "two.h"\n#include <stdio.h>\n#include "gone.h"\n' \
        >phase0/one.c
    echo 'See `phase0/one.c`.' >>README.md
    site
    [ "$status" -eq 0 ]
    grep -q '>#include <a href="../lib/two.h.html">&quot;two.h&quot;</a>$' \
        build/site/phase0/one.c.html
    grep -q '>#include &lt;stdio.h&gt;$' build/site/phase0/one.c.html
    grep -q '>#include &quot;gone.h&quot;$' build/site/phase0/one.c.html
    grep -q 'int two;' build/site/lib/two.h.html
}

@test "a source leads back to the sections that name it, or to its lesson" {
    printf '#include "two.h"\n' >phase0/one.c
    printf 'int two;\n' >phase0/two.h
    printf '\n## Read this\n\n`phase0/one.c` and `phase0/one.c`\n' \
        >>phase10/README.md
    site
    [ "$status" -eq 0 ]
    grep -q '^<p class="back">Read in: <a href="../phase10/index.html#read-this">Phase 10: a server, Read this</a></p>$' \
        build/site/phase0/one.c.html
    grep -q '^<p class="back">Belongs to: <a href="../phase0/index.html">Phase 0' \
        build/site/phase0/two.h.html
}

@test "sources and blocks of C are coloured where highlight is installed" {
    command -v highlight >/dev/null || skip "highlight is not installed"
    export HIGHLIGHT=highlight
    printf '#include "two.h"\n/* a\n   b */ int one;\n' >lib/one.c
    printf 'int two;\n' >lib/two.h
    printf '`lib/one.c`\n\n<!-- code: lib/one.c -->\n```c\nreturn one;\n\n```\n' \
        >>README.md
    site
    [ "$status" -eq 0 ]
    [[ "$output" != *"no colours"* ]]
    grep -q '<i id="L3"></i><span class="com">   b \*/</span> <span class="kwb">int</span> one;' \
        build/site/lib/one.c.html
    grep -q '<span class="pps"><a href="../lib/two.h.html">&quot;two.h&quot;</a></span>' \
        build/site/lib/one.c.html
    grep -q '<code class="language-c"><span class="kwa">return</span> one;$' \
        build/site/index.html
    grep -q '<p class="origin"><a href="lib/one.c.html">lib/<wbr>one.c' \
        build/site/index.html
    # Only what changed is coloured again.
    touch -d '1 hour ago' lib/one.c lib/two.h
    printf '#!/bin/sh\necho "$@" >>"$0.log"\nexec highlight "$@"\n' >count
    chmod +x count
    printf 'int more;\n' >>lib/two.h
    HIGHLIGHT=$PWD/count site
    [ "$status" -eq 0 ]
    grep -q 'more' build/site/lib/two.h.html
    [ "$(wc -l <count.log)" -eq 1 ]
    grep -q 'lib+two.h$' count.log
    run ! grep 'one.c' count.log
}

@test "without highlight and lunr the site is whole, and says what it lacks" {
    echo '`lib/ring.c`' >>README.md
    site
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" = "site: no search: lunr is not installed "* ]]
    [[ "${lines[1]}" = "site: no colours: highlight is not installed"* ]]
    grep -q '<i id="L1"></i>int less' build/site/lib/ring.c.html
    run ! grep -r 'search' build/site/index.html
    [ ! -e build/site/search.js ]
}

@test "the search index has each section, with its words" {
    printf 'lunr\n' >lunr.js
    printf '# Top "A"\n\nfirst\n\n## Part `b < c`\n\nsecond \\n first\n' \
        >docs/page.md
    echo '`lib/ring.c`' >>README.md
    printf 'static int *ring_take(int n)\n{\n}\n' >lib/ring.c
    LUNR=$PWD/lunr.js site
    [ "$status" -eq 0 ]
    cmp lunr.js build/site/lunr.js
    grep -q '^\["docs/page.html","Top \\"A\\"","","first"\],$' \
        build/site/search-index.js
    grep -q '^\["docs/page.html#part-b--c","Top \\"A\\"","Part b < c","second .*n first"\],$' \
        build/site/search-index.js
    grep -q '^\["lib/ring.c.html","lib/ring.c","","ring_take"\]' \
        build/site/search-index.js
    # JavaScript is JSON between the parentheses.
    sed '1s/^searchLoaded(//; $s/);$//' build/site/search-index.js |
        "$BATS_TEST_DIRNAME/../../build/tests/json-check"
    # The terms are sorted, and each is once.
    sed -n 's/^\["\([a-z0-9_]*\)",{"_index.*/\1/p' build/site/search-index.js \
        >terms
    grep -qx first terms
    sort -cu terms
}

@test "the page of the ring has the traces of the tree" {
    mkdir docs/traces
    printf '{"event":"about"}\n{"event":"end"}\n' >docs/traces/one.jsonl
    site
    [ "$status" -eq 0 ]
    sed '1s/^const ringTraces = //; $s/;$//' build/site/ring-traces.js |
        "$BATS_TEST_DIRNAME/../../build/tests/json-check"
    grep -q '"file": "docs/traces/one.jsonl"' build/site/ring-traces.js
}

@test "a drawing becomes a picture, and its text stays" {
    printf '# D\n\n```text\n  +---+   one--two\n  | a |-->  b <c>\n  +---+\n```\n' \
        >docs/drawn.md
    printf '\n```text\nReturns  > 0  the number\n```\n' >>docs/drawn.md
    site
    [ "$status" -eq 0 ]
    [ "$(grep -c '<svg' build/site/docs/drawn.html)" -eq 1 ]
    grep -q '^<text x="32" y="30" textLength="8">a</text>$' \
        build/site/docs/drawn.html
    grep -q '^<text x="80" y="13" textLength="64">one--two</text>$' \
        build/site/docs/drawn.html
    grep -q '>b &lt;c&gt;</text>$' build/site/docs/drawn.html
    grep -q '^  | a |--&gt;  b &lt;c&gt;$' build/site/docs/drawn.html
    [ "$(grep -o 'class="head" d="M[^z]*z"' build/site/docs/drawn.html |
        grep -c .)" -eq 1 ]
    grep -q '^<pre><code class="language-text">Returns' build/site/docs/drawn.html
}

@test "folded answers stay folded, and scripts are not passed on" {
    echo '<details><summary>Why?</summary>

Because.

</details>

<script>x</script>' >>README.md
    site
    [ "$status" -eq 0 ]
    grep -q '<details><summary>Why?</summary>' build/site/index.html
    grep -q '&lt;script>x' build/site/index.html
}

@test "a link that leads nowhere is named" {
    echo '[gone](docs/gone.md)' >>README.md
    site
    [ "$status" -eq 1 ]
    [ "${lines[-1]}" = "site: index.html: docs/gone.md does not exist" ]
    [ "$(grep -c "does not exist" <<<"$output")" -eq 1 ]
}

@test "a page of an older site is removed, and its folder stays" {
    site
    folder=$(stat -c %i build/site)
    rm docs/design.md
    site
    [ "$status" -eq 0 ]
    [ ! -e build/site/docs/design.html ]
    [ "$(stat -c %i build/site)" = "$folder" ]
}

@test "an image that is linked is copied" {
    mkdir -p docs/images
    printf '\211PNG\0\n' >docs/images/ring.png
    echo '![ring](images/ring.png)' >>docs/design.md
    site
    [ "$status" -eq 0 ]
    cmp docs/images/ring.png build/site/docs/images/ring.png
}

@test "every awk on this machine writes the same bytes" {
    echo 'See `lib/ring.c:less`, `lib/ring.c:int` and [all](lib/).' >>README.md
    printf '# \303\204 "quoted" & <b>\n\n[x](../lib/ring.c) \\ \n' >docs/more.md
    printf '```text\n +--v--+ .-->\n | x\\& |-\n```\n' >>docs/more.md
    printf 'lunr\n' >lunr.js
    export LUNR=$PWD/lunr.js
    site build/first
    [ "$status" -eq 0 ]
    compared=0
    for awk in mawk gawk original-awk "busybox awk"; do
        # shellcheck disable=SC2086 # two words on purpose
        $awk 'BEGIN { exit }' </dev/null 2>/dev/null || continue
        AWK=$awk site build/other
        [ "$status" -eq 0 ]
        diff -r -x .stamp.d build/first build/other
        compared=$((compared + 1))
    done
    [ "$compared" -gt 0 ] || skip "no awk is known by its name"
}

@test "ninja makes the site again only if a file or folder of it changed" {
    use_ninja
    echo '[ring](lib/ring.c) [all](lib/) `phase0/late.c`' >>README.md
    echo '/* shown by no page */' >phase0/other.c
    remakes_once true
    remakes_once touch phase0/README.md
    remakes_once touch lib/ring.c
    remakes_once touch lib/new.c
    grep -q 'new.c.html' build/site/lib/index.html
    remakes_once touch phase0/late.c
    grep -q 'href="phase0/late.c.html"' build/site/index.html
    pass_the_stamp
    echo '/* changed */' >phase0/other.c
    run ninja site
    [ "$output" = "ninja: no work to do." ]
}

@test "ninja makes the site again after a file of it was removed" {
    use_ninja
    echo '[all](lib/)' >>README.md
    echo 'int gone;' >lib/gone.c
    remakes_once true
    [ -f build/site/lib/gone.c.html ]
    remakes_once rm lib/gone.c
    [ ! -e build/site/lib/gone.c.html ]
    remakes_once rm -r phase10
    [ ! -e build/site/phase10 ]
    remakes_once rm -r build/site
    [ -f build/site/index.html ]
}

@test "ninja fails as long as a link leads nowhere" {
    use_ninja
    remakes_once true
    pass_the_stamp
    echo '[gone](docs/gone.md)' >>README.md
    for i in 1 2; do
        run ninja site
        [ "$status" -eq 1 ]
        [[ "$output" = *"site: index.html: docs/gone.md does not exist"* ]]
    done
    remakes_once eval 'echo "# Found" >docs/gone.md'
}

@test "ninja serve makes the site and prints where it serves it" {
    serve 0
    [ "$(curl -s "$url/phase0/" | grep -c '<title>Phase 0: what')" -eq 1 ]
    until_printed "site: 7 pages in build/site"
    interrupt
}

@test "ninja serve serves the chapters before the sources have pages" {
    echo '[ring](lib/ring.c)' >>README.md
    mkdir -p build/site/lib
    mkfifo build/site/lib/ring.c.html # site.awk waits here
    serve 0
    curl -sf "$url/docs/design.html" >build/page
    run ! grep "pages in build/site" build/out
    timeout 100 grep -q 'int less' build/site/lib/ring.c.html
    until_printed "site: 8 pages in build/site"
    interrupt
}

@test "ninja serve does not make a site again that is up to date" {
    use_ninja
    remakes_once true
    serve 0
    curl -sf "$url/" >build/page
    interrupt
    run ! grep "site:" build/out
}

@test "ninja serve listens where PORT says" {
    serve 0
    port=${url##*:}
    [ "$port" -ne 8080 ]
    interrupt
    serve "$port"
    [ "$url" = "http://127.0.0.1:$port" ]
    curl -sf "$url/" >build/page
    interrupt
}

@test "ninja serve says how to pick another port when its own is taken" {
    serve 0
    until_printed "pages in build/site" # one process at a time makes it
    PORT=${url##*:} run tests/tools/serve
    [ "$status" -eq 1 ]
    [[ "$output" = *"Address already in use"* ]]
    [[ "$output" = *"PORT=9000 ninja serve picks another port"* ]]
    interrupt
}

@test "ninja serve names a broken link and serves the other pages" {
    echo '[gone](docs/gone.md)' >>README.md
    serve 0
    until_printed "site: index.html: docs/gone.md does not exist"
    until_printed "serve: the site is not complete"
    curl -sf "$url/docs/design.html" >build/page
    interrupt
}

@test "ninja serve reports no failure if Ctrl-C ends it before the last page" {
    use_ninja
    # The chapters are ready, and the last page never is.
    mkdir -p build/site
    rm tests/tools/site
    printf '#!/bin/sh\n[ -z "$SITE_READY" ] || echo ready >"$SITE_READY"\nexec sleep 600\n' \
        >tests/tools/site
    chmod +x tests/tools/site
    serve 0
    interrupt
    ! grep "not complete" build/out
}

@test "ninja serve ends if there is no site that it could serve" {
    use_ninja
    mkdir bin
    printf '#!/bin/sh\nexit 1\n' >bin/cmark-gfm
    chmod +x bin/cmark-gfm
    PATH=$PWD/bin:$PATH run timeout 100 tests/tools/serve
    [ "$status" -eq 2 ]
    [[ "$output" = *"cmark-gfm failed on README.md"* ]]
    [[ "$output" != *"listening"* ]]
}
