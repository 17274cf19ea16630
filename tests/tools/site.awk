# site.awk: writes all pages of the site. tests/tools/site runs it, after slug.awk.
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

{
    tree[$0] = 1
    paths[++path_count] = $0
}

END {
    made["site.css"] = 1
    find_phases()
    for (i = 1; i <= path_count; i++)
        if (is_chapter(paths[i]))
            write_chapter(paths[i])
    say(chapter_count " chapters in " out)
    if (ENVIRON["SITE_READY"] != "") {
        print "ready" >ENVIRON["SITE_READY"]
        close(ENVIRON["SITE_READY"])
    }

    # A docs page that lists the chapters, unless it is a chapter itself.
    if (("docs/" in tree) && !("docs/README.md" in tree))
        want("docs/")
    # Folders first: each is followed by its files.
    for (i = 1; i <= folder_count; i++)
        write_folder(folders[i])
    for (i = 1; i <= source_count; i++)
        if (!is_image(sources[i]))
            write_source(sources[i])
    write_lists()
    exit check_links()
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
    return path ~ /^[^\/]*\.md$/ || path ~ /^docs\/.*\.md$/ ||
        path ~ /^(phase[0-9]+|phase[0-9]+\/exercises|lib)\/README\.md$/
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

# The phases that have a lesson, by number.
function find_phases(    i, j, n)
{
    for (i = 1; i <= path_count; i++) {
        if (paths[i] !~ /^phase[0-9]+\/README\.md$/)
            continue
        n = substr(folder_of(paths[i]), 6) + 0
        for (j = phase_count++; j > 0 && phases[j] > n; j--)
            phases[j + 1] = phases[j]
        phases[j + 1] = n
    }
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
    if (path ~ /\.md$/)
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

# What a link of the Markdown file in `folder` becomes.
function target(address, folder,    at, anchor)
{
    if (address ~ /^[a-z]+:/ || address ~ /^#/ || address == "")
        return address
    at = index(address, "#")
    anchor = at > 0 ? substr(address, at) : ""
    if (at > 0)
        address = substr(address, 1, at - 1)
    return noted(top page_for(normal(folder address)) anchor)
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

# ---- pages -----------------------------------------------------------------

function put(line)
{
    print line >file
}

function open_page(path, title)
{
    page = path
    made[page] = 1
    made_list[++made_count] = page
    file = out "/" page
    top = folder_of(page)
    gsub(/[^\/]+\//, "../", top)

    put("<!DOCTYPE html>")
    put("<html lang=\"en\">")
    put("<head>")
    put("<meta charset=\"utf-8\">")
    put("<meta name=\"viewport\"" \
        " content=\"width=device-width, initial-scale=1\">")
    put("<title>" escape(title) "</title>")
    put("<link rel=\"stylesheet\" href=\"" noted(top "site.css") "\">")
    put("</head>")
    put("<body>")
    put("<header>")
    put("<nav aria-label=\"Chapters\">")
    put_navigation()
    put("</nav>")
    put("</header>")
    put("<main>")
}

function put_navigation(    i)
{
    put(link("index.html", "One ring, in C"))
    for (i = 1; i <= phase_count; i++)
        put(link("phase" phases[i] "/index.html", "phase&nbsp;" phases[i]))
    if ("lib/README.md" in tree)
        put(link("lib/index.html", "lib"))
    if ("docs/" in tree)
        put(link("docs/index.html", "docs"))
}

# After a phase comes the next one.
function put_next(    i, next_page)
{
    for (i = 1; i < phase_count; i++)
        if (page == "phase" phases[i] "/index.html") {
            next_page = "phase" phases[i + 1]
            put("<p>Next: " link(next_page "/index.html",
                escape(title_of(next_page "/README.md"))))
            put("</p>")
            return
        }
    put("")
}

function close_page()
{
    put("</main>")
    put("<footer>")
    put_next()
    put("<p>" link("index.html", "One ring, in C") "</p>")
    put("</footer>")
    put("</body>")
    put("</html>")
    close(file)
}

# One line of cmark-gfm's. Text in a block of code may look like a tag, but its
# quotes are escaped.
function finished(line, folder,    text)
{
    if (line ~ /^<h[1-6]>/) {
        text = line
        gsub(/<[^>]*>/, "", text)
        gsub(/&[a-z]+;/, "", text)
        sub(/>/, " id=\"" slug(text) "\">", line)
    }
    return mentions(rewrite(line, folder))
}

function write_chapter(path,    command, line)
{
    command = "cmark-gfm --unsafe --table-prefer-style-attributes -e table" \
        " -e strikethrough -e autolink -e tagfilter -e tasklist '" path "'"
    chapter_count++
    split("", slug_count) # slug.awk counts per chapter
    open_page(page_of(path), title_of(path))
    while ((command | getline line) > 0)
        put(finished(line, folder_of(path)))
    if (close(command) != 0)
        stop("cmark-gfm failed on " path)
    close_page()
}

function write_folder(folder,    i, name, at)
{
    open_page(folder "index.html", folder)
    put("<h1>" escape(folder) "</h1>")
    put("<ul>")
    for (i = 1; i <= path_count; i++) {
        name = substr(paths[i], length(folder) + 1)
        if (index(paths[i], folder) != 1 || name == "" || name ~ /\//)
            continue
        at = substr(page_for(paths[i]), length(folder) + 1)
        if (name ~ /\.md$/)
            name = title_of(paths[i])
        put("<li><a href=\"" noted(at) "\">" escape(name) "</a></li>")
    }
    put("</ul>")
    close_page()
}

# Whether the line has the word, as a whole.
function has(line, word,    at)
{
    while ((at = index(line, word)) > 0) {
        if (substr(" " line, at, 1) !~ /[A-Za-z0-9_]/ &&
            substr(line, at + length(word), 1) !~ /[A-Za-z0-9_]/)
            return 1
        line = substr(line, at + length(word))
    }
    return 0
}

# Reads a file into `lines`, escaped. `mark` gets, by line, the names of the
# symbols that chapters point at: where each is defined, in a line that begins
# with a letter or #, or else where it first is. Returns the number of lines.
function read_source(path, lines, mark,    line, n, i, words, count, at, first,
    defined, more)
{
    n = split(symbols[path], words, " ")
    count = 0
    while ((more = (getline line <path)) > 0) {
        lines[++count] = escape(line)
        for (i = 1; i <= n; i++)
            if (!(i in defined) && has(line, words[i])) {
                if (!(i in first))
                    first[i] = count
                if (line ~ /^[A-Za-z_#]/)
                    defined[i] = count
            }
    }
    close(path)
    if (more < 0)
        stop("cannot read " path)
    for (i = 1; i <= n; i++)
        if (i in first) {
            at = i in defined ? defined[i] : first[i]
            mark[at] = mark[at] "<a id=\"" words[i] "\"></a>"
        }
    return count
}

function write_source(path,    lines, mark, count, i)
{
    count = read_source(path, lines, mark)
    open_page(path ".html", path)
    put("<h1>" escape(path) "</h1>")
    printf "<pre><code>" >file
    for (i = 1; i <= count; i++)
        put(mark[i] lines[i])
    put("</code></pre>")
    close_page()
}

# ---- for tests/tools/site --------------------------------------------------------

# A folder decides, too: a new file in it may be one that a page lists, or the
# target of a link.
function write_lists(    i, images, inputs, list)
{
    list = scratch "/made"
    images = scratch "/images"
    inputs = scratch "/inputs"
    print "site.css" >list
    for (i = 1; i <= made_count; i++)
        print made_list[i] >list
    printf "" >images
    print "" >inputs
    for (i = 1; i <= path_count; i++) {
        if (is_chapter(paths[i]) || (paths[i] in wanted) || paths[i] ~ /\/$/)
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
