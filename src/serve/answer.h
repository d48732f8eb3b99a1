/* Internal: what this server answers to a request: the page, the WebSocket of a live page, or a
 * refusal. Independent of sockets. */
#ifndef NCA_SERVE_ANSWER_H
#define NCA_SERVE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "serve/request.h"

typedef struct nca__answer {
    int code;
    bool page;        /* the page follows the head */
    bool live;        /* the connection becomes a WebSocket */
    const char *text; /* "" or what follows the head of a refusal */
} nca__answer;

/* The checks come in this order for every method and path: who is asked for (Host), the key, the
 * method, the path. `key` is NULL where none is needed; `live` says that there is a WebSocket. */
nca__answer nca__answer_to(const nca__request *request, const char *key, bool live);
/* A refusal for another reason: a code of nca__request_read, or 503 where there is no place. */
nca__answer nca__answer_refusing(int code);

/* The head of an answer and the text of a refusal; returns its length. A page of page_length bytes
 * is to follow unless answer.page is false. */
enum {
    NCA__ANSWER_MOST = 1024
};
size_t nca__answer_write(char out[NCA__ANSWER_MOST], const nca__answer *answer, size_t page_length);

#endif
