/* Internal: the head of an HTTP request. Reads what this server needs and refuses what it does
 * not understand; is independent of sockets or of what is served. */
#ifndef NCA_SERVE_REQUEST_H
#define NCA_SERVE_REQUEST_H

#include <stddef.h>

enum {
    NCA__HEAD_MOST = 8192,   /* bytes of a head */
    NCA__TARGET_MOST = 1024, /* bytes of a path with its query */
    NCA__HEADERS_MOST = 64   /* header lines */
};

/* Texts inside the head; NULL: not given. */
typedef struct nca__request {
    const char *method, *path, *query;
    const char *host, *origin;
    const char *upgrade, *connection, *websocket_version, *websocket_key;
} nca__request;

/* The length of a head that is complete in these bytes, its empty line included, or 0. The first
 * `seen` bytes have been looked at before. */
size_t nca__head_length(const char *bytes, size_t length, size_t seen);

/* Reads a complete head and changes it: texts get an end in place. Returns 0, or the code of HTTP
 * to refuse it with: 400 malformed, 414 path too long, 431 too many headers, 505 not HTTP/1. */
int nca__request_read(nca__request *out, char *head, size_t length);

#endif
