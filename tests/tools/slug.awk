# The name that a forge gives a heading, so that links to it work: lower case,
# blanks to dashes, no punctuation; a second one of the same name ends in -1.
function slug(text) {
    text = tolower(text)
    gsub(/\]\([^)]*\)/, "", text)
    gsub(/[^a-z0-9_ \200-\377-]/, "", text)
    gsub(/ /, "-", text)
    slug_count[text]++
    return slug_count[text] > 1 ? text "-" (slug_count[text] - 1) : text
}
