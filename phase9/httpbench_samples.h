/* httpbench_samples.h: requests that clients send. A part of httpbench.
 *
 * They are from load generators (the smallest, and wrk), a tool, and two
 * browsers. */
#ifndef ONE_RING_HTTPBENCH_SAMPLES_H
#define ONE_RING_HTTPBENCH_SAMPLES_H

struct httpbench_sample {
    const char *name;
    const char *text; /* a whole head */
};

/* Ends with a sample whose name is NULL. */
extern const struct httpbench_sample httpbench_samples[];

#endif
