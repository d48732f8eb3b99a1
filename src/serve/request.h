/* Internal: the header of an HTTP request. Reads the fields that this server needs and refuses
 * invalid requests. */
#ifndef NCA_SERVE_REQUEST_H
#define NCA_SERVE_REQUEST_H

#include <stddef.h>

enum {
    NCA__HEAD_MOST = 8192,   /* bytes of a header */
    NCA__TARGET_MOST = 1024, /* bytes of a path with its query */
    NCA__HEADERS_MOST = 64   /* number of header fields */
};

/* Strings inside the header; NULL: missing. */
typedef struct nca__request {
    const char *method, *path, *query;
    const char *host, *origin;
    const char *upgrade, *connection, *websocket_version, *websocket_key;
} nca__request;

/* The length of a complete header in these bytes, including its empty line, or 0. The first `seen`
 * bytes have been examined before. */
size_t nca__head_length(const char *bytes, size_t length, size_t seen);

/* Parses a complete header and modifies it: strings are terminated in place. Returns 0, or the
 * HTTP status to refuse it with: 400 malformed, 414 path too long, 431 too many fields, 505 not
 * HTTP/1. */
int nca__request_read(nca__request *out, char *head, size_t length);

#endif
