/* Downloads over HTTP and HTTPS: resumed after an interruption, checked, and moved to their path
 * when complete. */
#ifndef NCA_DOWNLOAD_H
#define NCA_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called several times a second with the number of bytes received; `total` is 0 if it is unknown.
 * Returning false stops the download (NCA_INTERRUPTED). */
typedef bool nca_download_progress(uint64_t done, uint64_t total, void *user);

typedef struct nca_download {
    const char *url;   /* http or https */
    const char *path;  /* destination; its folder must exist */
    const char *md5;   /* expected MD5 checksum, 32 hexadecimal digits; or NULL: not checked, and
                          never resumed, because nothing could tell whether the parts fit */
    unsigned patience; /* give up after this many seconds without a byte; 0: 60 */
    nca_download_progress *progress; /* may be NULL. While the sum is checked, done == total */
    void *user;
} nca_download;

/* Collects the file in "PATH.part", and renames it to `path`, which it may replace, when all of it
 * is there, on the disk, and has the right sum. Nothing that is incomplete or wrong ever has the
 * name `path`. Redirections are followed, from https to https only. Proxies come from the
 * environment variables that libcurl uses.
 *
 * After an interruption, the received part stays in PATH.part and the next call continues from
 * there; a server that cannot send part of a file sends all of it again. A part with the wrong
 * checksum is removed. While one process downloads a file, other processes that download the same
 * file get NCA_IO.
 *
 *   NCA_NOT_FOUND         the server has no such file (404, 410), or the folder does not exist
 *   NCA_IO                no network, the connection broke, the server failed, the disk is full
 *   NCA_FORMAT            the file's checksum is not `md5`
 *   NCA_INVALID_ARGUMENT  not an address that this function can fetch from
 *   NCA_UNSUPPORTED       libcurl, which is loaded at the first call, is not installed
 *   NCA_INTERRUPTED       progress returned false
 *   NCA_OUT_OF_MEMORY     out of memory */
NCA_API nca_status nca_download_file(const nca_download *what, nca_error *error);

/* The MD5 checksum of a file, as 32 lower-case hexadecimal digits. `progress` may be NULL. MD5
 * detects accidental damage but not deliberate changes; it is the checksum that MedMNIST publishes.
 * Errors: NCA_NOT_FOUND, NCA_IO, NCA_UNSUPPORTED (libcrypto is not installed), NCA_INTERRUPTED
 * (progress returned false), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_file_md5(char out_hex[33], const char *path, nca_download_progress *progress,
                                void *user, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
