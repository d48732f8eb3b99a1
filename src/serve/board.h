/* Internal: the data for viewers, which each of them reads at its own pace.
 *
 * A board has topics. A topic is either a text or bytes of which only the latest is needed, or a
 * log to which entries are appended. Writers never wait for readers: a slow reader misses
 * intermediate values, and gets the entries of a log later and in larger portions. */
#ifndef NCA_SERVE_BOARD_H
#define NCA_SERVE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/server.h"

typedef struct nca__board nca__board;

/* The position of a reader; zeroed at the start. */
typedef struct nca__reader {
    uint64_t seen[NCA_SERVER_TOPICS]; /* version of a latest message, or number of bytes of a log */
    unsigned next;                    /* the topic to check first, so that all have their turn */
} nca__reader;

/* A copy for one reader; free() the bytes. */
typedef struct nca__notice {
    unsigned topic;
    bool text, log;
    char *bytes;
    size_t length;
} nca__notice;

nca__board *nca__board_create(void); /* NULL if out of memory */
void nca__board_destroy(nca__board *board);

/* Replaces a topic's contents. If out of memory, the old contents stay. */
void nca__board_show(nca__board *board, unsigned topic, const void *bytes, size_t length,
                     bool text);
/* Appends an entry of JSON to a topic's log. */
void nca__board_append(nca__board *board, unsigned topic, const char *entry, size_t length);

/* The next data that this reader has not seen; false if there is none, or if out of memory. For a
 * log it returns the new entries, separated by commas, up to a limit. */
bool nca__board_next(nca__notice *out, nca__reader *reader, nca__board *board);

#endif
