/* Checks of messages: tests check names, values and key words, not sentences. */
#ifndef NCA_TESTS_SAYS_H
#define NCA_TESTS_SAYS_H

#include <stdbool.h>
#include <string.h>

/* Whether the message matches the pattern, in which each * matches any text. */
static inline bool says(const char *message, const char *pattern)
{
    for (;;) {
        const char *star = strchr(pattern, '*');
        if (star == NULL) {
            return strcmp(message, pattern) == 0;
        }
        if (strncmp(message, pattern, (size_t)(star - pattern)) != 0) {
            return false;
        }
        message += star - pattern;
        pattern = star + 1;
        const char *next = strchr(pattern, '*');
        if (next == NULL) { /* the text after the last star ends the message */
            const size_t length = strlen(message), rest = strlen(pattern);
            return length >= rest && strcmp(message + length - rest, pattern) == 0;
        }
        const size_t part = (size_t)(next - pattern);
        while (strncmp(message, pattern, part) != 0) {
            if (*message++ == 0) {
                return false;
            }
        }
    }
}

#define assert_says(message, pattern)                                    \
    do {                                                                 \
        if (!says(message, pattern)) {                                   \
            fail_msg("found \"%s\", expected \"%s\"", message, pattern); \
        }                                                                \
    } while (0)

#endif
