/* service_error.h: the messages of a failed service.
 * Introduced in phase 8. Needs: service.h. */
#ifndef ONE_RING_SERVICE_ERROR_H
#define ONE_RING_SERVICE_ERROR_H

#include "service.h"

/* Returns a static string that describes a failed step, for example "cannot
 * listen". */
const char *service_step_words(enum service_step step);

/* Returns a static string with advice for the user. result is the -errno of the
 * step. is_unix is true if the address is the path of a Unix socket. */
const char *service_advice(enum service_step step, int result, bool is_unix);

#endif
