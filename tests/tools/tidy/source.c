/* source.c: a file as text, lines, tokens and comments; see source.h. */
#include "source.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int complaint_count;

void complain(const char *path, int line, const char *format, ...)
{
    va_list arguments;

    complaint_count++;
    printf("%s:%d: ", path, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

int complaints(void)
{
    return complaint_count;
}

bool path_ends(const char *path, const char *end)
{
    size_t path_len = strlen(path), end_len = strlen(end);

    return path_len >= end_len && strcmp(path + path_len - end_len, end) == 0;
}

bool path_begins(const char *path, const char *start)
{
    return strncmp(path, start, strlen(start)) == 0;
}

bool source_is_c(const char *path)
{
    return path_ends(path, ".c") || path_ends(path, ".h");
}

bool token_is(const struct token *token, const char *text)
{
    return (size_t)token->len == strlen(text) &&
           memcmp(token->text, text, strlen(text)) == 0;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

const char *find_word(const char *text, const char *word)
{
    size_t len = strlen(word);

    for (const char *p = strstr(text, word); p; p = strstr(p + 1, word))
        if ((p == text || !is_word(p[-1])) && !is_word(p[len]))
            return p;
    return NULL;
}

int source_line(const struct source *source, const char *place)
{
    int line = 1;

    for (const char *p = source->text; p < place; p++)
        line += *p == '\n';
    return line;
}

bool comment_above(const struct source *source, int line, const char *words)
{
    for (int i = 0; i < source->comments.count; i++) {
        const struct span *comment = &source->comments.items[i];
        const char *found = strstr(comment->text, words);

        if (comment->last + 1 == line)
            return found != NULL && found < comment->text + comment->len;
    }
    return false;
}

/* Grows an array by one item, doubling at powers of two. */
static void *one_more(void *items, int count, size_t item_len)
{
    if ((count & (count - 1)) == 0)
        items = realloc(items, (count ? 2 * (size_t)count : 1) * item_len);
    if (items == NULL) {
        fprintf(stderr, "tidy: out of memory\n");
        exit(2);
    }
    return items;
}

static void spans_add(struct spans *spans, struct span span)
{
    spans->items = one_more(spans->items, spans->count, sizeof *spans->items);
    spans->items[spans->count++] = span;
}

/* The position of the lexer. */
struct cursor {
    struct source *source;
    const char *at;
    const char *line_start;
    int line;
    bool directive; /* in a line that began with '#' */
};

static void step(struct cursor *c)
{
    if (*c->at++ == '\n') {
        c->line++;
        c->line_start = c->at;
    }
}

static void lex_comment(struct cursor *c)
{
    const bool whole_line = c->at[1] == '/';
    struct span span = {.text = c->at, .line = c->line};

    while (*c->at != '\0') {
        c->source->lines[c->line] |= LINE_COMMENT;
        if (whole_line
                ? c->at[1] == '\n'
                : c->at > span.text + 2 && c->at[-1] == '*' && *c->at == '/')
            break;
        step(c);
    }
    if (*c->at != '\0')
        step(c);
    span.len = (int)(c->at - span.text);
    span.last = c->line;
    spans_add(&c->source->comments, span);
}

static void add_token(struct cursor *c, enum token_kind kind, const char *start)
{
    struct source *s = c->source;

    if (c->directive)
        return;
    s->tokens = one_more(s->tokens, s->token_count, sizeof *s->tokens);
    s->tokens[s->token_count++] = (struct token){
        .kind = kind,
        .text = start,
        .len = (int)(c->at - start),
        .line = c->line,
        .column = (int)(start - c->line_start) + 1,
    };
}

static void lex_quoted(struct cursor *c)
{
    const char quote = *c->at, *start = c->at;

    step(c);
    while (*c->at != '\0' && *c->at != quote && *c->at != '\n') {
        if (*c->at == '\\' && c->at[1] != '\0')
            step(c);
        step(c);
    }
    if (*c->at == quote)
        step(c);
    add_token(c, TOKEN_LITERAL, start);
}

static void lex_word(struct cursor *c)
{
    const char *start = c->at;
    const bool number = isdigit((unsigned char)*start);

    while (is_word(*c->at) || (number && *c->at == '.'))
        step(c);
    add_token(c, number ? TOKEN_LITERAL : TOKEN_NAME, start);
}

/* At the '#' of a directive: notes an #include of the project's own. The rest
 * of the line goes through the lexer, for its comments, but gives no tokens. */
static void lex_directive(struct cursor *c)
{
    const char *p = c->at + 1, *end;

    c->directive = true;
    p += strspn(p, " \t");
    if (strncmp(p, "include", 7) != 0)
        return;
    p += 7 + strspn(p + 7, " \t");
    end = *p == '"' ? strpbrk(p + 1, "\"\n") : NULL;
    if (end != NULL && *end == '"')
        spans_add(&c->source->includes, (struct span){.text = p + 1,
                                                      .len = (int)(end - p - 1),
                                                      .line = c->line,
                                                      .last = c->line});
}

static void lex(struct source *source)
{
    struct cursor c = {source, source->text, source->text, 1, false};

    while (*c.at != '\0') {
        const char *start = c.at;

        if (isspace((unsigned char)*c.at)) {
            if (*c.at == '\n' && (c.at == source->text || c.at[-1] != '\\'))
                c.directive = false;
            step(&c);
            continue;
        }
        if (*c.at == '/' && (c.at[1] == '*' || c.at[1] == '/')) {
            lex_comment(&c);
            continue;
        }
        source->lines[c.line] |= LINE_CODE;
        if (*c.at == '#' && !c.directive)
            lex_directive(&c);
        if (*c.at == '"' || *c.at == '\'') {
            lex_quoted(&c);
        } else if (is_word(*c.at)) {
            lex_word(&c);
        } else {
            step(&c);
            add_token(&c, TOKEN_PUNCTUATION, start);
        }
    }
}

bool source_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool read_text(struct source *source)
{
    FILE *file = fopen(source->path, "rb");
    long len;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 ||
        (len = ftell(file)) < 0) {
        fprintf(stderr, "tidy: %s: %s\n", source->path, strerror(errno));
        if (file != NULL)
            fclose(file);
        return false;
    }
    rewind(file);
    source->text = malloc((size_t)len + 1);
    source->len = source->text ? fread(source->text, 1, (size_t)len, file) : 0;
    fclose(file);
    if (source->text == NULL || source->len != (size_t)len)
        return false;
    source->text[source->len] = '\0';
    return true;
}

bool source_load(struct source *source, const char *path)
{
    memset(source, 0, sizeof *source);
    source->path = path;
    if (!read_text(source))
        return false;
    source->line_count = source_line(source, source->text + source->len) - 1;
    source->lines = calloc((size_t)source->line_count + 3, 1);
    if (source->lines == NULL)
        return false;
    if (source_is_c(path))
        lex(source);
    return true;
}

void source_finish(struct source *source)
{
    free(source->text);
    free(source->lines);
    free(source->tokens);
    free(source->comments.items);
    free(source->includes.items);
    memset(source, 0, sizeof *source);
}
