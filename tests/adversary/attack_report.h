/* attack_report.h: prints the result of each attack, as a line or as JSON.
 *
 * Part of adversary. Needs: attacks.h. */
#ifndef TESTS_ADVERSARY_ATTACK_REPORT_H
#define TESTS_ADVERSARY_ATTACK_REPORT_H

#include <stdbool.h>

#include "attacks.h"

/* Begins and ends the report; JSON is one array. */
void report_begin(bool is_json);
void report_end(bool is_json);

/* Prints the result of an attack that was made. took_ms is its duration. */
void report_attack(const struct run *run, const struct attack *attack,
                   unsigned took_ms, bool is_json);

/* Prints that an attack was not made, and why. */
void report_skipped(const struct attack *attack, const char *why, bool is_json);

/* Prints the table of all attacks. */
void report_list(void);

#endif
