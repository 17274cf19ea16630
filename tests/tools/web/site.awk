# site.awk: writes all pages of the site. tests/tools/site runs it, after
# slug.awk, with the other parts of this folder.
#
# It reads the list of the tree, sorted, one path per line; a folder ends in
# "/". It writes below `out`, where the folders exist. In `scratch` it leaves:
#
#   made      the files of the site, relative to out
#   images    those of them that have yet to be copied
#   inputs    the files and folders that decide what the site is
#
# A link to a chapter becomes a link to its page. A linked source becomes a page
# with its text, and a linked folder a page with its files. A source that a
# chapter names as `FILE` or `FILE:SYMBOL` is linked, to the line that defines
# the symbol. Last it follows every link: one that leads nowhere is an error.
#
# mawk, gawk and busybox awk write the same bytes: no `for (x in array)` decides
# an order. One page is written at a time: `page` is its name, relative to out,
# `top` the way from it to the top, `file` its path.
#
# `colours` is the folder of the sources that are coloured, or "". `has_search` is
# 1 if the site has lunr.

{
    tree[$0] = 1
    paths[++path_count] = $0
}

END {
    made_files("site.css site.js")
    order_chapters()
    for (i = 1; i <= order_count; i++)
        write_chapter(order[i])
    say(order_count " chapters in " out)
    if (ENVIRON["SITE_READY"] != "") {
        print "ready" >ENVIRON["SITE_READY"]
        close(ENVIRON["SITE_READY"])
    }

    # A docs page that lists the chapters, unless it is a chapter itself.
    if (("docs/" in tree) && !("docs/README.md" in tree))
        want("docs/")
    # The folder of a source shows what else belongs to it.
    for (i = 1; i <= source_count; i++)
        if (sources[i] ~ /^(lib|phase[0-9]+)\/.*\// &&
            !((folder_of(sources[i]) "README.md") in tree))
            want(folder_of(sources[i]))
    # Folders first: each is followed by its files.
    for (i = 1; i <= folder_count; i++)
        write_folder(folders[i])
    for (i = 1; i <= source_count; i++)
        if (!is_image(sources[i]))
            want_includes(sources[i])
    colour_sources()
    for (i = 1; i <= source_count; i++)
        if (!is_image(sources[i]))
            write_source(sources[i])
    write_ring()
    write_missing()
    if (has_search)
        write_search()
    write_lists()
    exit check_links()
}

# Files of the site that are no pages: tests/tools/site copies them.
function made_files(names,    i, n, name)
{
    n = split(names, name, " ")
    for (i = 1; i <= n; i++) {
        made[name[i]] = 1
        made_list[++made_count] = name[i]
    }
}

function say(text)
{
    print "site: " text >"/dev/stderr"
}

function stop(text)
{
    say(text)
    exit 2
}

# ---- names -----------------------------------------------------------------

function folder_of(path)
{
    sub(/[^\/]*$/, "", path)
    return path
}

function is_chapter(path)
{
    return path ~ /^[^\/]*\.md$/ || path ~ /^(docs|lib|phase[0-9]+)\/.*\.md$/
}

function is_image(path)
{
    return path ~ /\.(svg|png|jpg|gif|webp)$/
}

# The page of a Markdown file.
function page_of(path)
{
    if (!sub(/README\.md$/, "index.html", path))
        sub(/\.md$/, ".html", path)
    return path
}

