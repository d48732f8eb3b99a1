/* The board of a live page. */
#include "serve/board.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_AT_ONCE = 1 << 18 /* bytes of a log in one notice */
};

typedef struct topic {
    char *bytes;
    size_t length, capacity;
    uint64_t version; /* of a latest message; 0: none yet */
    bool text, log;
} topic;

struct nca__board {
    pthread_mutex_t mutex;
    topic topics[NCA_SERVER_TOPICS];
};

nca__board *nca__board_create(void)
{
    nca__board *board = calloc(1, sizeof *board);
    if (board != NULL) {
        pthread_mutex_init(&board->mutex, NULL);
    }
    return board;
}

void nca__board_destroy(nca__board *board)
{
    if (board == NULL) {
        return;
    }
    for (unsigned i = 0; i < NCA_SERVER_TOPICS; i++) {
        free(board->topics[i].bytes);
    }
    pthread_mutex_destroy(&board->mutex);
    free(board);
}

static bool make_room(topic *at, size_t length)
{
    if (length <= at->capacity) {
        return true;
    }
    char *larger = realloc(at->bytes, 2 * length);
    if (larger == NULL) {
        return false;
    }
    at->bytes = larger;
    at->capacity = 2 * length;
    return true;
}

void nca__board_show(nca__board *board, unsigned number, const void *bytes, size_t length,
                     bool text)
{
    assert(number < NCA_SERVER_TOPICS && !board->topics[number].log);
    pthread_mutex_lock(&board->mutex);
    topic *at = &board->topics[number];
    if (make_room(at, length)) {
        memcpy(at->bytes, bytes, length);
        at->length = length;
        at->text = text;
        at->version++;
    }
    pthread_mutex_unlock(&board->mutex);
}

void nca__board_append(nca__board *board, unsigned number, const char *entry, size_t length)
{
    assert(number < NCA_SERVER_TOPICS);
    pthread_mutex_lock(&board->mutex);
    topic *at = &board->topics[number];
    at->log = true;
    at->text = true;
    if (make_room(at, at->length + length + 2)) {
        memcpy(at->bytes + at->length, entry, length);
        memcpy(at->bytes + at->length + length, ",\n", 2);
        at->length += length + 2;
    }
    pthread_mutex_unlock(&board->mutex);
}

/* The number of bytes of a log after `seen` that are returned at once: whole entries. Newlines
 * occur only at the end of an entry. */
static size_t log_piece(const topic *at, uint64_t seen)
{
    const size_t left = at->length - (size_t)seen;
    if (left <= MOST_AT_ONCE) {
        return left;
    }
    size_t cut = MOST_AT_ONCE;
    while (cut > 0 && at->bytes[seen + cut - 1] != '\n') {
        cut--;
    }
    return cut > 0 ? cut : left;
}

static bool is_new(const topic *at, uint64_t seen)
{
    return at->log ? at->length > seen : at->version > seen;
}

/* Copies the new part of a topic; false if there is none, or if out of memory. */
static bool copy_new(nca__notice *out, nca__reader *reader, const topic *at, unsigned number)
{
    uint64_t *seen = &reader->seen[number];
    if (!is_new(at, *seen)) {
        return false;
    }
    const size_t from = at->log ? (size_t)*seen : 0;
    const size_t piece = at->log ? log_piece(at, *seen) : at->length;
    const size_t length = at->log ? piece - 2 : piece; /* without the last comma and newline */
    char *copy = malloc(length + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, at->bytes + from, length);
    copy[length] = 0;
    *seen = at->log ? *seen + piece : at->version;
    *out = (nca__notice){
        .topic = number, .text = at->text, .log = at->log, .bytes = copy, .length = length};
    return true;
}

bool nca__board_next(nca__notice *out, nca__reader *reader, nca__board *board)
{
    bool found = false;
    pthread_mutex_lock(&board->mutex);
    for (unsigned i = 0; i < NCA_SERVER_TOPICS && !found; i++) {
        const unsigned number = (reader->next + i) % NCA_SERVER_TOPICS;
        found = copy_new(out, reader, &board->topics[number], number);
    }
    pthread_mutex_unlock(&board->mutex);
    if (found) {
        reader->next = (out->topic + 1) % NCA_SERVER_TOPICS;
    }
    return found;
}
