/* The MD5 checksum of a file, computed by libcrypto. */
#include "data/file_md5.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/library.h"

#define CRYPTO_FUNCTIONS(F) \
    F(EVP_, DigestFinal_ex) \
    F(EVP_, DigestInit_ex)  \
    F(EVP_, DigestUpdate)   \
    F(EVP_, MD_CTX_free)    \
    F(EVP_, MD_CTX_new)     \
    F(EVP_, md5)

static struct {
    CRYPTO_FUNCTIONS(NCA__LIBRARY_POINTER)
} crypto;

static nca__library library = {
    .file = NCA_FILE_CRYPTO,
    .package = "libssl3",
    .purpose = "MD5 checksums",
    .names = (const char *const[]){CRYPTO_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &crypto,
};

enum {
    CHUNK = 1 << 18
};

/* Adds the file's bytes to the digest. */
static nca_status digest_file(EVP_MD_CTX *digest, uint8_t *chunk, int descriptor, const char *path,
                              nca_download_progress *progress, void *user, nca_error *error)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0 || lseek(descriptor, 0, SEEK_SET) != 0) {
        return nca__fail(error, NCA_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    uint64_t done = 0, total = (uint64_t)about.st_size;
    for (;;) {
        ssize_t got = read(descriptor, chunk, CHUNK);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return nca__fail(error, NCA_IO, "%s: cannot be read: %s", path, strerror(errno));
        }
        if (got == 0) {
            return NCA_OK;
        }
        crypto.DigestUpdate(digest, chunk, (size_t)got);
        done += (uint64_t)got;
        if (progress != NULL && !progress(done, total, user)) {
            return nca__fail(error, NCA_INTERRUPTED, "%s: stopped while its checksum was computed",
                             path);
        }
    }
}

nca_status nca__descriptor_md5(char out_hex[33], int descriptor, const char *path,
                               nca_download_progress *progress, void *user, nca_error *error)
{
    nca_status status = nca__library_open(&library, error);
    if (status != NCA_OK) {
        return status;
    }
    uint8_t *chunk = malloc(CHUNK);
    EVP_MD_CTX *digest = crypto.MD_CTX_new();
    if (chunk == NULL || digest == NULL) {
        status = nca__fail_memory(error, path, CHUNK);
    } else if (crypto.DigestInit_ex(digest, crypto.md5(), NULL) != 1) {
        status = nca__fail(error, NCA_UNSUPPORTED,
                           "%s: OpenSSL on this machine does not compute MD5 checksums (its "
                           "configuration forbids it)",
                           path);
    } else {
        status = digest_file(digest, chunk, descriptor, path, progress, user, error);
    }
    if (status == NCA_OK) {
        unsigned char sum[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        crypto.DigestFinal_ex(digest, sum, &length);
        for (unsigned i = 0; i < 16; i++) {
            snprintf(out_hex + 2 * i, 3, "%02x", sum[i]);
        }
    }
    crypto.MD_CTX_free(digest);
    free(chunk);
    return status;
}

nca_status nca_file_md5(char out_hex[33], const char *path, nca_download_progress *progress,
                        void *user, nca_error *error)
{
    int descriptor;
    uint64_t size;
    nca_status status = nca__file_open(&descriptor, &size, path, error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca__descriptor_md5(out_hex, descriptor, path, progress, user, error);
    close(descriptor);
    return status;
}