# "a/../b" is "b".
function normal(path)
{
    gsub(/\/\.\//, "/", path)
    sub(/^\.\//, "", path)
    while (sub(/[^\/]+\/\.\.\//, "", path))
        ;
    return path
}

# The text of a Markdown file's first heading.
function title_of(path,    line)
{
    if (path in titles)
        return titles[path]
    titles[path] = ""
    while ((getline line <path) > 0)
        if (sub(/^# +/, "", line)) {
            gsub(/[`*]/, "", line)
            titles[path] = line
            break
        }
    close(path)
    return titles[path]
}

function escape(text)
{
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/"/, "\\&quot;", text)
    return text
}

# Text without HTML's entities.
function plain(text)
{
    gsub(/&lt;/, "<", text)
    gsub(/&gt;/, ">", text)
    gsub(/&quot;/, "\"", text)
    gsub(/&amp;/, "\\&", text)
    return text
}

# ---- what the site still needs ---------------------------------------------

# A file or folder gets a page (an image a copy), once.
function want(path)
{
    if (path == "" || (path in wanted))
        return
    wanted[path] = 1
    if (path ~ /\/$/)
        folders[++folder_count] = path
    else
        sources[++source_count] = path
}

# Where the site has what the tree has at path.
function page_for(path)
{
    if ((path "/") in tree)
        path = path "/"
    if (path == "" || path ~ /\/$/) {
        if (!((path "README.md") in tree))
            want(path)
        return path "index.html"
    }
    if (!(path in tree))
        return path
    if (is_chapter(path))
        return page_of(path)
    want(path)
    return is_image(path) ? path : path ".html"
}

# ---- links -----------------------------------------------------------------

# Every link that is written goes through here, for check_links.
function noted(address,    path)
{
    path = address
    sub(/#.*/, "", path)
    sub(/^\//, "", path) # of the page 404.html
    if (path != "" && path !~ /^[a-z]+:/ && !((page, path) in is_noted)) {
        is_noted[page, path] = 1
        link_page[++link_count] = page
        link_path[link_count] = path
    }
    return address
}

# Returns 1 if a link leads nowhere, after printing each that does.
function check_links(    i, code)
{
    code = 0
    for (i = 1; i <= link_count; i++)
        if (!(normal(folder_of(link_page[i]) link_path[i]) in made)) {
            say(link_page[i] ": " link_path[i] " does not exist")
            code = 1
        }
    return code
}

# A link to another page of the site.
function link(target, text)
{
    return "<a href=\"" noted(top target) "\"" \
        (target == page ? " aria-current=\"page\"" : "") ">" text "</a>"
}

# The chapter that is being written leads to the source at path: so the source's
# page leads back to the section that does it first.
function remember(path)
{
    if (chapter == "" || is_chapter(path) || ((path, chapter) in remembered))
        return
    remembered[path, chapter] = 1
    back_count[path]++
    back[path, back_count[path]] = chapter "\t" section "\t" section_title
}

# What a link of the Markdown file in `folder` becomes.
function target(address, folder,    at, anchor)
{
    if (address ~ /^[a-z]+:/ || address ~ /^#/ || address == "")
        return address
    at = index(address, "#")
    anchor = at > 0 ? substr(address, at) : ""
    if (at > 0)
        address = substr(address, 1, at - 1)
    address = normal(folder address)
    remember(address)
    return noted(top page_for(address) anchor)
}

function rewrite(line, folder,    done, attribute, at)
{
    done = ""
    while (match(line, /(href|src)="[^"]*"/)) {
        attribute = substr(line, RSTART, RLENGTH - 1)
        done = done substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + RLENGTH)
        at = index(attribute, "\"")
        done = done substr(attribute, 1, at) \
            target(substr(attribute, at + 1), folder) "\""
    }
    return done line
}

# Where `FILE` or `FILE:SYMBOL` leads, or "".
function mention(path,    symbol)
{
    symbol = ""
    if (match(path, /:[A-Za-z_][A-Za-z0-9_]*$/)) {
        symbol = substr(path, RSTART + 1)
        path = substr(path, 1, RSTART - 1)
    }
    if (path !~ /\// || path ~ /\/$/ || !(path in tree))
        return ""
    remember(path)
    if (symbol == "" || path ~ /\.md$/)
        return noted(top page_for(path))
    if (index(symbols[path] " ", " " symbol " ") == 0)
        symbols[path] = symbols[path] " " symbol
    return noted(top page_for(path)) "#" symbol
}

# Names of files are long: a browser may break them where their parts meet.
function broken(text)
{
    gsub(/[\/_:]/, "&<wbr>", text)
    return text
}

# Links each source that a line names, unless it is linked already.
function mentions(line,    done, text, rest, to)
{
    done = ""
    while (match(line, /<code>[^<]*<\/code>/)) {
        text = substr(line, RSTART + 6, RLENGTH - 13)
        rest = substr(line, RSTART + RLENGTH)
        done = done substr(line, 1, RSTART - 1)
        to = done ~ /<a [^>]*>$/ ? "" : mention(text)
        if (to == "")
            done = done "<code>" text "</code>"
        else
            done = done "<a href=\"" to "\"><code>" broken(text) "</code></a>"
        line = rest
    }
    return done line
}

# ---- for tests/tools/site ---------------------------------------------------

# A folder decides, too: a new file in it may be one that a page lists, or the
# target of a link.
function write_lists(    i, images, inputs, list)
{
    list = scratch "/made"
    images = scratch "/images"
    inputs = scratch "/inputs"
    for (i = 1; i <= made_count; i++)
        print made_list[i] >list
    printf "" >images
    print "" >inputs
    for (i = 1; i <= path_count; i++) {
        if (is_chapter(paths[i]) || (paths[i] in wanted) ||
            (paths[i] in is_input) || paths[i] ~ /\/$/)
            print paths[i] >inputs
        if (is_image(paths[i]) && (paths[i] in wanted)) {
            made[paths[i]] = 1
            print paths[i] >images
            print paths[i] >list
        }
    }
    close(list)
    close(images)
    close(inputs)
}
