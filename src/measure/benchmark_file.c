/* The result file of the MedMNIST benchmark and its name. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "measure/predictions.h"

enum {
    USUAL_SIZE = 28, /* pixels of the images of the original sets, not part of the name */
    DECIMALS = 3
};

static nca_status check_part(const char *what, const char *text, nca_error *error)
{
    if (text[0] == '\0' || strchr(text, '/') != NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "name of a result file: expected a %s without '/', found \"%s\"", what,
                         text);
    }
    return NCA_OK;
}

static nca_status check_score(const char *what, double score, nca_error *error)
{
    if (!isnan(score) && !(score >= 0.0 && score <= 1.0)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "name of a result file: expected an %s from 0 to 1, found %g", what,
                         score);
    }
    return NCA_OK;
}

nca_status nca_benchmark_name(char *out, size_t out_size, const char *flag, size_t size,
                              nca_split split, double auc, double accuracy, const char *run,
                              nca_error *error)
{
    nca_status status = check_part("set", flag, error);
    status = status == NCA_OK ? check_part("run", run, error) : status;
    status = status == NCA_OK ? check_score("AUC", auc, error) : status;
    status = status == NCA_OK ? check_score("accuracy", accuracy, error) : status;
    if (status != NCA_OK) {
        return status;
    }
    if ((unsigned)split >= NCA_SPLIT_COUNT) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "name of a result file: unknown split %d; use a value of nca_split",
                         (int)split);
    }
    char pixels[NCA__NUMBER_SIZE] = "", auc_text[NCA__NUMBER_SIZE], accuracy_text[NCA__NUMBER_SIZE];
    if (size != 0 && size != USUAL_SIZE) {
        snprintf(pixels, sizeof pixels, "_%zu", size);
    }
    nca__format_decimals(auc_text, auc, DECIMALS);
    nca__format_decimals(accuracy_text, accuracy, DECIMALS);
    static const char form[] = "%s%s_%s_[AUC]%s_[ACC]%s@%s.csv";
    const int length =
        snprintf(NULL, 0, form, flag, pixels, nca_split_name(split), auc_text, accuracy_text, run);
    if (length < 0 || (size_t)length >= out_size) {
        return nca__fail(error, NCA_LIMIT,
                         "name of a result file: needs %d bytes, found room for %zu; use a shorter "
                         "name of the run",
                         length + 1, out_size);
    }
    snprintf(out, out_size, form, flag, pixels, nca_split_name(split), auc_text, accuracy_text,
             run);
    return NCA_OK;
}

nca_status nca_benchmark_save(const nca_predictions *predictions, const char *path,
                              nca_error *error)
{
    const size_t count = predictions->count, classes = predictions->classes;
    nca_status status = nca__check_prediction_shape(predictions->kind, count, classes, error);
    status = status == NCA_OK ? nca__check_probabilities(predictions, error) : status;
    nca__writer writer = {0};
    status = status == NCA_OK ? nca__writer_open(&writer, path, error) : status;
    if (status != NCA_OK) {
        return status;
    }
    for (size_t image = 0; image < count; image++) {
        fprintf(writer.stream, "%zu", image);
        for (size_t c = 0; c < classes; c++) {
            char text[NCA__NUMBER_SIZE];
            nca__format_double(text, predictions->probabilities[image * classes + c]);
            fprintf(writer.stream, ",%s", text);
        }
        fputc('\n', writer.stream);
    }
    return nca__writer_commit(&writer, error); /* detects a failed write */
}
