/* sim_editor.h: another process that changes the files of sim_tree.h.
 *
 *     changes   0      1           2        3
 *     a.txt     [ #1, 80 bytes   ][ #1, 20 ][ #3, 70 ...
 *     b.html    [none][ #2, 90 bytes ...
 *
 * It cuts files, lets them grow, replaces, removes and creates them, and keeps
 * a history. So a client can ask which states of a name it may have been
 * served: those between its request and its answer. */
#ifndef PHASE6_SIM_EDITOR_H
#define PHASE6_SIM_EDITOR_H

#include <stdbool.h>
#include <stdint.h>

/* A set of states of names: bit n is state n of the history. */
typedef uint64_t editor_states;

/* Makes some files. They will be changed at random times. */
void editor_begin(void);

/* Returns the number of changes so far. */
unsigned editor_changes(void);

/* Returns the states of name number `name` since so many changes. */
editor_states editor_since(unsigned name, unsigned changes);

/* Return the states of a set in which there is no file, in which the file has
 * len bytes, or in which byte `at` is this one. */
editor_states editor_absent(editor_states set);
editor_states editor_with_len(editor_states set, uint64_t len);
editor_states editor_with_byte(editor_states set, uint64_t at,
                               unsigned char byte);

/* Returns all states with the same content as a state of the set. */
editor_states editor_equal(editor_states set);

#endif
