/* Messages of a live page. */
#include "cli/page/live_feed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* A token that cannot be guessed: 128 random bits. */
static bool make_token(char token[33])
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return false;
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(token + 2 * i, 3, "%02x", (unsigned)bytes[i]);
    }
    return true;
}

nca_status live_feed_open(live_feed *feed, const nca_page_model *models, size_t count,
                          const nca_page_examples *examples, const nca_server_options *serve,
                          bool knobs, nca_error *error)
{
    memset(feed, 0, sizeof *feed);
    if (!make_token(feed->token)) {
        error->status = NCA_IO;
        snprintf(error->message, sizeof error->message,
                 "cannot get random bytes from the system for the token of the page");
        return NCA_IO;
    }
    nca_page_options options;
    nca_page_options_default(&options);
    options.live_token = feed->token;
    options.knobs = knobs;
    options.examples = examples;
    nca_server_options server = *serve;
    server.token = feed->token;
    nca_status status =
        nca_page_text(&feed->page, &server.page_length, models, count, &options, error);
    server.page = feed->page;
    if (status == NCA_OK) {
        status = nca_server_start(&feed->server, &server, error);
    }
    if (status != NCA_OK) {
        live_feed_close(feed);
    }
    return status;
}

const char *live_unit(const nca_settings *settings)
{
    return settings->task == NCA_TASK_CLASSIFY ? nca_class_loss_name(settings->class_loss)
                                               : nca_loss_name(settings->loss);
}

void live_feed_close(live_feed *feed)
{
    nca_server_stop(feed->server);
    free(feed->page);
    memset(feed, 0, sizeof *feed);
}

/* JSON has no infinity and no NaN. */
static const char *number(char out[32], double value)
{
    if (!isfinite(value)) {
        return "null";
    }
    snprintf(out, 32, "%.6g", value);
    return out;
}

void live_feed_row(live_feed *feed, size_t run, const nca_metrics_row *row)
{
    char text[256 + 32 * NCA_MAX_TENSORS], loss[32], rate[32], norm[32];
    size_t length =
        (size_t)snprintf(text, sizeof text, "[%zu,%llu,%s,%u,%s,%zu,%.2f", run,
                         (unsigned long long)row->iteration, number(loss, row->loss), row->steps,
                         number(rate, row->learning_rate), row->alive_cells, row->seconds);
    for (size_t i = 0; i < row->norm_count; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, ",%s",
                                   number(norm, row->norm[i]));
    }
    snprintf(text + length, sizeof text - length, "]");
    nca_server_append(feed->server, LIVE_ROWS, text);
}

void live_feed_validation(live_feed *feed, size_t run, const nca_validation_row *row)
{
    char text[192], auc[32], accuracy[32], balanced[32], log_loss[32];
    snprintf(text, sizeof text, "[%zu,%llu,%s,%s,%s,%s]", run, (unsigned long long)row->iteration,
             number(auc, row->auc), number(accuracy, row->accuracy),
             number(balanced, row->balanced_accuracy), number(log_loss, row->log_loss));
    nca_server_append(feed->server, LIVE_VALIDATIONS, text);
}

/* Collects JSON in memory and passes it to a function of the server; if out of memory, the message
 * is skipped. */
typedef struct json_message {
    FILE *to; /* NULL if out of memory */
    char *json;
    size_t length;
} json_message;

static bool message_open(json_message *m)
{
    *m = (json_message){0};
    m->to = open_memstream(&m->json, &m->length);
    return m->to != NULL;
}

static void message_send(json_message *m, nca_server *server, unsigned topic,
                         void (*send)(nca_server *server, unsigned topic, const char *json))
{
    const bool whole = !ferror(m->to);
    if (fclose(m->to) == 0 && whole) {
        send(server, topic, m->json);
    }
    free(m->json);
}

static void write_run(FILE *to, const live_run *run)
{
    char loss[32];
    fputs("{\"name\":", to);
    nca_file_write_json_text(to, run->name);
    fprintf(to, ",\"state\":\"%s\",\"unit\":\"%s\",\"iteration\":%llu,\"total\":%llu", run->state,
            run->unit, (unsigned long long)run->iteration, (unsigned long long)run->total);
    fprintf(to, ",\"loss\":%s,\"rate\":%.4g,\"left\":%.4g,\"norms\":[", number(loss, run->loss),
            run->rate, run->left);
    for (size_t i = 0; run->norms[i] != NULL; i++) {
        fputs(i > 0 ? "," : "", to);
        nca_file_write_json_text(to, run->norms[i]);
    }
    fputs("]}", to);
}

