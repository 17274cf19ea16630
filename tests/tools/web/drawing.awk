# drawing.awk: makes an SVG of a drawing in characters.
#
# A drawing is a grid of cells, 8 by 17 units each. A character is a line if it
# touches another one: '-' and '=' run across their cell, '|' runs down, '+' and
# the corners . ' ` meet their neighbours in the middle, < > ^ v are heads of
# arrows. All else is text. What the characters were follows the picture, for
# readers who copy or cannot see it.

# A block with the edge of a box, or an arrow. Each line fits a page.
function is_drawing(text, n,    i, found)
{
    found = 0
    for (i = 1; i <= n; i++) {
        if (text[i] ~ /[^ -~]/ || length(text[i]) > 110)
            return 0
        if (text[i] ~ /\+--|--\+|---(&gt;|-)|(&lt;|-)---|========/)
            found = 1
    }
    return found
}

# The character in row r, column c; a blank outside.
function sign(r, c)
{
    return (r, c) in cell ? cell[r, c] : " "
}

function is_word(character)
{
    return character ~ /[A-Za-z0-9_]/
}

# Whether the cell is part of a line that runs across, and so has a neighbour
# that is; an option such as "--bind" does not.
function runs_across(r, c,    from, to)
{
    if (sign(r, c) !~ /[-=]/)
        return 0
    from = to = c
    while (sign(r, from - 1) == sign(r, c))
        from--
    while (sign(r, to + 1) == sign(r, c))
        to++
    if (to - from >= 2)
        return 1
    if (sign(r, c) == "=")
        return 0
    if (sign(r, from - 1) == "<" || sign(r, to + 1) == ">")
        return !(is_word(sign(r, from - 1)) || is_word(sign(r, to + 1)))
    return sign(r, from - 1) ~ /[+|]/ && !is_word(sign(r, to + 1)) ||
        sign(r, to + 1) ~ /[+|]/ && !is_word(sign(r, from - 1))
}

function runs_down(r, c)
{
    return sign(r, c) == "|" && sign(r, c - 1) != "|" && sign(r, c + 1) != "|"
}

function is_joint(r, c,    side)
{
    side = runs_across(r, c - 1) || runs_across(r, c + 1)
    if (sign(r, c) == "+")
        return side || runs_down(r - 1, c) || runs_down(r + 1, c)
    if (sign(r, c) == ".")
        return side && sign(r + 1, c) ~ /[|v'`+]/
    return sign(r, c) ~ /['`]/ && side && sign(r - 1, c) ~ /[|^.+]/
}

# The head of an arrow: the way that it points, or "".
function head(r, c)
{
    if (sign(r, c) == ">" && runs_across(r, c - 1))
        return ">"
    if (sign(r, c) == "<" && runs_across(r, c + 1))
        return "<"
    if (sign(r, c) !~ /[v^]/ || is_word(sign(r, c - 1)) || is_word(sign(r, c + 1)))
        return ""
    if (sign(r - 1, c) ~ /[|+.]/ || sign(r + 1, c) ~ /[|+'`]/ ||
        runs_across(r, c - 1) && runs_across(r, c + 1))
        return sign(r, c)
    return ""
}

# Whether a line leaves the cell across its left, right, upper or lower edge.
function meets_across(r, c)
{
    return runs_across(r, c) || is_joint(r, c) || head(r, c) ~ /[<>]/ ||
        head(r, c) != "" && (runs_across(r, c - 1) || runs_across(r, c + 1))
}

function meets_down(r, c)
{
    return runs_down(r, c) || is_joint(r, c) || head(r, c) ~ /[v^]/
}

# Adds what the cell draws to `strokes` and `heads`, from its middle. Returns 1
# if it is no text.
function draw_cell(r, c,    x, y, way)
{
    x = c * 8 - 4
    y = r * 17 - 8
    way = head(r, c)
    if (runs_across(r, c)) {
        if (sign(r, c) == "=")
            strokes = strokes "M" x - 4 " " y - 2 "h8m-8 4h8"
        else
            strokes = strokes "M" x - 4 " " y "h8"
        return 1
    }
    if (runs_down(r, c)) {
        strokes = strokes "M" x " " y - 9 "v17"
        if (runs_across(r, c - 1) && runs_across(r, c + 1))
            strokes = strokes "M" x - 4 " " y "h8"
        return 1
    }
    if (way == "" && !is_joint(r, c))
        return 0
    if (way != ">" && meets_across(r, c + 1))
        strokes = strokes "M" x " " y "h4"
    if (way != "<" && meets_across(r, c - 1))
        strokes = strokes "M" x " " y "h-4"
    if (way !~ /[<>]/ && sign(r, c) != "." && meets_down(r - 1, c))
        strokes = strokes "M" x " " y "v-9"
    if (way !~ /[<>]/ && sign(r, c) !~ /['`]/ && meets_down(r + 1, c))
        strokes = strokes "M" x " " y "v8"
    if (way == ">")
        heads = heads "M" x - 4 " " y - 4 "l8 4l-8 4z"
    else if (way == "<")
        heads = heads "M" x + 4 " " y - 4 "l-8 4l8 4z"
    else if (way == "v")
        heads = heads "M" x - 4 " " y - 2 "l4 9l4-9z"
    else if (way == "^")
        heads = heads "M" x - 4 " " y + 2 "l4-9l4 9z"
    return 1
}

# Words of one row that are a blank apart are one text. Its length is given: a
# font may be wider than a cell.
function put_text(r, c, words)
{
    if (words == "")
        return
    body[++body_count] = "<text x=\"" c * 8 - 8 "\" y=\"" r * 17 - 4 \
        "\" textLength=\"" length(words) * 8 "\">" escape(words) "</text>"
}

function draw_row(r, width,    c, words, blanks, start)
{
    words = ""
    blanks = 0
    for (c = 1; c <= width + 1; c++) {
        if (sign(r, c) == " " && c <= width && blanks == 0 && words != "") {
            blanks = 1
        } else if (c > width || sign(r, c) == " " || draw_cell(r, c)) {
            put_text(r, start, words)
            words = ""
            blanks = 0
        } else {
            if (words == "")
                start = c
            words = words (blanks ? " " : "") sign(r, c)
            blanks = 0
        }
    }
}

function add_drawing(text, n,    r, c, width, row, i)
{
    split("", cell)
    width = 0
    for (r = 1; r <= n; r++) {
        row = plain(text[r])
        for (c = 1; c <= length(row); c++)
            if (substr(row, c, 1) != " ")
                cell[r, c] = substr(row, c, 1)
        if (length(row) > width)
            width = length(row)
    }
    strokes = heads = ""
    body[++body_count] = "<figure>"
    body[++body_count] = "<svg viewBox=\"0 0 " width * 8 " " n * 17 \
        "\" style=\"max-width:" width * 8 "px;min-width:" width * 5 \
        "px\" role=\"img\" aria-label=\"Drawing; its text follows\">"
    for (r = 1; r <= n; r++)
        draw_row(r, width)
    body[++body_count] = "<path d=\"" strokes "\"/>"
    body[++body_count] = "<path class=\"head\" d=\"" heads "\"/>"
    body[++body_count] = "</svg>"
    body[++body_count] = "<details><summary>As text</summary>"
    body[++body_count] = "<pre><code>" text[1]
    for (i = 2; i <= n; i++)
        body[++body_count] = text[i]
    body[++body_count] = "</code></pre></details>"
    body[++body_count] = "</figure>"
}
