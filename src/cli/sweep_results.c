/* Reading evaluation.csv, the model and the last row of metrics.csv of a run. */
#include "cli/sweep_results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sweep_child.h"

/* Where a number stands in evaluation.csv. */
static const struct {
    const char *key, *title;
    unsigned steps;
    const char *measure;
} columns[SWEEP_NUMBERS] = {
    [SWEEP_LOSS] = {"training_loss", "training loss", 0, NULL},
    [SWEEP_L1] = {"L1_80", "L1 at 80", SWEEP_STEPS_GROWN, "L1"},
    [SWEEP_L2] = {"L2_80", "L2 at 80", SWEEP_STEPS_GROWN, "L2"},
    [SWEEP_HINGE] = {"Hinge_80", "Hinge at 80", SWEEP_STEPS_GROWN, "Hinge"},
    [SWEEP_L2_LATER] = {"L2_500", "L2 at 500", SWEEP_STEPS_LATER, "L2"},
    [SWEEP_SURVIVING] = {"surviving_500", "alive at 500", SWEEP_STEPS_LATER, "surviving"},
};

const char *sweep_number_key(sweep_number number)
{
    return columns[number].key;
}

const char *sweep_number_title(sweep_number number)
{
    return columns[number].title;
}

/* The mean in the line "steps,,80,L2,mean,deviation" that is asked for. */
static bool read_line(sweep_result *out, const char *line)
{
    for (int i = 0; i < SWEEP_NUMBERS; i++) {
        char beginning[64];
        if (columns[i].measure == NULL) {
            continue;
        }
        int length = snprintf(beginning, sizeof beginning, "steps,,%u,%s,", columns[i].steps,
                              columns[i].measure);
        if (strncmp(line, beginning, (size_t)length) == 0) {
            char *end;
            out->number[i] = strtod(line + length, &end);
            return *end == ',';
        }
    }
    return true;
}

static bool read_evaluation(sweep_result *out, const char *path)
{
    FILE *file;
    if (nca_file_open(&file, path, NULL) != NCA_OK) {
        return false;
    }
    char line[512];
    bool good = true;
    while (good && fgets(line, sizeof line, file) != NULL) {
        good = read_line(out, line);
    }
    fclose(file);
    return good;
}

/* The last field of the last row. */
static double read_seconds(const char *path)
{
    enum {
        TAIL = 512
    };
    char tail[TAIL + 1];
    FILE *file;
    if (nca_file_open(&file, path, NULL) != NCA_OK) {
        return NAN;
    }
    if (fseek(file, -TAIL, SEEK_END) != 0) {
        rewind(file);
    }
    tail[fread(tail, 1, TAIL, file)] = 0;
    fclose(file);
    const char *comma = strrchr(tail, ',');
    char *end;
    double seconds = comma != NULL ? strtod(comma + 1, &end) : NAN;
    return comma != NULL && end != comma + 1 ? seconds : NAN;
}

sweep_result sweep_result_read(const sweep_run *run)
{
    sweep_result result = {.seconds = NAN};
    for (int i = 0; i < SWEEP_NUMBERS; i++) {
        result.number[i] = NAN;
    }
    nca_model *model = NULL;
    nca_error error;
    result.known =
        read_evaluation(&result, run_file(run->folder.text, RUN_EVALUATION).text) &&
        nca_model_load(&model, run_file(run->folder.text, RUN_MODEL).text, &error) == NCA_OK;
    if (result.known) {
        result.number[SWEEP_LOSS] = model->info.loss;
        result.seconds = read_seconds(run_file(run->folder.text, RUN_METRICS).text);
    }
    nca_model_destroy(model);
    return result;
}
