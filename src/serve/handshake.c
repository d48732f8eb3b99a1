/* The handshake of a WebSocket. SHA-1 is from OpenSSL. */
#include "serve/handshake.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/library.h"

#define CRYPTO_FUNCTIONS(F) \
    F(EVP_, Digest)         \
    F(EVP_, sha1)

static struct {
    CRYPTO_FUNCTIONS(NCA__LIBRARY_POINTER)
} crypto;

static nca__library library = {
    .file = NCA_FILE_CRYPTO,
    .package = "libssl3",
    .purpose = "live pages",
    .names = (const char *const[]){CRYPTO_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &crypto,
};

bool nca__handshake_accept(char out[NCA__HANDSHAKE_ACCEPT], const char *key)
{
    char text[64];
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const int written =
        snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    if (crypto.Digest(text, (size_t)written, sum, &length, crypto.sha1(), NULL) != 1 ||
        nca__base64_length(length) != NCA__HANDSHAKE_ACCEPT - 1) {
        return false;
    }
    nca__base64(out, sum, length);
    return true;
}

nca_status nca__handshake_open(nca_error *error)
{
    char out[NCA__HANDSHAKE_ACCEPT];
    const nca_status status = nca__library_open(&library, error);
    if (status == NCA_OK && !nca__handshake_accept(out, "dGhlIHNhbXBsZSBub25jZQ==")) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "OpenSSL on this machine does not compute SHA-1, which a live page needs "
                         "(its configuration may forbid it); allow SHA-1");
    }
    return status;
}
