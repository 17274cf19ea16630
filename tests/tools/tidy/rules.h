/* rules.h: the rules of docs/style.md that a machine can hold, by subject.
 *
 * Each function looks at one file and complains about what it finds. */
#ifndef TIDY_RULES_H
#define TIDY_RULES_H

#include "source.h"

/* The counts of all functions of lib and the phases. */
struct tally {
    int *lens; /* owned: of every one, in lines */
    int functions;
    int statics;
    int used_once; /* of statics */
    int assertions;
};

/* Every text file: tabs, white space at the end, unfinished work; of C, the
 * length of lines and of files. */
void rules_lines(const struct source *source);

/* lib and phases: how much is commented, module by module. comments_judge does,
 * once all files were counted; report also prints each. Returns the comment
 * lines per line of code of all of lib. */
void comments_count(const struct source *source);
double comments_judge(bool report);

/* C: length, nesting and parameters of functions, where the brace stands, what
 * comes before what, and which names may suspend a task. */
void rules_functions(const struct source *source, struct tally *tally);

/* lib: the two lines at the top of a file, held against its #includes, against
 * the table of layers and the layer's edges.ninja. */
void rules_module(const struct source *source);

/* Comments, Markdown and names of tests: words and openings of sentences that
 * docs/style.md does not use. */
void rules_words(const struct source *source);

/* Markdown: what it names of the source exists. */
void rules_anchors(const struct source *source);

/* The DOC anchors that sources define, for rules_anchors. */
void anchors_collect(const struct source *source);

#endif
