/* A small web server for one page, on this machine only unless it is bound to another address.
 *
 *     nca_server *server;
 *     nca_server_options options;
 *     nca_server_options_default(&options);
 *     options.page = text;
 *     options.page_length = length;
 *     nca_server_start(&server, &options, &error);
 *     puts(nca_server_address(server));      http://127.0.0.1:8642/
 *     ...
 *     nca_server_stop(server);
 *
 * It listens on 127.0.0.1 and answers only requests that name it so (their Host is 127.0.0.1 or
 * localhost, with whatever port): a page from elsewhere cannot reach it under another name. Bound
 * to another address it answers only who knows its key: the page is at /?key=KEY. */
#ifndef NCA_SERVER_H
#define NCA_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_SERVER_PORT = 8642,   /* tried first when none is given */
    NCA_SERVER_KEY = 16,      /* characters of a key, at least */
    NCA_SERVER_TOPICS = 1032, /* of a live page */
    NCA_SERVER_WATCHERS = 16  /* live pages at once */
};

/* It answers on a thread of its own. The functions on one server are called by one thread at a
 * time.
 */
typedef struct nca_server nca_server;

typedef struct nca_server_options {
    const char *page; /* HTML, borrowed until the server stops */
    size_t page_length;
    unsigned port;    /* 0: NCA_SERVER_PORT, or any free one when that is taken */
    const char *bind; /* an IPv4 address of this machine, or 0.0.0.0 for all; NULL: 127.0.0.1 */
    const char *key;  /* needed with `bind`: letters and digits, at least NCA_SERVER_KEY of them */
    /* Not NULL: the page is live. It connects to the WebSocket /live, and only messages that hold
     * this token, which nobody but the page can know, are taken from it. */
    const char *token;
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_server_options;

/* No page; NCA_SERVER_PORT or any free port of 127.0.0.1, without a key; not live. */
NCA_API void nca_server_options_default(nca_server_options *out);

/* Listens and answers on a thread of its own. NCA_INVALID_ARGUMENT for an address or a key that is
 * none; NCA_EXISTS when the port is taken, NCA_UNSUPPORTED for a live page when libcrypto is not
 * there, NCA_LIMIT when the system gives no thread or socket.
 *
 * Whatever connects and whatever it sends costs little: a request has at most 8 kB and 10 seconds,
 * at most 256 connections are open (fewer where few files may be), and the oldest makes room for a
 * new one unless it is a live page; a frame of a page has at most 1 kB, and what is too long or
 * malformed is refused as soon as its head says so. NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_server_start(nca_server **out_server, const nca_server_options *options,
                                    nca_error *error);
/* Where a browser finds it; owned by the server. */
NCA_API const char *nca_server_address(const nca_server *server);
/* Ends connections and threads; accepts NULL. */
NCA_API void nca_server_stop(nca_server *server);

/* ---- Live pages --------------------------------------------------------------------------------
 * What a page is told stands on topics, numbers below NCA_SERVER_TOPICS of the caller's choice.
 * These functions copy and return at once, however slow a page is; what it cannot keep up with is
 * left out of a latest, and comes later and more at once of a log. A page that comes late is told
 * everything that counts then. */

/* The latest of a topic, as one message: JSON, or bytes whose meaning the page knows. */
NCA_API void nca_server_show(nca_server *server, unsigned topic, const char *json);
NCA_API void nca_server_show_bytes(nca_server *server, unsigned topic, const void *bytes,
                                   size_t length);
/* One more entry of a log, JSON without a newline; a message is {"topic":N,"entries":[...]}. */
NCA_API void nca_server_append(nca_server *server, unsigned topic, const char *json);

/* What somebody asked for on a page: {"token":...,"do":WHAT,"key":KEY,"value":VALUE}, the token
 * first. A page that sends more than 128 messages at once or 32 a second is disconnected. */
typedef struct nca_knob {
    char what[32], key[32], value[96]; /* "" where the message had none */
} nca_knob;
/* The oldest that has not been taken; false when there is none. */
NCA_API bool nca_server_next(nca_knob *out_knob, nca_server *server);
/* Pages that look on now. */
NCA_API unsigned nca_server_watchers(nca_server *server);

#ifdef __cplusplus
}
#endif
#endif
