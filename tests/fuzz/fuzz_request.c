/* Fuzzing the header of an HTTP request and the response: the same header is found as a whole and
 * in pieces, and the page is sent only to clients that name this server and know its key. */
#include <stdlib.h>
#include <strings.h>

#include "fuzz/harness.h"
#include "serve/answer.h"

static const char key[] = "0123456789abcdef";

/* The end of the header, found byte by byte. */
static void check_pieces(const char *bytes, size_t size, size_t head)
{
    size_t found = 0;
    for (size_t length = 1; length <= size && found == 0; length++) {
        found = nca__head_length(bytes, length, length - 1);
        FUZZ_CHECK(found == 0 || found == length);
    }
    FUZZ_CHECK(found == head);
}

static void check_text(const char *text, const char *head, size_t length)
{
    FUZZ_CHECK(text == NULL || (text >= head && text + strlen(text) < head + length));
    for (; text != NULL && *text != 0; text++) {
        FUZZ_CHECK((unsigned char)*text >= ' ' || *text == '\t');
    }
}

static void check_answer(const nca__request *request, const char *with_key)
{
    char out[NCA__ANSWER_MOST];
    const nca__answer answer = nca__answer_to(request, with_key, true);
    const size_t length = nca__answer_write(out, &answer, 5);
    FUZZ_CHECK(length < sizeof out && strlen(out) == length);
    if (answer.code == 200 || answer.code == 101) {
        const char *host = request->host;
        FUZZ_CHECK(host != NULL);
        FUZZ_CHECK(with_key != NULL || strncasecmp(host, "127.0.0.1", 9) == 0 ||
                   strncasecmp(host, "localhost", 9) == 0);
        FUZZ_CHECK(with_key == NULL || (request->query != NULL && strlen(request->query) == 20 &&
                                        strcmp(request->query + 4, with_key) == 0));
        FUZZ_CHECK(answer.live == (answer.code == 101));
        FUZZ_CHECK(strcmp(request->path, answer.live ? "/live" : "/") == 0);
        FUZZ_CHECK(!answer.live || (strncmp(request->origin, "http://", 7) == 0 &&
                                    strlen(request->websocket_key) == 24));
        FUZZ_CHECK(!answer.page || strcmp(request->method, "GET") == 0);
        fuzz_accepted = true;
    } else {
        FUZZ_CHECK(answer.code >= 400 && !answer.page && !answer.live && answer.text[0] != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const size_t head = nca__head_length((const char *)bytes, size, 0);
    fuzz_accepted = false;
    check_pieces((const char *)bytes, size, head);
    if (head == 0) {
        return 0;
    }
    char *text = malloc(head); /* exactly this size */
    FUZZ_CHECK(text != NULL);
    memcpy(text, bytes, head);
    nca__request request;
    const int code = nca__request_read(&request, text, head);
    FUZZ_CHECK(code == 0 || code == 400 || code == 414 || code == 431 || code == 505);
    if (code == 0) {
        const char *const texts[] = {
            request.method,       request.path,    request.query,      request.host,
            request.origin,       request.upgrade, request.connection, request.websocket_version,
            request.websocket_key};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            check_text(texts[i], text, head);
        }
        FUZZ_CHECK(request.method[0] != 0 && request.path[0] == '/');
        check_answer(&request, NULL);
        check_answer(&request, key);
    }
    free(text);
    return 0;
}
