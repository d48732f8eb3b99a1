/* Internal to sweeps: the data of a sweep. sweep.c creates the runs, sweep_names.c names them. */
#ifndef NCA_CONFIG_SWEEP_PLAN_H
#define NCA_CONFIG_SWEEP_PLAN_H

#include "nca/sweep.h"

enum {
    NCA__MOST_AXES = 128 /* settings.def has fewer rows */
};

typedef struct nca__sweep_run {
    nca_settings settings;
    uint64_t hash;               /* of the settings, for finding duplicates */
    char *value[NCA__MOST_AXES]; /* (axis_count) owned */
    char *label[NCA__MOST_AXES]; /* (axis_count) owned */
    char *name;                  /* owned */
    size_t group;
    bool given[NCA_MAX_SETTINGS]; /* by the file or an override, indexed by setting */
} nca__sweep_run;

struct nca_sweep {
    nca__sweep_run **runs;
    size_t count, capacity;
    const nca_setting *mentioned[NCA__MOST_AXES]; /* in the file or an override, in this order */
    size_t mentioned_count;
    const nca_setting *axes[NCA__MOST_AXES];
    size_t axis_count;
    bool seeds;
    size_t group_count;
    size_t short_warmups; /* number of runs for which the recipe's warm-up was shortened */
};

/* Whether two structs have the same value of one setting. */
bool nca__same_value(const nca_settings *a, const nca_settings *b, const nca_setting *setting);

/* Determines the axes, and the values, labels, name and group of every run. */
nca_status nca__sweep_describe(nca_sweep *sweep, nca_error *error);

#endif
