#!/usr/bin/env bats
# tests/site: links of Markdown become links between pages.
# shellcheck disable=SC2016 # Markdown's backquotes are no commands

setup()
{
    command -v cmark-gfm >/dev/null || skip "cmark-gfm is not installed"
    cd "$BATS_TEST_TMPDIR" || return
    export SITE_TOP=$PWD
    mkdir -p docs lib phase0 phase10
    echo '# One ring, in C' >README.md
    echo '# Phase 0: what is there' >phase0/README.md
    echo '# Phase 10: a server' >phase10/README.md
    echo '# The design' >docs/design.md
    echo 'int less = "a" < "b";' >lib/ring.c
}

site() # OUT, as tests/site has it
{
    run "$BATS_TEST_DIRNAME/../site" "$@"
}

@test "every chapter becomes a page that all others lead to" {
    site
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "site: 4 chapters in build/site" ]
    [ "${lines[1]}" = "site: 5 pages in build/site" ]
    for page in index phase0/index phase10/index docs/index docs/design; do
        grep -q '^<!DOCTYPE html>$' "build/site/$page.html"
        grep -q 'phase&nbsp;10</a>' "build/site/$page.html"
    done
    grep -q '<title>Phase 0: what is there</title>' build/site/phase0/index.html
    grep -q 'href="../phase10/index.html">Phase 10: a server' \
        build/site/phase0/index.html
    grep -q 'href="design.html">The design' build/site/docs/index.html
}

@test "links between chapters lead to pages, and to headings" {
    echo '[0](phase0/) [10](phase10/README.md#run-it) [design](docs/design.md)
[far](https://x.org/a.md)' >>README.md
    echo '## Run `it`

[up](../README.md) [here](#run-it)' >>phase10/README.md
    site
    [ "$status" -eq 0 ]
    grep -q 'href="phase0/index.html">0<' build/site/index.html
    grep -q 'href="phase10/index.html#run-it">10<' build/site/index.html
    grep -q 'href="docs/design.html">design<' build/site/index.html
    grep -q 'href="https://x.org/a.md">far<' build/site/index.html
    grep -q '<h2 id="run-it">Run <code>it</code></h2>' \
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
    sed -n "/<main>/,/<\\/main>/p" build/site/docs/cases/index.html >listed
    diff listed - <<'HTML'
<main>
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
    grep -q '^<a id="half"></a>int half(int n);$' build/site/lib/half.h.html
}

@test "folded answers stay folded, and scripts are not passed on" {
    echo '<details><summary>Why?</summary>

Because.

</details>

<script>x</script>' >>README.md
    site
    [ "$status" -eq 0 ]
    grep -q '<details><summary>Why?</summary>' build/site/index.html
    run grep '<script' build/site/index.html
    [ "$status" -eq 1 ]
}

@test "a link that leads nowhere is named" {
    echo '[gone](docs/gone.md)' >>README.md
    site
    [ "$status" -eq 1 ]
    [ "${lines[1]}" = "site: index.html: docs/gone.md does not exist" ]
    [ "${#lines[@]}" -eq 2 ]
}

@test "what an older site had is gone, and its folder is the same" {
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
    printf '# \303\204 "quoted" & <b>\n\n[x](../lib/ring.c)\n' >docs/more.md
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
