/* Reading the header of a request (RFC 9112). It is strict: lines end with CR LF, a header field is
 * on one line, and fields that matter for access control may occur only once. Bodies are never
 * read. */
#include "serve/request.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char end[] = "\r\n\r\n";

size_t nca__head_length(const char *bytes, size_t length, size_t seen)
{
    const size_t overlap = sizeof end - 2; /* possible bytes of the end in the examined part */
    const size_t from = seen > overlap ? seen - overlap : 0;
    const char *found = memmem(bytes + from, length - from, end, sizeof end - 1);
    return found != NULL ? (size_t)(found - bytes) + sizeof end - 1 : 0;
}

/* Terminates the line that begins at *at, advances *at to the next line, and returns the line; NULL
 * if it contains an invalid character. */
static char *take_line(char **at)
{
    char *line = *at;
    char *last = strstr(line, "\r\n");
    if (last == NULL) {
        return NULL;
    }
    *last = 0;
    *at = last + 2;
    for (const char *c = line; *c != 0; c++) {
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 127) {
            return NULL;
        }
    }
    return line;
}

/* Whether a text is a token: a method or a field name. */
static bool is_token(const char *text, size_t length)
{
    static const char allowed[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return length > 0 && strspn(text, allowed) == length;
}

static int read_first_line(nca__request *out, char *line)
{
    char *target = strchr(line, ' ');
    char *version = target != NULL ? strchr(target + 1, ' ') : NULL;
    if (version == NULL) {
        return 400;
    }
    *target++ = 0;
    *version++ = 0;
    if (!is_token(line, strlen(line)) || target[0] != '/') {
        return 400;
    }
    for (const char *c = target; *c != 0; c++) {
        if (*c < '!' || *c > '~') {
            return 400;
        }
    }
    if (strlen(target) > NCA__TARGET_MOST) {
        return 414;
    }
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0) {
        return strncmp(version, "HTTP/", 5) == 0 && strlen(version) == 8 ? 505 : 400;
    }
    char *query = strchr(target, '?');
    if (query != NULL) {
        *query++ = 0;
    }
    out->method = line;
    out->path = target;
    out->query = query;
    return 0;
}

static bool read_header(nca__request *out, char *line)
{
    const struct {
        const char *name;
        const char **value;
    } known[] = {
        {"Host", &out->host},
        {"Origin", &out->origin},
        {"Upgrade", &out->upgrade},
        {"Connection", &out->connection},
        {"Sec-WebSocket-Version", &out->websocket_version},
        {"Sec-WebSocket-Key", &out->websocket_key},
    };
    const size_t name = strcspn(line, ":");
    if (line[name] == 0 || !is_token(line, name)) {
        return false;
    }
    line[name] = 0;
    char *value = line + name + 1;
    value += strspn(value, " \t");
    size_t length = strlen(value);
    while (length > 0 && strchr(" \t", value[length - 1]) != NULL) {
        value[--length] = 0;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcasecmp(line, known[i].name) == 0) {
            if (*known[i].value != NULL) {
                return false;
            }
            *known[i].value = value;
        }
    }
    return true;
}

int nca__request_read(nca__request *out, char *head, size_t length)
{
    memset(out, 0, sizeof *out);
    if (length < sizeof end - 1 || memchr(head, 0, length) != NULL) {
        return 400;
    }
    head[length - 1] = 0; /* the last line is empty: its CR remains, its LF is not needed */
    char *at = head, *last = head + length - 2;
    char *line = take_line(&at);
    int code = line != NULL ? read_first_line(out, line) : 400;
    for (int i = 0; code == 0 && at < last; i++) {
        line = take_line(&at);
        code = line == NULL || !read_header(out, line) ? 400 : i >= NCA__HEADERS_MOST ? 431 : 0;
    }
    return code;
}
