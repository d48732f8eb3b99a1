/* The data that a live page receives about one or several trainings (docs/web.md describes the
 * messages). */
#ifndef NCA_CLI_PAGE_LIVE_FEED_H
#define NCA_CLI_PAGE_LIVE_FEED_H

#include "cli/cli.h"

/* The topics of the messages; web/page/src/live.js has the same numbers. */
enum {
    LIVE_ROWS,
    LIVE_STATUS,
    LIVE_BEFORE,
    LIVE_AFTER,
    LIVE_POOL,
    LIVE_EVENTS,
    LIVE_VALIDATIONS,
    LIVE_CONFUSION,
    LIVE_MODELS, /* one for each run, starting with this */
    LIVE_MOST_RUNS = NCA_SERVER_TOPICS - LIVE_MODELS
};

typedef struct live_feed {
    nca_server *server;
    char *page;
    char token[33];
} live_feed;

typedef struct live_run {
    const char *name;
    const char *state; /* "running", "paused", "stopped", "finished", "failed", "silent" */
    const char *unit;  /* the loss it is trained with */
    const char *norms[NCA_MAX_TENSORS + 1]; /* names of the norms in the rows, up to NULL */
    uint64_t iteration, total;              /* of the training */
    double loss;                            /* smoothed; NaN if unknown */
    double rate, left;                      /* iterations per second, seconds; 0: unknown */
} live_run;

/* The name of the loss that a run with these settings is trained with. */
const char *live_unit(const nca_settings *settings);

typedef struct live_status {
    const live_run *runs;
    size_t count;                 /* number of runs */
    size_t shown;                 /* the run whose pictures and settings are sent */
    const nca_settings *settings; /* in effect */
    const char *said;             /* the result of the last request from the page, or NULL */
} live_status;

/* Starts a server for a page with these models, as `serve` says. With knobs, the page can change
 * the run. `examples`: of classifiers; may be NULL. */
nca_status live_feed_open(live_feed *feed, const nca_page_model *models, size_t count,
                          const nca_page_examples *examples, const nca_server_options *serve,
                          bool knobs, nca_error *error);
void live_feed_close(live_feed *feed); /* a zeroed feed is allowed */

void live_feed_row(live_feed *feed, size_t run, const nca_metrics_row *row);
void live_feed_validation(live_feed *feed, size_t run, const nca_validation_row *row);
/* The confusion of the last validation (rows,columns). */
void live_feed_confusion(live_feed *feed, uint64_t iteration, const size_t *counts, size_t rows,
                         size_t columns);
void live_feed_status(live_feed *feed, const live_status *status);
/* Sends the newest weights of a run. */
void live_feed_model(live_feed *feed, size_t run, const nca_page_model *model);
/* A picture of samples: (height, width, 4) bytes. It contains `count` tiles of the same size, row
 * by row, separated by one pixel. */
typedef struct live_picture {
    const uint8_t *rgba;
    size_t width, height;
    size_t count, tile_width, tile_height;
} live_picture;
void live_feed_picture(live_feed *feed, unsigned topic, const live_picture *picture);
/* Sends the changes in a run's settings. */
void live_feed_changes(live_feed *feed, const nca_settings *settings);
void live_feed_event(live_feed *feed, uint64_t iteration, const char *key, const char *value);

#endif
