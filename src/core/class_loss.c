/* With probabilities p and wanted probabilities q, the losses are sums of q F(p), where
 * F(p) = -(1 - p)^gamma log p. The slope of F with respect to a score needs p F'(p). */
#include "core/class_loss_terms.h"

#include "core/exponential.h"

const char *nca_class_loss_name(nca_class_loss loss)
{
    static const char *const names[] = {"cross-entropy", "binary-cross-entropy", "focal", "L2"};
    return (unsigned)loss < NCA_CLASS_LOSS_COUNT ? names[loss] : NULL;
}

static double largest(const double *values, size_t count)
{
    double most = values[0];
    for (size_t i = 1; i < count; i++) {
        most = values[i] > most ? values[i] : most;
    }
    return most;
}

/* p and log p of a sigmoid. */
static double sigmoid(double *out_log, double score)
{
    const double e = nca__exp(score < 0 ? score : -score);
    const double log_sum = nca__log(1.0 + e);
    *out_log = score < 0 ? score - log_sum : -log_sum;
    return score < 0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
}

/* p and log p of a softmax; may be in place for one of the two. */
static void softmax(double *p, double *logs, const double *scores, size_t classes)
{
    const double most = largest(scores, classes);
    double sum = 0.0;
    for (size_t k = 0; k < classes; k++) {
        logs[k] = scores[k] - most;
        p[k] = nca__exp(logs[k]);
        sum += p[k];
    }
    const double log_sum = nca__log(sum);
    for (size_t k = 0; k < classes; k++) {
        p[k] /= sum;
        logs[k] -= log_sum;
    }
}

void nca__class_probabilities(double *out, const double *scores, size_t classes, bool each)
{
    double logs[NCA_MAX_CLASSES];
    if (!each) {
        softmax(out, logs, scores, classes);
        return;
    }
    for (size_t k = 0; k < classes; k++) {
        out[k] = sigmoid(logs, scores[k]);
    }
}

/* F(p), and p F'(p) = gamma p (1 - p)^(gamma - 1) log p - (1 - p)^gamma. */
static double term(double *out_slope, double p, double log_p, double gamma)
{
    const double rest = p < 1.0 ? 1.0 - p : 0.0;
    const double factor = nca__power(rest, gamma);
    *out_slope = -factor;
    if (gamma > 0.0 && rest > 0.0) {
        *out_slope += gamma * p * (factor / rest) * log_p;
    }
    return -factor * log_p;
}

static double weight_of(const nca__class_loss *loss, size_t class)
{
    return loss->weights != NULL ? loss->weights[class] : 1.0;
}

/* The wanted probability of class k without smoothing. */
static double answer_of(const nca__class_loss *loss, const uint8_t *answer, size_t k)
{
    const bool yes = loss->labels ? answer[k] != 0 : answer[0] == k;
    return yes ? 1.0 : 0.0;
}

/* The weight of the image's class for all classes, or of a label for its positive images. */
static double weight_at(const nca__class_loss *loss, const uint8_t *answer, size_t k)
{
    if (!loss->labels) {
        return weight_of(loss, answer[0]);
    }
    return answer[k] != 0 ? weight_of(loss, k) : 1.0;
}

static double of_softmax(double *slopes, const nca__class_loss *loss, const double *scores,
                         const uint8_t *answer)
{
    const size_t classes = loss->classes;
    double p[NCA_MAX_CLASSES], logs[NCA_MAX_CLASSES], parts[NCA_MAX_CLASSES];
    double value = 0.0, total = 0.0;
    softmax(p, logs, scores, classes);
    for (size_t k = 0; k < classes; k++) {
        const double q = answer_of(loss, answer, k) * (1.0 - loss->smoothing) +
                         loss->smoothing / (double)classes;
        double slope;
        value += q > 0.0 ? q * term(&slope, p[k], logs[k], loss->gamma) : 0.0;
        parts[k] = q > 0.0 ? q * slope : 0.0;
        total += parts[k];
    }
    const double weight = weight_of(loss, answer[0]);
    for (size_t k = 0; slopes != NULL && k < classes; k++) {
        slopes[k] = weight * (parts[k] - p[k] * total);
    }
    return weight * value;
}

static double of_sigmoids(double *slopes, const nca__class_loss *loss, const double *scores,
                          const uint8_t *answer)
{
    double value = 0.0;
    for (size_t k = 0; k < loss->classes; k++) {
        const double q =
            answer_of(loss, answer, k) * (1.0 - loss->smoothing) + loss->smoothing / 2.0;
        const double weight = weight_at(loss, answer, k) / (double)loss->classes;
        double log_yes, log_no, slope_yes, slope_no;
        const double yes = sigmoid(&log_yes, scores[k]), no = sigmoid(&log_no, -scores[k]);
        value += weight * (q * term(&slope_yes, yes, log_yes, loss->gamma) +
                           (1.0 - q) * term(&slope_no, no, log_no, loss->gamma));
        if (slopes != NULL) {
            slopes[k] = weight * (q * slope_yes * no - (1.0 - q) * slope_no * yes);
        }
    }
    return value;
}

static double of_distance(double *slopes, const nca__class_loss *loss, const double *scores,
                          const uint8_t *answer)
{
    double value = 0.0;
    for (size_t k = 0; k < loss->classes; k++) {
        const double q = answer_of(loss, answer, k) * (1.0 - loss->smoothing) +
                         loss->smoothing / (double)(loss->labels ? 2 : loss->classes);
        const double weight = weight_at(loss, answer, k) / (double)loss->classes;
        const double off = scores[k] - q;
        value += weight * off * off;
        if (slopes != NULL) {
            slopes[k] = 2.0 * weight * off;
        }
    }
    return value;
}

double nca__class_loss_of(double *slopes, const nca__class_loss *loss, const double *scores,
                          const uint8_t *answer)
{
    if (loss->kind == NCA_CLASS_LOSS_L2) {
        return of_distance(slopes, loss, scores, answer);
    }
    return loss->sigmoid ? of_sigmoids(slopes, loss, scores, answer)
                         : of_softmax(slopes, loss, scores, answer);
}
