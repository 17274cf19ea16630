# page.awk: the frame of a page, and the pages of the chapters.

function put(line)
{
    print line >file
}

# The text of a file of this folder. "@" begins a link from the top.
function put_part(name,    line)
{
    while ((getline line <(parts "/" name)) > 0) {
        gsub(/="@/, "=\"" top, line)
        put(line)
    }
    close(parts "/" name)
}

# `scripts` are files of the site, besides site.js.
function open_page(path, title, scripts,    i, n, script)
{
    page = path
    made[page] = 1
    made_list[++made_count] = page
    file = out "/" page
    top = folder_of(page)
    gsub(/[^\/]+\//, "../", top)
    if (page == "404.html") # sent for any path
        top = "/"

    put("<!DOCTYPE html>")
    put("<html lang=\"en\">")
    put("<head>")
    put("<meta charset=\"utf-8\">")
    put("<meta name=\"viewport\"" \
        " content=\"width=device-width, initial-scale=1\">")
    put("<title>" escape(title) "</title>")
    put("<link rel=\"icon\" href=\"data:,\">")
    put("<link rel=\"stylesheet\" href=\"" noted(top "site.css") "\">")
    put("<script src=\"" noted(top "site.js") "\"></script>")
    n = split(scripts (has_search ? " search.js" : ""), script, " ")
    for (i = 1; i <= n; i++)
        put("<script src=\"" noted(top script[i]) "\" defer></script>")
    put("</head>")
    put("<body data-top=\"" top "\">")
    put("<a class=\"skip\" href=\"#content\">Skip to the content</a>")
    put_bar()
    put("<nav id=\"chapters\" aria-label=\"Chapters\">")
    put("<a class=\"close\" href=\"#content\">Close</a>")
    put_navigation()
    put("</nav>")
}

# The search form is hidden until a script can serve it; so is the switch
# between light and dark.
function put_bar()
{
    put("<header>")
    put("<a class=\"menu\" href=\"#chapters\">Chapters</a>")
    put("<a class=\"home\" href=\"" noted(top "index.html") \
        "\">One ring, in C</a>")
    if (has_search) {
        put("<form id=\"search\" role=\"search\" hidden>")
        put("<input type=\"search\" aria-label=\"Search the course\"" \
            " placeholder=\"Search (press /)\" autocomplete=\"off\">")
        put("<div id=\"found\" role=\"status\" hidden></div>")
        put("</form>")
    }
    put("<a class=\"ring\" href=\"" noted(top "ring.html") "\">Ring</a>")
    put("<button id=\"theme\" type=\"button\" hidden>Theme</button>")
    put("</header>")
}

function close_page(path)
{
    put_neighbours(path)
    put("</main>")
    put("</body>")
    put("</html>")
    close(file)
}

# ---- chapters --------------------------------------------------------------

# What cmark-gfm makes of a chapter, line by line, becomes `body`. Text in a
# block of code may look like a tag, but its quotes are escaped.
function write_chapter(path,    command, line, i)
{
    command = "cmark-gfm --unsafe --table-prefer-style-attributes -e table" \
        " -e strikethrough -e autolink -e tagfilter -e tasklist '" path "'"
    split("", slug_count) # slug.awk counts per chapter
    chapter = path
    section = section_title = code_from = ""
    body_count = contents_count = block_count = 0
    open_page(page_of(path), title_of(path), "")
    begin_section(title_of(path))
    while ((command | getline line) > 0) {
        if (line ~ /^<h[1-6]>/)
            add_heading(line)
        else if (line ~ /^<!-- code: /)
            code_from = line
        else if (line ~ /^<pre>/)
            add_block(command, line)
        else
            add(mentions(rewrite(line, folder_of(path))))
    }
    if (close(command) != 0)
        stop("cmark-gfm failed on " path)
    end_section()
    put_contents()
    put("<main id=\"content\">")
    for (i = 1; i <= body_count; i++)
        put(body[i])
    close_page(path)
    chapter = ""
}

# An empty heading of a column is no heading.
function add(line)
{
    gsub(/<th[^>]*><\/th>/, "<td></td>", line)
    body[++body_count] = line
    add_words(line)
}

# A line without its tags.
function bare(line)
{
    gsub(/<[^>]*>/, "", line)
    return line
}

function add_heading(line,    text, level)
{
    level = substr(line, 3, 1)
    text = bare(line)
    gsub(/&[a-z]+;/, "", text)
    section = slug(text)
    text = bare(line)
    sub(/>/, " id=\"" section "\">", line)
    line = mentions(rewrite(line, folder_of(chapter)))
    if (level > 1) {
        sub(/<\/h[1-6]>$/, " <a class=\"self\" href=\"#" section \
            "\" aria-label=\"Link to this section\">#</a>&", line)
        section_title = text
        end_section()
        begin_section(text)
    }
    if (level == 2 || level == 3) {
        contents_id[++contents_count] = section
        contents_text[contents_count] = text
        contents_level[contents_count] = level
    }
    body[++body_count] = line
}

# The contents of the page. Where there is room for them, site.js opens them.
function put_contents(    i)
{
    if (contents_count < 2)
        return
    put("<nav id=\"contents\" aria-label=\"On this page\">")
    put("<details>")
    put("<summary>On this page</summary>")
    put("<ul>")
    for (i = 1; i <= contents_count; i++)
        put("<li class=\"level" contents_level[i] "\"><a href=\"#" \
            contents_id[i] "\">" contents_text[i] "</a></li>")
    put("</ul>")
    put("</details>")
    put("</nav>")
}

# ---- blocks of code --------------------------------------------------------

# Reads a block to its end, and adds it: a drawing, C in colours, a session with
# its commands marked, or what it was.
function add_block(command, line,    kind, n, i, text, from, more)
{
    kind = ""
    if (match(line, /class="language-[a-z]+"/))
        kind = substr(line, RSTART + 16, RLENGTH - 17)
    sub(/^<pre><code[^>]*>/, "", line)
    n = 0
    do {
        if (sub(/<\/code><\/pre>$/, "", line)) {
            if (line != "")
                text[++n] = line
            break
        }
        text[++n] = line
    } while ((more = (command | getline line)) > 0)

    from = code_from
    code_from = ""
    if (kind == "text" && is_drawing(text, n)) {
        add_drawing(text, n)
        return
    }
    if (kind == "c")
        n = coloured_block(text, n)
    if (kind == "c" && from != "")
        add_origin(from)
    body[++body_count] = "<pre><code" \
        (kind == "" ? "" : " class=\"language-" kind "\"") ">" \
        (n > 0 ? marked(kind, text[1]) : "")
    for (i = 2; i <= n; i++)
        body[++body_count] = marked(kind, text[i])
    body[++body_count] = "</code></pre>"
}

# In a session, what the reader types.
function marked(kind, line)
{
    return kind == "console" && line ~ /^(\$|#|&gt;) / ? \
        "<b>" line "</b>" : line
}

# "<!-- code: FILE SYMBOL... -->": the file, above its code.
function add_origin(from,    word, n, to)
{
    n = split(from, word, " ")
    to = n > 4 ? mention(word[3] ":" word[4]) : mention(word[3])
    if (to != "")
        body[++body_count] = "<p class=\"origin\"><a href=\"" to "\">" \
            broken(word[3]) "</a></p>"
}

# The colours of the block that was read last: its file is named by its chapter
# and its number (tests/tools/web/colour). Returns the number of lines.
function coloured_block(text, n,    path)
{
    path = colours "/" flat(chapter) "+" ++block_count ".c.html"
    return colours == "" ? n : read_coloured(path, text, n)
}

function flat(path)
{
    gsub(/\//, "+", path)
    return path
}

# Replaces the n lines of `text` with those of a coloured file, if there are
# just as many. Returns n.
function read_coloured(path, text, n,    line, count, i, coloured)
{
    count = 0
    while ((getline line <path) > 0)
        coloured[++count] = line
    close(path)
    while (count > n && coloured[count] == "")
        count--
    if (count == n)
        for (i = 1; i <= n; i++)
            text[i] = coloured[i]
    return n
}

# ---- pages that come from no file of the tree ------------------------------

function write_missing()
{
    open_page("404.html", "Page not found", "")
    put("<main id=\"content\">")
    put_part("404.html")
    close_page("")
}

# The traces are files of JSON lines; a script has them as one array.
function write_ring(    i, line, list, comma, before)
{
    list = out "/ring-traces.js"
    print "const ringTraces = [" >list
    before = ""
    for (i = 1; i <= path_count; i++) {
        if (paths[i] !~ /^docs\/traces\/[^\/]*\.jsonl$/)
            continue
        is_input[paths[i]] = 1
        print before "{\"file\": \"" paths[i] "\", \"events\": [" >list
        before = ","
        comma = ""
        while ((getline line <paths[i]) > 0) {
            print comma line >list
            comma = ","
        }
        close(paths[i])
        print "]}" >list
    }
    print "];" >list
    close(list)
    made_files("ring.js ring-traces.js")
    open_page("ring.html", "The ring, step by step",
        "ring-traces.js ring.js")
    put("<main id=\"content\">")
    put_part("ring.html")
    close_page("")
}
