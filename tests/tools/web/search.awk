# search.awk: the index of the search, in the form that lunr 2 loads.
#
# A document is a section of a chapter, or a source with the names of its
# functions. search-index.js has, per document, its address, its title, its
# heading and its text; then the index: for each term its documents, and for
# each document the weights of its terms (BM25, as lunr computes them). The
# terms are words in lower case. They are not stemmed: search.js reduces the
# words that it looks for, and looks for terms that begin with the rest.

function begin_section(heading)
{
    if (!has_search)
        return
    found_heading = heading
    found_anchor = section == "" || chapter == "" ? "" : "#" section
    found_text = ""
}

function add_words(line)
{
    if (has_search)
        found_text = found_text " " bare(line)
}

function end_section(    title)
{
    if (!has_search)
        return
    title = chapter == "" ? found_heading : title_of(chapter)
    gsub(/[ \t]+/, " ", found_text)
    sub(/^ /, "", found_text)
    document_count++
    document_address[document_count] = page (section == "" ? "" : found_anchor)
    document_title[document_count] = title
    document_boost[document_count] = chapter == "" ? 1 : 4
    document_heading[document_count] = found_heading == title ? "" : \
        plain(found_heading)
    document_text[document_count] = plain(found_text)
}

# Backslashes are doubled without gsub: awks differ in how many it wants.
function json(text,    part, n, i)
{
    n = split(text, part, /\\/)
    text = part[1]
    for (i = 2; i <= n; i++)
        text = text "\\\\" part[i]
    gsub(/"/, "\\\"", text)
    gsub(/[\001-\037]/, " ", text)
    return "\"" text "\""
}

# Counts the terms of one field of document d.
function index_field(field, d, text,    word, n, i, term, key)
{
    text = tolower(text)
    gsub(/[^a-z0-9_]+/, " ", text)
    n = split(text, word, " ")
    key = field SUBSEP d
    for (i = 1; i <= n; i++) {
        term = word[i]
        if (length(term) < 2 || term !~ /[a-z]/)
            continue
        if (!(term in documents_with)) {
            documents_with[term] = 0
            print term | sorter
        }
        if (!((key, term) in frequency)) {
            frequency[key, term] = 0
            postings[field, term] = postings[field, term] \
                (postings[field, term] == "" ? "" : ",") "\"" d "\":{}"
            if (last_document[term] != d) {
                documents_with[term]++
                last_document[term] = d
            }
        }
        frequency[key, term]++
        length_of[key]++
    }
    length_sum[field] += length_of[key]
}

# The natural logarithm of x >= 1: not every awk has one.
function logarithm(x,    halved, y)
{
    halved = 0
    for (; x > 1.5; x /= 2)
        halved++
    y = (x - 1) / (x + 1)
    return halved * 0.6931472 + 2 * y * (1 + y * y / 3 + y * y * y * y / 5)
}

# The weights of the terms in one field of document d.
function vector(field, d, boost,    word, n, i, key, share, f, rare, text)
{
    key = field SUBSEP d
    n = split(terms_of[key], word, " ")
    share = length_of[key] * document_count / (length_sum[field] + 1)
    text = ""
    for (i = 1; i <= n; i++) {
        f = frequency[key, word[i]]
        rare = (document_count - documents_with[word[i]] + 0.5) / \
            (documents_with[word[i]] + 0.5)
        text = text (i > 1 ? "," : "") number_of_term[word[i]] "," \
            sprintf("%.2f", boost * logarithm(1 + rare) * 2.2 * f / \
            (1.2 * (0.25 + 0.75 * share) + f))
    }
    return "[\"" field "/" d "\",[" text "]]"
}

# Numbers the terms as they are sorted. lunr wants the terms of each vector in
# that order: so they are collected from the postings, term by term.
function number_terms(path,    term, f, n, i, word, key)
{
    while ((getline term <path) > 0) {
        terms[++term_count] = term
        number_of_term[term] = term_count - 1
        for (f = 1; f <= 2; f++) {
            n = split(postings[name_of[f], term], word, ",")
            for (i = 1; i <= n; i++) {
                gsub(/[^0-9]/, "", word[i])
                key = name_of[f] SUBSEP word[i]
                terms_of[key] = terms_of[key] " " term
            }
        }
    }
    close(path)
}

function write_search(    d, t, list)
{
    list = out "/search-index.js"
    sorter = "sort >'" scratch "/terms'"
    name_of[1] = "title"
    name_of[2] = "text"
    for (d = 1; d <= document_count; d++) {
        index_field("title", d, document_title[d] " " document_heading[d])
        index_field("text", d, document_text[d])
    }
    close(sorter)
    number_terms(scratch "/terms")

    print "searchLoaded({\"documents\": [" >list
    for (d = 1; d <= document_count; d++)
        print "[" json(document_address[d]) "," json(document_title[d]) "," \
            json(document_heading[d]) "," json(document_text[d]) "]" \
            (d < document_count ? "," : "") >list
    print "], \"index\": {\"version\": \"2.3.9\"," \
        " \"fields\": [\"title\", \"text\"], \"pipeline\": []," >list
    print "\"fieldVectors\": [" >list
    for (d = 1; d <= document_count; d++)
        print vector("title", d, document_boost[d]) "," vector("text", d, 1) \
            (d < document_count ? "," : "") >list
    print "], \"invertedIndex\": [" >list
    for (t = 1; t <= term_count; t++)
        print "[\"" terms[t] "\",{\"_index\":" t - 1 \
            ",\"title\":{" postings["title", terms[t]] \
            "},\"text\":{" postings["text", terms[t]] "}}]" \
            (t < term_count ? "," : "") >list
    print "]}});" >list
    close(list)
    made_files("search.js lunr.js search-index.js")
}
