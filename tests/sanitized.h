/* SANITIZED is defined if this program runs under a sanitizer, which needs more memory and starts
 * threads in its own way. */
#ifndef NCA_TESTS_SANITIZED_H
#define NCA_TESTS_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

#endif
