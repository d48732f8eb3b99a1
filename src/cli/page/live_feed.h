/* The data that a live page gets about one or several trainings (docs/web.md has the messages). */
#ifndef NCA_CLI_PAGE_LIVE_FEED_H
#define NCA_CLI_PAGE_LIVE_FEED_H

#include "cli/cli.h"

/* The topics of the messages; web/page/src/live.js has the same. */
enum {
    LIVE_ROWS,
    LIVE_STATUS,
    LIVE_BEFORE,
    LIVE_AFTER,
    LIVE_POOL,
    LIVE_EVENTS,
    LIVE_MODELS = 8, /* and one for each run */
    LIVE_MOST_RUNS = NCA_SERVER_TOPICS - LIVE_MODELS
};

typedef struct live_feed {
    nca_server *server;
    char *page;
    char token[33];
} live_feed;

typedef struct live_run {
    const char *name;
    const char *state;         /* "running", "paused", "stopped", "finished", "failed", "silent" */
    const char *unit;          /* the loss that it is trained with */
    nca_automaton automaton;   /* whose tensors have the norms of the rows */
    uint64_t iteration, total; /* of the training */
    double loss;               /* smoothed; NaN: unknown */
    double rate, left;         /* iterations a second, seconds; 0: unknown */
} live_run;

typedef struct live_status {
    const live_run *runs;
    size_t count;                   /* runs */
    size_t shown;                   /* the run whose pictures and settings are told */
    float learning_rate, fire_rate; /* in effect */
    uint32_t damage;                /* in effect */
    const char *said;               /* what became of the last knob, or NULL */
} live_status;

/* Opens a server for a page of these models, where `serve` says. With knobs the page may change the
 * run. */
nca_status live_feed_open(live_feed *feed, const nca_page_model *models, size_t count,
                          const nca_server_options *serve, bool knobs, nca_error *error);
void live_feed_close(live_feed *feed); /* a zeroed feed is fine */

void live_feed_row(live_feed *feed, size_t run, const nca_metrics_row *row);
void live_feed_status(live_feed *feed, const live_status *status);
/* The newest weights of a run. */
void live_feed_model(live_feed *feed, size_t run, const nca_page_model *model);
/* A picture of samples: (height, width, 4) bytes, in it `count` tiles of the same size, row by row,
 * with one pixel between them. */
typedef struct live_picture {
    const uint8_t *rgba;
    size_t width, height;
    size_t count, tile_width, tile_height;
} live_picture;
void live_feed_picture(live_feed *feed, unsigned topic, const live_picture *picture);
/* The changes that a run's settings hold. */
void live_feed_changes(live_feed *feed, const nca_settings *settings);
void live_feed_event(live_feed *feed, uint64_t iteration, const char *key, const char *value);

#endif
