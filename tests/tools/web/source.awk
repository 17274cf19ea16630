# source.awk: the pages of folders and sources.

function write_folder(folder,    i, name, at)
{
    open_page(folder "index.html", folder, "")
    put("<main id=\"content\">")
    put("<h1>" escape(folder) "</h1>")
    put("<ul>")
    for (i = 1; i <= path_count; i++) {
        name = substr(paths[i], length(folder) + 1)
        if (index(paths[i], folder) != 1 || name == "" || name ~ /\//)
            continue
        at = substr(page_for(paths[i]), length(folder) + 1)
        if (is_chapter(paths[i]))
            name = title_of(paths[i])
        put("<li><a href=\"" noted(at) "\">" escape(name) "</a></li>")
    }
    put("</ul>")
    close_page("")
}

# ---- what a source includes ------------------------------------------------

# The file of the tree that a line of the source at path includes, or "". No two
# headers of the tree have one name, so a name that is not beside the source is
# enough.
function included(line, path,    name, i)
{
    if (line !~ /^#include "[^"]*"/)
        return ""
    name = line
    sub(/^[^"]*"/, "", name)
    sub(/".*/, "", name)
    if (normal(folder_of(path) name) in tree)
        return normal(folder_of(path) name)
    if (header_count == 0)
        for (i = 1; i <= path_count; i++)
            if (paths[i] ~ /\.h$/) {
                header_count++
                header[substr(paths[i], length(folder_of(paths[i])) + 1)] = \
                    paths[i]
            }
    return name in header ? header[name] : ""
}

# What a source includes has a page, too.
function want_includes(path,    line)
{
    if (path !~ /\.[ch]$/)
        return
    while ((getline line <path) > 0)
        if (line ~ /^#include "/)
            want(included(line, path))
    close(path)
}

# ---- colours ---------------------------------------------------------------

function has_colours(path)
{
    return colours != "" && path ~ /\.(c|h|sh|py|awk|js|css)$/
}

# Colours the sources that have a page. tests/tools/web/colour does it for those
# that changed since it last did.
function colour_sources(    i, list)
{
    if (colours == "")
        return
    list = scratch "/sources"
    printf "" >list
    for (i = 1; i <= source_count; i++)
        if (has_colours(sources[i]))
            print flat(sources[i]), sources[i] >list
    close(list)
    if (system("sh '" parts "/colour' '" colours "' '" scratch "' sources") != 0)
        stop("the sources have no colours")
}

# ---- sources ---------------------------------------------------------------

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
# with a letter or #, or else where it first is. `to` gets, by line, the header
# that it includes. Returns the number of lines.
function read_source(path, lines, mark, to,    line, n, i, words, count, at,
    first, defined, more)
{
    n = split(symbols[path], words, " ")
    count = 0
    while ((more = (getline line <path)) > 0) {
        lines[++count] = escape(line)
        if (line ~ /^#include "/)
            to[count] = included(line, path)
        else if (line ~ /^[a-z].*[a-z_0-9]\(/)
            add_function(line)
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
    return has_colours(path) ? \
        read_coloured(colours "/" flat(path) ".html", lines, count) : count
}

# A name of a function that the search finds: "int name(...".
function add_function(line)
{
    sub(/\(.*/, "", line)
    sub(/.*[ *]/, "", line)
    if (line ~ /^[a-z_0-9]+$/)
        add_words(line)
}

# The name of a header becomes a link, in colours or without.
function with_link(line, to,    at, length_of_name, name)
{
    at = match(line, /&quot;[^&]*&quot;/)
    if (to == "" || at == 0)
        return line
    length_of_name = RLENGTH
    name = substr(line, at, length_of_name)
    return substr(line, 1, at - 1) "<a href=\"" noted(top page_for(to)) \
        "\">" name "</a>" substr(line, at + length_of_name)
}

function write_source(path,    lines, mark, to, count, i)
{
    begin_section(path)
    count = read_source(path, lines, mark, to)
    open_page(path ".html", path, "")
    end_section()
    put("<main id=\"content\" class=\"source\">")
    put_folders(path)
    put("<h1>" broken(escape(path)) "</h1>")
    put_back(path)
    printf "<pre><code>" >file
    for (i = 1; i <= count; i++)
        put("<i id=\"L" i "\"></i>" mark[i] \
            (i in to ? with_link(lines[i], to[i]) : lines[i]))
    put("</code></pre>")
    close_page("")
}

# The folders of a source, those with a page as links.
function put_folders(path,    part, n, i, folder, line)
{
    n = split(path, part, "/")
    line = folder = ""
    for (i = 1; i < n; i++) {
        folder = folder part[i] "/"
        line = line ((folder "README.md") in tree || folder in wanted ? \
            link(folder "index.html", part[i]) : part[i]) " / "
    }
    put("<p class=\"folders\">" line part[n] "</p>")
}

# The way back: the sections that name this source, a chapter once. A source
# that no chapter names belongs to a lesson anyway.
function put_back(path,    i, part, list, n)
{
    list = ""
    n = back_count[path] > 5 ? 5 : back_count[path] + 0
    for (i = 1; i <= n; i++) {
        split(back[path, i], part, "\t")
        list = list (i > 1 ? "; " : "") "<a href=\"" \
            noted(top page_of(part[1]) (part[2] == "" ? "" : "#" part[2])) \
            "\">" escape(title_of(part[1])) \
            (part[3] == "" ? "" : ", " part[3]) "</a>"
    }
    if (n > 0) {
        put("<p class=\"back\">Read in: " list "</p>")
        return
    }
    part[1] = "README.md"
    if (match(path, /phase[0-9]+\//))
        part[1] = lesson[substr(path, RSTART + 5, RLENGTH - 6) + 0]
    else if (path ~ /^lib\//)
        part[1] = "lib/README.md"
    if (part[1] in tree)
        put("<p class=\"back\">Belongs to: " link(page_of(part[1]),
            escape(title_of(part[1]))) "</p>")
}
