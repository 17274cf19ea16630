/* service_error.h: why a service failed, in words.
 * Introduced in phase 8. Needs: service.h. */
#ifndef ONE_RING_SERVICE_ERROR_H
#define ONE_RING_SERVICE_ERROR_H

#include "service.h"

/* Returns what the service could not do: "cannot listen". Static storage. */
const char *service_step_words(enum service_step step);

/* Returns what the user can do about it. result is the -errno of the step.
 * is_unix is true if the address is the path of a Unix socket. Static
 * storage. */
const char *service_advice(enum service_step step, int result, bool is_unix);

#endif
