/* WebSockets of live pages. */
#include "serve/live.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_KNOBS = 64,     /* that wait to be taken; what comes then is refused */
    MOST_MESSAGE = 1024, /* bytes of a message from a page */
};

typedef struct client {
    nca__live *live;
    struct mg_connection *connection; /* NULL: the place is free */
    nca__reader reader;
    pthread_t sender;
    bool sending;
} client;

struct nca__live {
    const char *token;
    nca__board *board;
    bool (*allowed)(const struct mg_connection *connection, void *user);
    void *user;
    pthread_mutex_t mutex; /* of what follows */
    client clients[NCA_SERVER_WATCHERS];
    unsigned watchers;
    nca_knob knobs[MOST_KNOBS]; /* a ring */
    size_t first, count;
};

nca__live *nca__live_create(const char *token)
{
    nca__live *live = calloc(1, sizeof *live);
    if (live == NULL) {
        return NULL;
    }
    live->token = token;
    live->board = nca__board_create();
    pthread_mutex_init(&live->mutex, NULL);
    if (live->board == NULL) {
        nca__live_destroy(live);
        return NULL;
    }
    return live;
}

void nca__live_destroy(nca__live *live)
{
    if (live == NULL) {
        return;
    }
    nca__board_destroy(live->board);
    pthread_mutex_destroy(&live->mutex);
    free(live);
}

void nca__live_close(nca__live *live)
{
    nca__board_close(live->board);
}

nca__board *nca__live_board(nca__live *live)
{
    return live->board;
}

/* ---- To the pages ----------------------------------------------------------------------------*/

static bool tell(struct mg_connection *connection, const nca__notice *notice)
{
    if (!notice->log) {
        const int kind = notice->text ? MG_WEBSOCKET_OPCODE_TEXT : MG_WEBSOCKET_OPCODE_BINARY;
        return nca__civetweb.websocket_write(connection, kind, notice->bytes, notice->length) ==
               (int)notice->length;
    }
    const size_t size = notice->length + 64;
    char *message = malloc(size);
    if (message == NULL) {
        return false;
    }
    const int length =
        snprintf(message, size, "{\"topic\":%u,\"entries\":[%s]}", notice->topic, notice->bytes);
    const bool told = nca__civetweb.websocket_write(connection, MG_WEBSOCKET_OPCODE_TEXT, message,
                                                    (size_t)length) == length;
    free(message);
    return told;
}

static void *sender_main(void *argument)
{
    client *self = argument;
    nca__notice notice;
    bool open = true;
    while (open && nca__board_next(&notice, &self->reader, self->live->board)) {
        open = tell(self->connection, &notice);
        free(notice.bytes);
    }
    return NULL;
}

/* Refuses a page by returning 1. */
static int on_connect(const struct mg_connection *connection, void *user)
{
    nca__live *live = user;
    pthread_mutex_lock(&live->mutex);
    const bool full = live->watchers == NCA_SERVER_WATCHERS;
    pthread_mutex_unlock(&live->mutex);
    return full || !live->allowed(connection, live->user);
}

static void on_ready(struct mg_connection *connection, void *user)
{
    nca__live *live = user;
    pthread_mutex_lock(&live->mutex);
    client *place = NULL;
    for (size_t i = 0; i < NCA_SERVER_WATCHERS && place == NULL; i++) {
        place = live->clients[i].connection == NULL ? &live->clients[i] : NULL;
    }
    if (place != NULL) {
        *place = (client){.live = live, .connection = connection};
        place->sending = pthread_create(&place->sender, NULL, sender_main, place) == 0;
        live->watchers++;
    }
    pthread_mutex_unlock(&live->mutex);
    if (place == NULL) { /* others came at the same moment */
        nca__civetweb.websocket_write(connection, MG_WEBSOCKET_OPCODE_CONNECTION_CLOSE, "", 0);
    }
}

static void on_close(const struct mg_connection *connection, void *user)
{
    nca__live *live = user;
    client *found = NULL;
    pthread_mutex_lock(&live->mutex);
    for (size_t i = 0; i < NCA_SERVER_WATCHERS && found == NULL; i++) {
        found = live->clients[i].connection == connection ? &live->clients[i] : NULL;
    }
    pthread_mutex_unlock(&live->mutex);
    if (found == NULL) {
        return;
    }
    /* The connection is gone after this function, so its thread has to be. */
    if (found->sending) {
        nca__board_leave(live->board, &found->reader);
        pthread_join(found->sender, NULL);
    }
    pthread_mutex_lock(&live->mutex);
    found->connection = NULL;
    live->watchers--;
    pthread_mutex_unlock(&live->mutex);
}

/* ---- From the pages --------------------------------------------------------------------------*/

/* Takes as long for a token that is nearly right as for any other of its length. */
static bool same_token(const char *expected, const char *found)
{
    const size_t length = strlen(expected);
    if (found == NULL || strlen(found) != length) {
        return false;
    }
    unsigned char different = 0;
    for (size_t i = 0; i < length; i++) {
        different |= (unsigned char)(expected[i] ^ found[i]);
    }
    return different == 0;
}

static void copy_text(char *out, size_t size, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static bool read_knob(nca_knob *out, const nca__live *live, const char *text, size_t length)
{
    json_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    const char *token = json_string_value(json_object_get(message, "token"));
    const bool good = json_is_object(message) && same_token(live->token, token);
    if (good) {
        copy_text(out->what, sizeof out->what, message, "do");
        copy_text(out->key, sizeof out->key, message, "key");
        copy_text(out->value, sizeof out->value, message, "value");
    }
    json_decref(message);
    return good;
}

/* Ends the connection by returning 0: a page of ours sends nothing else. */
static int on_data(struct mg_connection *connection, int bits, char *data, size_t length,
                   void *user)
{
    (void)connection;
    enum {
        FINAL = 0x80,
        OPCODE = 0x0F
    };
    nca__live *live = user;
    const int opcode = bits & OPCODE;
    if (opcode == MG_WEBSOCKET_OPCODE_PING || opcode == MG_WEBSOCKET_OPCODE_PONG) {
        return 1;
    }
    nca_knob knob;
    if (opcode != MG_WEBSOCKET_OPCODE_TEXT || (bits & FINAL) == 0 || length > MOST_MESSAGE ||
        !read_knob(&knob, live, data, length)) {
        return 0;
    }
    pthread_mutex_lock(&live->mutex);
    if (live->count < MOST_KNOBS) {
        live->knobs[(live->first + live->count++) % MOST_KNOBS] = knob;
    }
    pthread_mutex_unlock(&live->mutex);
    return 1;
}

void nca__live_listen(nca__live *live, struct mg_context *context,
                      bool (*allowed)(const struct mg_connection *connection, void *user),
                      void *user)
{
    live->allowed = allowed;
    live->user = user;
    nca__civetweb.set_websocket_handler(context, "/live", on_connect, on_ready, on_data, on_close,
                                        live);
}

bool nca__live_next(nca_knob *out_knob, nca__live *live)
{
    pthread_mutex_lock(&live->mutex);
    const bool found = live->count > 0;
    if (found) {
        *out_knob = live->knobs[live->first];
        live->first = (live->first + 1) % MOST_KNOBS;
        live->count--;
    }
    pthread_mutex_unlock(&live->mutex);
    return found;
}

unsigned nca__live_watchers(nca__live *live)
{
    pthread_mutex_lock(&live->mutex);
    const unsigned watchers = live->watchers;
    pthread_mutex_unlock(&live->mutex);
    return watchers;
}
