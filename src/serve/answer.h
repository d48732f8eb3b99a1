/* Internal: the response to a request: the page, the WebSocket of a live page, or a refusal. */
#ifndef NCA_SERVE_ANSWER_H
#define NCA_SERVE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "serve/request.h"

typedef struct nca__answer {
    int code;
    bool page;        /* the page follows the header */
    bool live;        /* the connection becomes a WebSocket */
    const char *text; /* "", or the body of a refusal */
} nca__answer;

/* The checks have the same order for every method and path: the host, the key, the method, the
 * path. `key` is NULL if none is needed; `live`: there is a WebSocket. */
nca__answer nca__answer_to(const nca__request *request, const char *key, bool live);
/* A refusal for another reason: a code from nca__request_read, or 503 if there is no room. */
nca__answer nca__answer_refusing(int code);

/* Writes the header of a response and the body of a refusal; returns the length. If answer.page is
 * true, a page of page_length bytes must follow. */
enum {
    NCA__ANSWER_MOST = 1024
};
size_t nca__answer_write(char out[NCA__ANSWER_MOST], const nca__answer *answer, size_t page_length);

#endif
