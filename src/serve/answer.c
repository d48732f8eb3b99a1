/* Responses to requests. */
#include "serve/answer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"

/* Headers of all responses: only for this page, and not to be cached. */
#define COMMON_HEADERS                                                                         \
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"                           \
    "X-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n"                                \
    "Cross-Origin-Resource-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\n" \
    "Connection: close\r\n"

/* Whether the Host header names this server. Otherwise pages of other sites could reach it (DNS
 * rebinding). The port may be that of a tunnel, and browsers omit port 80. If bound to another
 * address, the server has names that it does not know; then the key protects it. */
static bool names_us(const char *key, const char *host)
{
    if (key != NULL) {
        return host != NULL;
    }
    static const char *const names[] = {"127.0.0.1", "localhost"};
    for (size_t i = 0; host != NULL && i < sizeof names / sizeof names[0]; i++) {
        const size_t length = strlen(names[i]);
        const char *port = host + length;
        if (strncasecmp(host, names[i], length) == 0 &&
            (port[0] == 0 ||
             (port[0] == ':' && strspn(port + 1, "0123456789") == strlen(port + 1)))) {
            return true;
        }
    }
    return false;
}

/* Whether the given key is right. Takes constant time. */
static bool has_key(const char *key, const char *given)
{
    const size_t length = strlen(key);
    return strlen(given) == length && nca__is_secret(given, key, length);
}

/* The key in a query; NULL if there is none. */
static const char *given_key(const char *query)
{
    static const char name[] = "key=";
    const size_t length = sizeof name - 1;
    return query != NULL && strncmp(query, name, length) == 0 && query[length] != 0 ? query + length
                                                                                    : NULL;
}

/* A live page connects to the server that it was loaded from, and the browser sends its origin. */
static bool is_from_our_page(const nca__request *request)
{
    static const char scheme[] = "http://";
    const char *origin = request->origin;
    return origin != NULL && strncmp(origin, scheme, sizeof scheme - 1) == 0 &&
           strcasecmp(origin + sizeof scheme - 1, request->host) == 0;
}

/* Whether a comma-separated list contains this word. */
static bool lists(const char *list, const char *word)
{
    const size_t length = strlen(word);
    while (list != NULL && *list != 0) {
        list += strspn(list, ", \t");
        const size_t next = strcspn(list, ", \t");
        if (next == length && strncasecmp(list, word, length) == 0) {
            return true;
        }
        list += next;
    }
    return false;
}

static nca__answer refusal(int code, const char *text)
{
    return (nca__answer){.code = code, .text = text};
}

static nca__answer answer_live(const nca__request *request)
{
    if (!lists(request->upgrade, "websocket") || !lists(request->connection, "upgrade") ||
        request->websocket_version == NULL || strcmp(request->websocket_version, "13") != 0 ||
        request->websocket_key == NULL || strlen(request->websocket_key) != 24) {
        return refusal(426, "Only WebSocket version 13 is supported.\n");
    }
    if (!is_from_our_page(request)) {
        return refusal(403, "Only the page of this server may connect.\n");
    }
    return (nca__answer){.code = 101, .live = true, .text = ""};
}

nca__answer nca__answer_to(const nca__request *request, const char *key, bool live)
{
    if (!names_us(key, request->host)) {
        return refusal(403, key == NULL
                                ? "This server can only be reached as 127.0.0.1 or localhost.\n"
                                : "The request must have a Host header.\n");
    }
    const char *given = given_key(request->query);
    if (key != NULL && given == NULL) {
        return refusal(403, "A key is missing in this address; it must end with /?key=KEY.\n");
    }
    if (key != NULL && !has_key(key, given)) {
        return refusal(403, "The key in this address is wrong.\n");
    }
    const bool head = strcmp(request->method, "HEAD") == 0;
    if (!head && strcmp(request->method, "GET") != 0) {
        return refusal(405, "Only GET is supported.\n");
    }
    if (strcmp(request->path, "/") == 0) {
        return (nca__answer){.code = 200, .page = !head, .text = ""};
    }
    if (live && !head && strcmp(request->path, "/live") == 0) {
        return answer_live(request);
    }
    return refusal(404, "Not found; the page is at /.\n");
}

nca__answer nca__answer_refusing(int code)
{
    return refusal(code, code == 414   ? "The path is too long.\n"
                         : code == 431 ? "The headers are too long or too many.\n"
                         : code == 503 ? "Too many pages are connected.\n"
                         : code == 505 ? "Only HTTP/1.1 is supported.\n"
                                       : "This is not an HTTP request.\n");
}

typedef struct status_line {
    int code;
    const char *reason, *header; /* an additional header, or "" */
} status_line;

static const status_line *find_line(int code)
{
    static const status_line lines[] = {
        {200, "OK", ""},
        {403, "Forbidden", ""},
        {404, "Not Found", ""},
        {405, "Method Not Allowed", "Allow: GET, HEAD\r\n"},
        {414, "URI Too Long", ""},
        {426, "Upgrade Required", "Upgrade: websocket\r\n"},
        {431, "Request Header Fields Too Large", ""},
        {503, "Service Unavailable", ""},
        {505, "HTTP Version Not Supported", ""},
        {400, "Bad Request", ""},
    };
    size_t i = 0;
    while (i + 1 < sizeof lines / sizeof lines[0] && lines[i].code != code) {
        i++;
    }
    return &lines[i];
}

size_t nca__answer_write(char out[NCA__ANSWER_MOST], const nca__answer *answer, size_t page_length)
{
    const status_line *line = find_line(answer->code);
    const bool page = answer->code == 200;
    return (size_t)snprintf(out, NCA__ANSWER_MOST,
                            "HTTP/1.1 %d %s\r\n%sContent-Type: text/%s; charset=utf-8\r\n"
                            "Content-Length: %zu\r\n" COMMON_HEADERS "\r\n%s",
                            line->code, line->reason, line->header, page ? "html" : "plain",
                            page ? page_length : strlen(answer->text), answer->text);
}
