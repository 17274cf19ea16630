/* claims_run.h: runs the check of one claim in a child process.
 * Introduced in phase 6. Needs: claim.h. */
#ifndef PHASE6_CLAIMS_RUN_H
#define PHASE6_CLAIMS_RUN_H

#include "claim.h"

/* The exit codes of a child. */
enum { CLAIM_EXIT_HOLDS = 0, CLAIM_EXIT_DIFFERS = 1, CLAIM_EXIT_ABSENT = 77 };

enum verdict { VERDICT_HOLDS, VERDICT_DIFFERS, VERDICT_ABSENT, VERDICT_FAILED };

#define CLAIM_SEEN_LEN 256

/* Runs the check. seen becomes what it saw, or why it could not look.
 *
 * Returns VERDICT_HOLDS    the claim is right here
 *         VERDICT_DIFFERS  the kernel does something else
 *         VERDICT_ABSENT   the claim cannot be checked here
 *         VERDICT_FAILED   the check crashed, or took more than 10 s */
enum verdict claims_run(const struct claim *claim, char seen[CLAIM_SEEN_LEN]);

#endif
