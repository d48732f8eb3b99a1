/* Downloads with libcurl: requests, responses and error messages. */
#include "nca/download.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "data/curl_library.h"
#include "data/file_md5.h"
#include "data/part_file.h"
#include "nca/version.h"

enum {
    CONNECT_SECONDS = 30,
    PATIENCE_SECONDS = 60, /* a server that reads from an archive may take long to respond */
    MOST_REDIRECTS = 10,
    MOST_WASTED = 1 << 20 /* maximum number of bytes read of an error page */
};

typedef struct transfer {
    const nca_download *what;
    CURL *handle;
    nca__part part;
    nca_error *error;
    nca_status status; /* error of a callback */
    char reason[CURL_ERROR_SIZE];

    uint64_t asked_from; /* the first byte requested */
    bool accepted;       /* the body of the response is the file's bytes from part.size on */
    bool other_range;    /* the server sent another range than requested */
    uint64_t wasted;
    uint64_t total; /* size of the whole file; 0: unknown */
    bool has_range; /* the last response contained a range: */
    uint64_t range_start, range_total;
} transfer;

/* ---- Callbacks -------------------------------------------------------------------------------*/

/* Parses "Content-Range: bytes 100-199/200", with "*" in place of "100-199" if the requested range
 * is outside the file. */
static void read_range(transfer *t, const char *value)
{
    uint64_t start = 0, end = 0, total = 0;
    if (sscanf(value, " bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &start, &end, &total) >= 2 ||
        sscanf(value, " bytes */%" SCNu64, &total) == 1) {
        t->has_range = true;
        t->range_start = start;
        t->range_total = total;
    }
}

static size_t on_header(char *line, size_t size, size_t count, void *user)
{
    static const char name[] = "Content-Range:";
    transfer *t = user;
    size_t length = size * count;
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        t->has_range = false; /* that was for a redirection */
    } else if (length >= sizeof name && strncasecmp(line, name, sizeof name - 1) == 0) {
        char value[128];
        snprintf(value, sizeof value, "%.*s", (int)(length - sizeof name + 1),
                 line + sizeof name - 1);
        read_range(t, value);
    }
    return length;
}

