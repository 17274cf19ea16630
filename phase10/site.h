/* site.h: the state that all connections of a ring share.
 *
 * What it teaches: rings share only data that is read-only while they run, and
 * data with atomic fields (docroot.h). All other state exists once per ring, so
 * it needs no lock. */
#ifndef PHASE10_SITE_H
#define PHASE10_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "access_log.h"
#include "cache.h"
#include "date.h"
#include "docroot.h"
#include "mime.h"
#include "monitor.h"
#include "site_options.h"
#include "threadpool.h"
#include "traffic.h"
#include "transfer.h"

/* The state that all connections of a ring share. */
struct site {
    const struct mime *types; /* borrowed; read only, shared by all rings */
    struct docroot *root;        /* borrowed; shared by all rings */
    unsigned generation;      /* of the root to which the cache belongs */
    struct cache cache;
    struct transfer_pool pool;
    struct access_log log;
    struct traffic traffic;
    const struct monitor *monitor; /* borrowed; read only, as types */
    char metrics[MONITOR_TEXT_MAX]; /* do not suspend while it is in use */
    struct date_cache date;
    int64_t now_s;            /* the wall clock, */
    uint64_t now_iteration;   /* read in this iteration of the loop */
    const struct site_options *options; /* borrowed; shared by all rings */
    struct threadpool threads; /* they read directories, with --listing */
    unsigned pages;           /* of directories, being written or sent */
};

#endif
