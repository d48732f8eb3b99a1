/* Internal: the names inside a checkpoint file (docs/file-formats.md), for writer and reader. */
#ifndef NCA_TRAIN_CHECKPOINT_H
#define NCA_TRAIN_CHECKPOINT_H

#include "nca/automaton.h"

#define NCA__CHECKPOINT_FORMAT  "nca-checkpoint"
#define NCA__CHECKPOINT_VERSION 2

/* Metadata */
#define NCA__KEY_FORMAT           "format"
#define NCA__KEY_VERSION          "format_version"
#define NCA__KEY_SETTINGS         "settings"
#define NCA__KEY_ITERATION        "iteration"
#define NCA__KEY_UPDATES          "updates"
#define NCA__KEY_DROPPED          "dropped"
#define NCA__KEY_DROPPED_IN_A_ROW "dropped_in_a_row"
#define NCA__KEY_DEAD_IN_A_ROW    "dead_in_a_row"    /* missing in older files: 0 */
#define NCA__KEY_ENDLESS_IN_A_ROW "endless_in_a_row" /* missing in older files: 0 */
#define NCA__KEY_ADDED            "added"            /* missing in older files: 0 */
#define NCA__KEY_UNSTABLE         "unstable"         /* missing in older files: 0 */
#define NCA__KEY_TASK             "task"             /* missing: the first task of the library */

/* Tensors, in addition to those of the task. Parameters and their moments are named PREFIX followed
 * by the name of the nca_tensor. */
#define NCA__PREFIX_PARAMETERS ""
#define NCA__PREFIX_M          "adam.m."
#define NCA__PREFIX_V          "adam.v."
#define NCA__PREFIX_AVERAGE    "average." /* only with setting average_decay */
#define NCA__TENSOR_RECENT     "recent_losses"
#define NCA__TENSOR_SLOTS      "pool.slots"
#define NCA__TENSOR_MARKS      "pool.marks"
#define NCA__TENSOR_CELLS      "pool.cells"
#define NCA__TENSOR_STATES     "pool.states" /* in version 1, instead of marks and cells */

enum {
    NCA__CHECKPOINT_NAME = 64 /* buffer for prefix and name of a tensor */
};

#endif
