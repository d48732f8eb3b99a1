/* Internal: the data for viewers, which each of them reads at its own pace.
 *
 * A board has topics. A topic is either a text or bytes of which only the latest counts, or a
 * log to which entries are appended. Writers never wait for readers: a slow reader misses what
 * was replaced in the meantime, and gets the entries of the log later and in larger portions. */
#ifndef NCA_SERVE_BOARD_H
#define NCA_SERVE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/server.h"

typedef struct nca__board nca__board;

/* The position of a reader; zeroed at the start. */
typedef struct nca__reader {
    uint64_t seen[NCA_SERVER_TOPICS]; /* version of a latest, bytes of a log */
    unsigned next;                    /* the topic to look at first, so that none starves */
} nca__reader;

/* A copy for one reader; free() the bytes. */
typedef struct nca__notice {
    unsigned topic;
    bool text, log;
    char *bytes;
    size_t length;
} nca__notice;

nca__board *nca__board_create(void); /* NULL: out of memory */
void nca__board_destroy(nca__board *board);

/* Replaces a topic's contents. If out of memory the old ones stay. */
void nca__board_show(nca__board *board, unsigned topic, const void *bytes, size_t length,
                     bool text);
/* Appends an entry of JSON to a topic's log. */
void nca__board_append(nca__board *board, unsigned topic, const char *entry, size_t length);

/* The next that this reader has not seen; false when there is nothing, or no memory for it. Of a
 * log it gives the entries that are new, parted by commas, up to a limit. */
bool nca__board_next(nca__notice *out, nca__reader *reader, nca__board *board);

#endif
