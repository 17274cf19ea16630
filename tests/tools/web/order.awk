# order.awk: the order of the chapters, and the list of them that is beside each
# page.
#
# The course is README.md, the lessons by number, and what a lesson's folder has
# besides. The table of README.md names the lessons that have no folder. Then
# come the chapters that docs/README.md lists, under its headings, and last
# those that it does not list.

# A chapter gets its place. `group` is the heading above it in the list; a
# chapter without a group has a place and no entry.
function add_chapter(path, group)
{
    if (!(path in tree) || !is_chapter(path) || (path in place))
        return
    order[++order_count] = path
    place[path] = order_count
    group_of[path] = group
}

# The chapter that a table's row links first, or "". `folder` is its file's.
function row_target(row, folder,    path)
{
    if (!match(row, /^\| *\[[^]]*\]\([^)#]*/))
        return ""
    path = substr(row, RSTART, RLENGTH)
    sub(/^[^(]*\(/, "", path)
    path = normal(folder path)
    return path ~ /\/$/ ? path "README.md" : path
}

function find_lessons(    i, n, line)
{
    while ((getline line <"README.md") > 0)
        if (match(line, /^\| *\[[0-9]+\]\(/)) {
            n = substr(line, RSTART, RLENGTH)
            gsub(/[^0-9]/, "", n)
            lesson[n + 0] = row_target(line, "")
        }
    close("README.md")
    for (i = 1; i <= path_count; i++)
        if (paths[i] ~ /^phase[0-9]+\/README\.md$/)
            lesson[substr(folder_of(paths[i]), 6) + 0] = paths[i]
}

function order_chapters(    i, n, line, group, path)
{
    find_lessons()
    add_chapter("README.md", "The course")
    for (n = 0; n < 100; n++) {
        if (!(n in lesson))
            continue
        number_of[lesson[n]] = n
        add_chapter(lesson[n], "The course")
        for (i = 1; i <= path_count; i++)
            if (index(paths[i], "phase" n "/") == 1)
                add_chapter(paths[i], "")
        if (n == 0) # it begins where phase 0 ends
            add_chapter("docs/model.md", "The course")
    }
    add_chapter("docs/README.md", "The course")
    group = "More"
    while ((getline line <"docs/README.md") > 0)
        if (sub(/^## +/, "", line))
            group = line
        else if ((path = row_target(line, "docs/")) != "")
            add_chapter(path, group)
    close("docs/README.md")
    for (i = 1; i <= path_count; i++)
        add_chapter(paths[i], "More")
}

# ---- beside each page ------------------------------------------------------

function entry(path,    title, number)
{
    title = title_of(path)
    number = ""
    if (path in number_of) {
        sub(/^Phase [0-9]+: */, "", title)
        number = "<span class=\"number\">" number_of[path] "</span>"
    }
    return "<li><a href=\"" noted(top page_of(path)) "\">" number \
        escape(title) "</a></li>\n"
}

# All entries, for pages whose way to the top is `top`.
function entries(    i, group, text)
{
    group = ""
    text = ""
    for (i = 1; i <= order_count; i++) {
        if (group_of[order[i]] == "")
            continue
        if (group_of[order[i]] != group) {
            text = text (group == "" ? "" : "</ul>\n")
            group = group_of[order[i]]
            text = text "<h2>" escape(group) "</h2>\n<ul>\n"
        }
        text = text entry(order[i])
    }
    return text "</ul>"
}

# The list, with a mark at the page that is being written.
function put_navigation(    text, mark, at)
{
    if (!(top in navigation))
        navigation[top] = entries()
    text = navigation[top]
    mark = "<a href=\"" top page "\""
    if ((at = index(text, mark)) > 0)
        text = substr(text, 1, at + length(mark) - 1) \
            " aria-current=\"page\"" substr(text, at + length(mark))
    put(text)
}

# The chapters before and after this one, at the end of its page.
function put_neighbours(path,    at)
{
    if (!(path in place))
        return
    at = place[path]
    put("<nav class=\"neighbours\" aria-label=\"Neighbouring chapters\">")
    if (at > 1)
        put("<p>Previous: <a rel=\"prev\" href=\"" \
            noted(top page_of(order[at - 1])) "\">" \
            escape(title_of(order[at - 1])) "</a></p>")
    if (at < order_count)
        put("<p>Next: <a rel=\"next\" href=\"" \
            noted(top page_of(order[at + 1])) "\">" \
            escape(title_of(order[at + 1])) "</a></p>")
    put("</nav>")
}