/* The settings that the page can change. Damage only where samples can be damaged. */
static void write_settings(FILE *to, const nca_settings *settings)
{
    fprintf(to, "{\"learning_rate\":%.6g,\"fire_rate\":%.6g", (double)settings->learning_rate,
            (double)settings->fire_rate);
    if (nca_settings_can_damage(settings)) {
        fprintf(to, ",\"damage\":%u", (unsigned)settings->damage);
    }
    fputs("}", to);
}

void live_feed_status(live_feed *feed, const live_status *status)
{
    json_message m;
    if (!message_open(&m)) {
        return;
    }
    fprintf(m.to, "{\"topic\":%d,\"shown\":%zu,\"runs\":[", LIVE_STATUS, status->shown);
    for (size_t i = 0; i < status->count; i++) {
        fputs(i > 0 ? "," : "", m.to);
        write_run(m.to, &status->runs[i]);
    }
    fputs("],\"settings\":", m.to);
    write_settings(m.to, status->settings);
    fputs(",\"said\":", m.to);
    nca_file_write_json_text(m.to, status->said != NULL ? status->said : "");
    fputs("}", m.to);
    message_send(&m, feed->server, LIVE_STATUS, nca_server_show);
}

void live_feed_confusion(live_feed *feed, uint64_t iteration, const size_t *counts, size_t rows,
                         size_t columns)
{
    json_message m;
    if (!message_open(&m)) {
        return;
    }
    fprintf(m.to, "{\"topic\":%d,\"iteration\":%llu,\"columns\":%zu,\"counts\":[", LIVE_CONFUSION,
            (unsigned long long)iteration, columns);
    for (size_t i = 0; i < rows * columns; i++) {
        fprintf(m.to, "%s%zu", i > 0 ? "," : "", counts[i]);
    }
    fputs("]}", m.to);
    message_send(&m, feed->server, LIVE_CONFUSION, nca_server_show);
}

void live_feed_model(live_feed *feed, size_t run, const nca_page_model *model)
{
    char *carried = NULL;
    if (nca_page_model_text(&carried, model, NULL) != NCA_OK) {
        return;
    }
    const size_t size = strlen(carried) + 64;
    char *json = malloc(size);
    if (json != NULL) {
        const unsigned topic = LIVE_MODELS + (unsigned)run;
        snprintf(json, size, "{\"topic\":%u,\"model\":%s}", topic, carried);
        nca_server_show(feed->server, topic, json);
    }
    free(json);
    free(carried);
}

void live_feed_picture(live_feed *feed, unsigned topic, const live_picture *picture)
{
    enum {
        HEAD = 24
    };
    const size_t bytes = picture->width * picture->height * 4;
    uint8_t *message = malloc(HEAD + bytes);
    if (message == NULL) {
        return;
    }
    const uint32_t head[HEAD / 4] = {
        topic,
        (uint32_t)picture->width,
        (uint32_t)picture->height,
        (uint32_t)picture->count,
        (uint32_t)picture->tile_width,
        (uint32_t)picture->tile_height,
    };
    for (size_t i = 0; i < HEAD; i++) { /* little-endian on every machine */
        message[i] = (uint8_t)(head[i / 4] >> (8 * (i % 4)));
    }
    memcpy(message + HEAD, picture->rgba, bytes);
    nca_server_show_bytes(feed->server, topic, message, HEAD + bytes);
    free(message);
}

void live_feed_event(live_feed *feed, uint64_t iteration, const char *key, const char *value)
{
    json_message m;
    if (!message_open(&m)) {
        return;
    }
    fprintf(m.to, "{\"iteration\":%llu,\"key\":", (unsigned long long)iteration);
    nca_file_write_json_text(m.to, key);
    fputs(",\"value\":", m.to);
    nca_file_write_json_text(m.to, value);
    fputs("}", m.to);
    message_send(&m, feed->server, LIVE_EVENTS, nca_server_append);
}

void live_feed_changes(live_feed *feed, const nca_settings *settings)
{
    nca_change change;
    const char *at = settings->changes;
    while (nca_change_next(&change, &at)) {
        live_feed_event(feed, change.iteration, change.setting->key, change.value);
    }
}
