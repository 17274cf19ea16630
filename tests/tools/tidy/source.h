/* source.h: one file of text, and what a C lexer sees in it.
 *
 * tidy does not parse C. It splits a file into tokens, comments and lines, and
 * judges by patterns that hold because the style is narrow: a function's braces
 * stand in column 1, its name is the first one before a parenthesis. */
#ifndef TIDY_SOURCE_H
#define TIDY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind { TOKEN_NAME, TOKEN_LITERAL, TOKEN_PUNCTUATION };

struct token {
    enum token_kind kind;
    const char *text; /* into the source's text */
    int len;
    int line;
    int column; /* 1 is the first */
};

/* A comment, or the quoted name of an #include: a piece of text at a line. */
struct span {
    const char *text;
    int len;
    int line; /* its first */
    int last; /* and its last */
};

struct spans {
    struct span *items;
    int count;
};

struct source {
    const char *path; /* borrowed; from the top: "lib/ring/ring.c" */
    char *text;       /* owned; ends in NUL */
    size_t len;
    int line_count;
    unsigned char *lines; /* owned: LINE_CODE | LINE_COMMENT; from 1 on */
    struct token *tokens; /* owned */
    int token_count;
    struct spans comments;
    struct spans includes; /* of "project.h", not of <system.h> */
};

#define LINE_CODE 1
#define LINE_COMMENT 2

/* Reads and, for C, lexes the file. False: it cannot be read (a message was
 * printed). */
bool source_load(struct source *source, const char *path);
void source_finish(struct source *source);

bool source_exists(const char *path);

bool source_is_c(const char *path); /* .c or .h */
bool path_ends(const char *path, const char *end);
bool path_begins(const char *path, const char *start);
bool token_is(const struct token *token, const char *text);

/* Finds a whole word in text; NULL if it is not there. */
const char *find_word(const char *text, const char *word);

/* Returns the line, counted from 1, of a position in the source's text. */
int source_line(const struct source *source, const char *place);

/* Whether the comment that ends just above the line says this. */
bool comment_above(const struct source *source, int line, const char *words);

/* All rules report with this function. It counts the reports; complaints
 * returns the count. */
__attribute__((format(printf, 3, 4))) void complain(const char *path, int line,
                                                    const char *format, ...);
int complaints(void);

#endif
