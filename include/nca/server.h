/* A small web server for one page, reachable only from this machine unless it is bound to another
 * address.
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
 * It listens on 127.0.0.1 and answers only requests whose Host is 127.0.0.1 or localhost, with any
 * port: a page from elsewhere cannot reach it under another name. If bound to another address, it
 * answers only requests with its key: the page is at /?key=KEY. */
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
    NCA_SERVER_PORT = 8642,   /* tried first if no port is given */
    NCA_SERVER_KEY = 16,      /* minimum length of a key */
    NCA_SERVER_TOPICS = 1032, /* number of topics of a live page */
    NCA_SERVER_WATCHERS = 16  /* maximum number of live pages at the same time */
};

/* The server has its own thread. Its functions are called by one thread at a time. */
typedef struct nca_server nca_server;

typedef struct nca_server_options {
    const char *page; /* HTML, borrowed until the server stops */
    size_t page_length;
    unsigned port;    /* 0: NCA_SERVER_PORT, or any free port if that is in use */
    const char *bind; /* an IPv4 address of this machine, or 0.0.0.0 for all; NULL: 127.0.0.1 */
    const char *key;  /* required with `bind`: at least NCA_SERVER_KEY letters and digits */
    /* Not NULL: a live page. It connects to the WebSocket /live, and only messages that contain
     * this token, which only the page knows, are accepted from it. */
    const char *token;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_server_options;

/* No page; NCA_SERVER_PORT or any free port of 127.0.0.1, without a key; not live. */
NCA_API void nca_server_options_default(nca_server_options *out);

/* Starts a thread that listens and answers. Errors: NCA_INVALID_ARGUMENT (an invalid address or
 * key), NCA_EXISTS (the port is in use), NCA_UNSUPPORTED (a live page needs libcrypto, which is not
 * installed), NCA_LIMIT (the system provides no thread or socket), NCA_OUT_OF_MEMORY.
 *
 * Resources per connection are limited: a request has at most 8 kB and 10 seconds; at most 256
 * connections are open (fewer if the process may open few files), and the oldest is closed for a
 * new one unless it is a live page; a frame from a page has at most 1 kB. Input that is too long or
 * malformed is refused as soon as its header shows it. */
NCA_API nca_status nca_server_start(nca_server **out_server, const nca_server_options *options,
                                    nca_error *error);
/* The address for a browser; owned by the server. */
NCA_API const char *nca_server_address(const nca_server *server);
/* Closes all connections and ends the thread; accepts NULL. */
NCA_API void nca_server_stop(nca_server *server);

/* ---- Live pages --------------------------------------------------------------------------------
 * Messages to a page belong to topics, numbers below NCA_SERVER_TOPICS that the caller chooses.
 * These functions copy their data and return immediately, however slow a page is. If a page cannot
 * keep up, it skips intermediate values of a latest message, and gets the entries of a log later,
 * several at once. A page that connects late gets all messages that are still current. */

/* Sets the latest message of a topic: JSON, or bytes in a format that the page knows. */
NCA_API void nca_server_show(nca_server *server, unsigned topic, const char *json);
NCA_API void nca_server_show_bytes(nca_server *server, unsigned topic, const void *bytes,
                                   size_t length);
/* Adds an entry to a log, JSON without a newline; the message is {"topic":N,"entries":[...]}. */
NCA_API void nca_server_append(nca_server *server, unsigned topic, const char *json);

/* A request from a page: {"token":...,"do":WHAT,"key":KEY,"value":VALUE}, with the token first. A
 * page that sends more than 128 messages at once or 32 per second is disconnected. */
typedef struct nca_knob {
    char what[32], key[32], value[96]; /* "" if the message did not contain it */
} nca_knob;
/* Takes the oldest request that has not been taken; false if there is none. */
NCA_API bool nca_server_next(nca_knob *out_knob, nca_server *server);
/* The number of connected viewers. */
NCA_API unsigned nca_server_watchers(nca_server *server);

#ifdef __cplusplus
}
#endif
#endif
