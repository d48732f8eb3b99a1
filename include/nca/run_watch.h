/* Following a run from outside through its files: metrics rows as they are written, weights as they
 * are saved, even while another program trains it. No file in the folder is changed.
 *
 *     nca_run_watch *watch = NULL;
 *     nca_status status = nca_run_watch_open(&watch, "runs/photo", NULL, &error);
 *     if (status == NCA_OK) status = nca_run_watch_settings_read(watch, &error);
 *     while (...) {
 *         nca_run_watch_rows(watch, tell, user, &error);
 *         sleep(1);
 *     }
 *     nca_run_watch_close(watch);
 *
 * Functions on one watch may be called from one thread at a time. */
#ifndef NCA_RUN_WATCH_H
#define NCA_RUN_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/model.h"
#include "nca/run_folder.h"
#include "nca/run_rows.h"
#include "nca/settings.h"
#include "nca/status.h"
#include "nca/train.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_RUN_WATCH_RECENT = 50 /* number of losses whose mean nca_run_watch_loss returns */
};

/* Used by one thread at a time; different watches, even of the same folder, are independent of each
 * other and of the training. */
typedef struct nca_run_watch nca_run_watch;

typedef struct nca_run_watch_options {
    const char *data_root;      /* as in nca_run_options; must stay valid */
    nca_keep_going *keep_going; /* or NULL; returning false ends the reading of rows early */
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_run_watch_options;

/* The working directory, no callback. */
NCA_API void nca_run_watch_options_default(nca_run_watch_options *out);

/* What a run has saved since the last call, or the initial weights from its settings before it has
 * saved anything. Of a classification only the best model, once there is one. */
typedef struct nca_run_news {
    nca_model *model;     /* the newest weights; NULL: unchanged */
    nca_session *session; /* the session of the checkpoint, if that is new and was requested */
} nca_run_news;

/* Starts watching a folder, which need not exist yet. Reads nothing. `options` may be NULL. Release
 * with nca_run_watch_close, which accepts NULL. Errors: NCA_OUT_OF_MEMORY, NCA_INVALID_ARGUMENT
 * (options that were not filled). */
NCA_API nca_status nca_run_watch_open(nca_run_watch **out_watch, const char *folder,
                                      const nca_run_watch_options *options, nca_error *error);
NCA_API void nca_run_watch_close(nca_run_watch *watch);

/* The last part of the folder's path, and the path. Borrowed. */
NCA_API const char *nca_run_watch_name(const nca_run_watch *watch);
NCA_API const char *nca_run_watch_folder(const nca_run_watch *watch);

/* Reads config.yaml. Errors: those of nca_settings_load; the settings are unchanged then. */
NCA_API nca_status nca_run_watch_settings_read(nca_run_watch *watch, nca_error *error);
/* Reads config.yaml again if it has changed; returns whether it has. */
NCA_API bool nca_run_watch_settings_changed(nca_run_watch *watch);
/* The settings read last, or the defaults. Borrowed. */
NCA_API const nca_settings *nca_run_watch_settings(const nca_run_watch *watch);

/* Calls `tell` for every new row of metrics.csv, oldest first. Errors: NCA_NOT_FOUND and NCA_IO
 * (the file cannot be read; rows read before the error have been reported), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_run_watch_rows(nca_run_watch *watch,
                                      void (*tell)(const nca_metrics_row *row, void *user),
                                      void *user, nca_error *error);
/* The name of a gradient norm in the rows, "w1" ...; NULL beyond the last, and before
 * nca_run_watch_rows has read the first line of the file. Borrowed. */
NCA_API const char *nca_run_watch_norm_name(const nca_run_watch *watch, size_t index);
/* The last row; iteration 0: none yet. Borrowed. */
NCA_API const nca_metrics_row *nca_run_watch_last(const nca_run_watch *watch);
/* Number of lines of metrics.csv that are not valid rows. */
NCA_API size_t nca_run_watch_bad_rows(const nca_run_watch *watch);
/* Mean of the recent losses; NaN if unknown. */
NCA_API double nca_run_watch_loss(const nca_run_watch *watch);
/* Iterations per second; 0 if unknown. */
NCA_API double nca_run_watch_rate(const nca_run_watch *watch);
/* The total number of iterations as far as the files show: those of the settings, and those that
 * the stability test has added (nca_session_extend). */
NCA_API uint64_t nca_run_watch_total(const nca_run_watch *watch);
/* "running", "finished", or "silent" if it is not finished and has written nothing for 15 s. */
NCA_API const char *nca_run_watch_state(const nca_run_watch *watch);

/* Gets new weights and, if `with_session`, the session of a new checkpoint. A file that cannot be
 * read now is tried again in the next call; `error` (NULL is allowed) then has the reason. A
 * session takes much memory and uses one thread, in addition to the training. Release with
 * nca_run_news_free. */
NCA_API void nca_run_watch_news(nca_run_news *out, nca_run_watch *watch, bool with_session,
                                nca_error *error);
/* Makes the next call of nca_run_watch_news return the current checkpoint and its session. */
NCA_API void nca_run_watch_forget(nca_run_watch *watch);
NCA_API void nca_run_news_free(nca_run_news *news); /* a zeroed struct is allowed */

#ifdef __cplusplus
}
#endif
#endif
