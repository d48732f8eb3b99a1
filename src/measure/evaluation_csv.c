/* An evaluation as comma-separated values: each line has one number, or one mean and its deviation,
 * so that any tool can filter and pivot it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "nca/evaluate.h"

/* Starts a line: part, shape, step, measure. */
static void print_head(FILE *out, const char *part, const char *shape, size_t step,
                       const char *measure)
{
    fprintf(out, "%s,%s,%zu,%s,", part, shape, step, measure);
}

static void print_spread(FILE *out, nca_spread spread)
{
    char mean[NCA__NUMBER_SIZE], deviation[NCA__NUMBER_SIZE];
    nca__format_double(mean, spread.mean);
    nca__format_double(deviation, spread.deviation);
    fprintf(out, "%s,%s\n", mean, deviation);
}

/* A fraction of all rollouts has no deviation. */
static void print_share(FILE *out, double share)
{
    char text[NCA__NUMBER_SIZE];
    nca__format_double(text, share);
    fprintf(out, "%s,\n", text);
}

static void print_curve(FILE *out, const char *shape, const nca_spread *curve,
                        const nca_evaluation *e)
{
    for (size_t i = 0; i <= e->cut_count * NCA_HEALING_STEPS; i++) {
        print_head(out, "healing_curve", shape, e->damage_at + i, "L2");
        print_spread(out, curve[i]);
    }
}

static void print_cut_spread(FILE *out, const char *shape, size_t step, const char *measure,
                             nca_spread spread)
{
    print_head(out, "healing", shape, step, measure);
    print_spread(out, spread);
}

static void print_cut_share(FILE *out, const char *shape, size_t step, const char *measure,
                            double share)
{
    print_head(out, "healing", shape, step, measure);
    print_share(out, share);
}

static void print_cut(FILE *out, const char *shape, const nca_healing_cut *cut, size_t rollouts)
{
    print_cut_spread(out, shape, cut->step, "before", cut->before);
    print_cut_spread(out, shape, cut->step, "cut", cut->cut);
    for (size_t k = 0; k < NCA_HEALING_AFTER; k++) {
        print_cut_spread(out, shape, cut->step + nca_healing_after[k], "after", cut->after[k]);
    }
    print_cut_spread(out, shape, cut->step, "healed_step", cut->healed_step);
    print_cut_share(out, shape, cut->step, "healed_share", cut->healed_share);
    print_cut_spread(out, shape, cut->step, "restored_step", cut->restored_step);
    print_cut_share(out, shape, cut->step, "restored_share", cut->restored_share);
    print_cut_spread(out, shape, cut->step, "cells_cut", cut->cells);
    print_cut_spread(out, shape, cut->step, "living_share", cut->living_share);
    print_cut_share(out, shape, cut->step, "missed_share", (double)cut->missed / (double)rollouts);
}

static void print_healing(FILE *out, const nca_evaluation *e)
{
    for (size_t i = 0; i < e->healing_count; i++) {
        for (size_t k = 0; k < e->cut_count; k++) {
            print_cut(out, nca_damage_name(e->healing[i].shape), &e->healing[i].cuts[k],
                      e->rollouts);
        }
    }
    for (size_t i = 0; i < e->healing_count; i++) {
        print_curve(out, nca_damage_name(e->healing[i].shape), e->healing[i].curve, e);
    }
    if (e->undamaged != NULL) {
        print_curve(out, "none", e->undamaged, e);
    }
}

static void print(FILE *out, const nca_evaluation *e)
{
    fputs("part,shape,step,measure,mean,deviation\n", out);
    for (size_t row = 0; row < e->row_count; row++) {
        for (int m = 0; m < NCA_METRIC_COUNT; m++) {
            print_head(out, "steps", "", e->rows[row].steps, nca_metric_name((nca_metric)m));
            print_spread(out, e->rows[row].metric[m]);
        }
        print_head(out, "steps", "", e->rows[row].steps, "surviving");
        print_share(out, e->rows[row].surviving);
    }
    print_healing(out, e);
    for (size_t i = 0; i < e->curve_count; i++) {
        print_head(out, "curve", "", e->curve_steps[i], "L2");
        print_spread(out, e->curve[i]);
    }
}

nca_status nca_evaluation_csv(char **out_text, const nca_evaluation *evaluation, nca_error *error)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return nca__fail_memory(error, "an evaluation as text", 1);
    }
    print(out, evaluation);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return nca__fail_memory(error, "an evaluation as text", size);
    }
    *out_text = text;
    return NCA_OK;
}

nca_status nca_evaluation_save_csv(const nca_evaluation *evaluation, const char *path,
                                   nca_error *error)
{
    char *text = NULL;
    nca_status status = nca_evaluation_csv(&text, evaluation, error);
    if (status == NCA_OK) {
        status = nca__file_write(path, text, strlen(text), error);
        free(text);
    }
    return status;
}