static long response_code(const transfer *t)
{
    long code = 0;
    nca__curl.easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/* Checks whether the body that begins is the requested one, and prepares the part for it. */
static bool accept_body(transfer *t)
{
    curl_off_t length = -1;
    nca__curl.easy_getinfo(t->handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (response_code(t) == 206) {
        t->other_range = !t->has_range || t->range_start != t->asked_from;
        t->total = t->range_total;
        t->accepted = !t->other_range;
    } else if (response_code(t) == 200) {
        if (t->part.size > 0) { /* the server ignores ranges */
            t->status = nca__part_restart(&t->part, t->error);
        }
        t->total = length > 0 ? (uint64_t)length : 0;
        t->accepted = t->status == NCA_OK;
    }
    return t->accepted;
}

/* Returns less than `size * count` to stop the transfer. */
static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
    transfer *t = user;
    size_t length = size * count;
    if (!t->accepted && !accept_body(t)) {
        t->wasted += length;
        bool stop = t->status != NCA_OK || t->other_range || t->wasted > MOST_WASTED;
        return stop ? 0 : length;
    }
    t->status = nca__part_append(&t->part, bytes, length, t->error);
    return t->status == NCA_OK ? length : 0;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    transfer *t = user;
    (void)total, (void)now, (void)up_total, (void)up_now; /* of this response, not of the file */
    bool go_on = t->what->progress == NULL ||
                 t->what->progress(t->part.size, t->accepted ? t->total : 0, t->what->user);
    return go_on ? 0 : 1;
}

/* ---- Messages --------------------------------------------------------------------------------*/

/* "; 1000 of 2000 bytes are kept in ..." or "". */
static void describe_kept(char *out, size_t size, const transfer *t)
{
    char of[32] = "";
    *out = 0;
    if (t->total > 0) {
        snprintf(of, sizeof of, " of %" PRIu64, t->total);
    }
    if (t->part.size > 0 && t->what->md5 != NULL) {
        snprintf(out, size,
                 "; %" PRIu64 "%s bytes are kept in %.400s, the next attempt continues from there",
                 t->part.size, of, t->part.name);
    }
}

static nca_status fail_answer(const transfer *t, long code)
{
    const char *url = t->what->url;
    if (code == 404 || code == 410) {
        return nca__fail(t->error, NCA_NOT_FOUND,
                         "%.300s: the server does not have this file (status %ld); check the "
                         "address, or download the file in another way and save it as %.300s",
                         url, code, t->what->path);
    }
    char kept[512];
    describe_kept(kept, sizeof kept, t);
    if (code == 401 || code == 403) {
        return nca__fail(
            t->error, NCA_IO,
            "%.300s: the server denies access to this file (status %ld); try another address%s",
            url, code, kept);
    }
    return nca__fail(
        t->error, NCA_IO,
        "%.300s: expected the file, the server answered with status %ld; try again later%s", url,
        code, kept);
}

static const struct {
    CURLcode code;
    nca_status status;
    const char *advice;
} failures[] = {
    {CURLE_URL_MALFORMAT, NCA_INVALID_ARGUMENT, "check the address"},
    {CURLE_UNSUPPORTED_PROTOCOL, NCA_INVALID_ARGUMENT,
     "a redirect may only lead to http or https, and never from https to http"},
    {CURLE_COULDNT_RESOLVE_HOST, NCA_IO, "check the network connection, then try again"},
    {CURLE_COULDNT_RESOLVE_PROXY, NCA_IO, "check the variables http_proxy and https_proxy"},
    {CURLE_COULDNT_CONNECT, NCA_IO,
     "check the network connection; if it works, the server is down: try again later"},
    {CURLE_TOO_MANY_REDIRECTS, NCA_IO, "too many redirects: try another address"},
    {CURLE_OPERATION_TIMEDOUT, NCA_IO, "the server stopped sending data: try again later"},
    {CURLE_PARTIAL_FILE, NCA_IO, "the connection was lost: try again"},
    {CURLE_RECV_ERROR, NCA_IO, "the connection was lost: try again"},
    {CURLE_GOT_NOTHING, NCA_IO, "the connection was lost: try again"},
    {CURLE_PEER_FAILED_VERIFICATION, NCA_IO,
     "check that the clock is right and the package ca-certificates is installed"},
    {CURLE_SSL_CACERT_BADFILE, NCA_IO, "install the package ca-certificates"},
};

static nca_status fail_transfer(const transfer *t, CURLcode code)
{
    const char *advice = "try again";
    nca_status status = NCA_IO;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        if (failures[i].code == code) {
            status = failures[i].status;
            advice = failures[i].advice;
        }
    }
    char kept[512];
    describe_kept(kept, sizeof kept, t);
    return nca__fail(t->error, status, "%.300s: %s; %s%s", t->what->url,
                     t->reason[0] != 0 ? t->reason : nca__curl.easy_strerror(code), advice, kept);
}

static nca_status fail_interrupted(const transfer *t)
{
    char kept[512];
    describe_kept(kept, sizeof kept, t);
    return nca__fail(t->error, NCA_INTERRUPTED, "%.300s: stopped%s", t->what->url, kept);
}

/* ---- One request -----------------------------------------------------------------------------*/

/* Returns false if libcurl is too old for restricting the protocols. */
static bool describe_request(transfer *t, char *range, size_t size)
{
    CURL *handle = t->handle;
    const char *url = t->what->url;
    bool secure = strncasecmp(url, "https:", 6) == 0;
    long patience = t->what->patience > 0 ? (long)t->what->patience : PATIENCE_SECONDS;
    nca__curl.easy_setopt(handle, CURLOPT_URL, url);
    if (nca__curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
        nca__curl.easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR,
                              secure ? "https" : "http,https") != CURLE_OK) {
        return false;
    }
    nca__curl.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    nca__curl.easy_setopt(handle, CURLOPT_MAXREDIRS, (long)MOST_REDIRECTS);
    nca__curl.easy_setopt(handle, CURLOPT_USERAGENT, "nca/" NCA_VERSION_STRING);
    nca__curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    nca__curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    nca__curl.easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    nca__curl.easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, patience);
    nca__curl.easy_setopt(handle, CURLOPT_ERRORBUFFER, t->reason);
    nca__curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
    nca__curl.easy_setopt(handle, CURLOPT_HEADERDATA, t);
    nca__curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
    nca__curl.easy_setopt(handle, CURLOPT_WRITEDATA, t);
    nca__curl.easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    nca__curl.easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    nca__curl.easy_setopt(handle, CURLOPT_XFERINFODATA, t);
    if (t->asked_from > 0) {
        /* CURLOPT_RESUME_FROM is not used because it fails if the server sends the whole file. */
        snprintf(range, size, "%" PRIu64 "-", t->asked_from);
        nca__curl.easy_setopt(handle, CURLOPT_RANGE, range);
    }
    return true;
}

