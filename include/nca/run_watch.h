/* A run seen from outside, through its files: rows as they are written, weights as they are saved,
 * also while another program trains it. Nothing in the folder is changed.
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
    NCA_RUN_WATCH_RECENT = 50 /* losses whose mean nca_run_watch_loss is */
};

/* Used by one thread at a time; different watches, of one folder too, are independent of each other
 * and of the training. */
typedef struct nca_run_watch nca_run_watch;

typedef struct nca_run_watch_options {
    const char *data_root;      /* as in nca_run_options; must stay valid */
    nca_keep_going *keep_going; /* or NULL; false ends the reading of rows early */
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_run_watch_options;

/* The working folder, no callback. */
NCA_API void nca_run_watch_options_default(nca_run_watch_options *out);

/* What a run has saved since it was asked last. Before it has saved anything: what its settings
 * begin with. */
typedef struct nca_run_news {
    nca_model *model;     /* the newest weights; NULL: nothing is new */
    nca_session *session; /* of the checkpoint, where that is new and was asked for */
} nca_run_news;

/* Begins to watch a folder, which need not be there yet. `options` may be NULL. Reads nothing.
 * NCA_OUT_OF_MEMORY. Release with nca_run_watch_close, which accepts NULL. NCA_INVALID_ARGUMENT for
 * options that were not filled. */
NCA_API nca_status nca_run_watch_open(nca_run_watch **out_watch, const char *folder,
                                      const nca_run_watch_options *options, nca_error *error);
NCA_API void nca_run_watch_close(nca_run_watch *watch);

/* The last part of the folder's path, and the path. Borrowed. */
NCA_API const char *nca_run_watch_name(const nca_run_watch *watch);
NCA_API const char *nca_run_watch_folder(const nca_run_watch *watch);

/* Reads config.yaml. Errors as of nca_settings_load; the settings stay as they were then. */
NCA_API nca_status nca_run_watch_settings_read(nca_run_watch *watch, nca_error *error);
/* Reads it again where it has changed since; whether it has. */
NCA_API bool nca_run_watch_settings_changed(nca_run_watch *watch);
/* The settings read last; the defaults before. Borrowed. */
NCA_API const nca_settings *nca_run_watch_settings(const nca_run_watch *watch);

/* Calls back for every new row of metrics.csv, oldest first. NCA_NOT_FOUND, NCA_IO: the file cannot
 * be read, now or any more; rows that were read before have been told. NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_run_watch_rows(nca_run_watch *watch,
                                      void (*tell)(const nca_metrics_row *row, void *user),
                                      void *user, nca_error *error);
/* The last row; iteration 0: none yet. Borrowed. */
NCA_API const nca_metrics_row *nca_run_watch_last(const nca_run_watch *watch);
/* Lines of metrics.csv that are no rows of a training. */
NCA_API size_t nca_run_watch_bad_rows(const nca_run_watch *watch);
/* Mean of the recent losses; NaN: unknown. */
NCA_API double nca_run_watch_loss(const nca_run_watch *watch);
/* Iterations a second; 0: unknown. */
NCA_API double nca_run_watch_rate(const nca_run_watch *watch);
/* How many iterations there will be as far as the files tell: those of the settings, and those that
 * the stability test has added (nca_session_extend). */
NCA_API uint64_t nca_run_watch_total(const nca_run_watch *watch);
/* "running", "finished", or "silent" when it is not done and has written nothing for 15 s. */
NCA_API const char *nca_run_watch_state(const nca_run_watch *watch);

/* The weights that are new, and with `with_session` the session of a checkpoint that is new. What
 * cannot be read now is not new yet; `error` (NULL is allowed) then says why. A session takes much
 * memory; it works on one thread, beside the training. Release with nca_run_news_free. */
NCA_API void nca_run_watch_news(nca_run_news *out, nca_run_watch *watch, bool with_session,
                                nca_error *error);
/* The next news are those of the checkpoint as it is, with the session. */
NCA_API void nca_run_watch_forget(nca_run_watch *watch);
NCA_API void nca_run_news_free(nca_run_news *news); /* a zeroed one is allowed */

#ifdef __cplusplus
}
#endif
#endif
