/* Fuzzing the messages of a live page, on a thread with the stack size of the server's: only
 * messages that begin with the token are accepted, and the strings of a knob are terminated. */
#include <pthread.h>
#include <stdlib.h>

#include "fuzz/harness.h"
#include "serve/knob.h"
#include "serve/loop.h"

static const char token[] = "0123456789abcdef";
static const char begin[] = "{\"token\":\"0123456789abcdef\"";

typedef struct message {
    const char *text;
    size_t length;
} message;

static void check_end(const char *text, size_t size)
{
    FUZZ_CHECK(memchr(text, 0, size) != NULL);
}

static void *read_message(void *argument)
{
    const message *given = argument;
    nca_knob knob;
    memset(&knob, 'x', sizeof knob);
    fuzz_accepted = nca__knob_read(&knob, token, given->text, given->length);
    if (fuzz_accepted) {
        FUZZ_CHECK(given->length > sizeof begin - 1 &&
                   memcmp(given->text, begin, sizeof begin - 1) == 0);
        check_end(knob.what, sizeof knob.what);
        check_end(knob.key, sizeof knob.key);
        check_end(knob.value, sizeof knob.value);
        nca_knob other;
        FUZZ_CHECK(!nca__knob_read(&other, "0123456789abcdeX", given->text, given->length));
    }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    message given = {(const char *)bytes, size};
    pthread_attr_t attributes;
    pthread_t thread;
    FUZZ_CHECK(pthread_attr_init(&attributes) == 0);
    FUZZ_CHECK(pthread_attr_setstacksize(&attributes, NCA__LOOP_STACK) == 0);
    FUZZ_CHECK(pthread_create(&thread, &attributes, read_message, &given) == 0);
    FUZZ_CHECK(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
    return 0;
}