/* Evaluates a finished request. `*out_again`: the part was not the beginning of this file and has
 * been emptied; request the whole file. */
static nca_status judge(transfer *t, CURLcode code, bool *out_again)
{
    long answer = response_code(t);
    if (t->status != NCA_OK) {
        return t->status;
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) {
        return fail_interrupted(t);
    }
    if (answer == 416 && t->has_range && t->range_total == t->part.size) {
        t->total = t->part.size; /* the part was already complete */
        return NCA_OK;
    }
    if ((answer == 416 || t->other_range) && t->part.size > 0) {
        *out_again = true;
        return nca__part_restart(&t->part, t->error);
    }
    if (answer >= 400) {
        return fail_answer(t, answer);
    }
    if (t->other_range) {
        return nca__fail(t->error, NCA_IO,
                         "%.300s: expected the whole file, the server sent only a part of it; try "
                         "another address",
                         t->what->url);
    }
    if (code == CURLE_OK && !t->accepted && !accept_body(t)) { /* an empty body */
        return t->status != NCA_OK ? t->status : fail_answer(t, answer);
    }
    if (code == CURLE_OK && t->total > 0 && t->part.size != t->total) {
        code = CURLE_PARTIAL_FILE;
    }
    return code == CURLE_OK ? NCA_OK : fail_transfer(t, code);
}

static nca_status request(transfer *t, bool *out_again)
{
    char range[32];
    t->asked_from = t->part.size;
    t->accepted = t->other_range = t->has_range = false;
    t->wasted = t->total = 0;
    t->reason[0] = 0;
    t->handle = nca__curl.easy_init();
    if (t->handle == NULL) {
        return nca__fail_memory(t->error, t->what->url, sizeof *t);
    }
    nca_status status =
        describe_request(t, range, sizeof range)
            ? judge(t, nca__curl.easy_perform(t->handle), out_again)
            : nca__fail(t->error, NCA_UNSUPPORTED,
                        "downloads need libcurl 7.85 or later; install a newer package libcurl4");
    nca__curl.easy_cleanup(t->handle);
    t->handle = NULL;
    return status;
}

/* ---- The download ----------------------------------------------------------------------------*/

static bool still_checking(uint64_t done, uint64_t total, void *user)
{
    const transfer *t = user;
    (void)done;
    return t->what->progress == NULL || t->what->progress(total, total, t->what->user);
}

static nca_status check_sum(transfer *t)
{
    char found[33];
    nca__part *part = &t->part;
    nca_status status =
        nca__descriptor_md5(found, part->descriptor, part->name, still_checking, t, t->error);
    if (status != NCA_OK || strcasecmp(found, t->what->md5) == 0) {
        return status;
    }
    uint64_t size = part->size;
    nca__part_remove(part);
    return nca__fail(t->error, NCA_FORMAT,
                     "%.300s: the file is complete (%" PRIu64
                     " bytes), but its MD5 checksum is %s, expected %s; it is damaged or a "
                     "different file, and was removed; try again or use another address",
                     t->what->url, size, found, t->what->md5);
}

static nca_status fetch(transfer *t)
{
    nca_status status = NCA_OK;
    if (t->part.size > 0 && t->what->md5 == NULL) {
        status = nca__part_restart(&t->part, t->error);
    }
    bool again = status == NCA_OK;
    for (unsigned attempt = 0; again && attempt < 2; attempt++) {
        again = false;
        status = request(t, &again);
    }
    if (status == NCA_OK && t->what->md5 != NULL) {
        status = check_sum(t);
    }
    return status == NCA_OK ? nca__part_commit(&t->part, t->error) : status;
}

nca_status nca_download_file(const nca_download *what, nca_error *error)
{
    assert(what != NULL && what->url != NULL && what->path != NULL);
    if (strncasecmp(what->url, "http://", 7) != 0 && strncasecmp(what->url, "https://", 8) != 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "\"%.300s\": expected an address that begins with https:// or http://",
                         what->url);
    }
    transfer t = {.what = what, .error = error};
    nca_status status = nca__curl_open(error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca__part_open(&t.part, what->path, error);
    if (status != NCA_OK) {
        return status;
    }
    status = fetch(&t);
    nca__part_close(&t.part);
    return status;
}
