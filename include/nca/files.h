/* Files: opened so that nothing can hang, and written whole or not at all. What the library reads
 * and writes goes this way; a program may use it for files of its own.
 *
 * A writer collects a file under a temporary name in the destination's folder, PATH.<16 hexadecimal
 * digits>.tmp; the commit flushes it to the disk (fsync), renames it over the destination and
 * flushes the folder. A crash at any moment leaves the old file or the new one, whole. A file that
 * exists keeps its permissions; where the destination is a symbolic link, the link stays and the
 * file that it leads to is replaced. The temporary name cannot be predicted, and nothing that
 * stands under it is opened or followed. */
#ifndef NCA_FILES_H
#define NCA_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Opens a regular file for reading; fclose() it. A folder, a pipe, a socket and a device are
 * refused at once (NCA_IO); NCA_NOT_FOUND where there is nothing.
 * Other errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_file_open(FILE **out_stream, const char *path, nca_error *error);

/* Opens a file to append to, creating it where there is none; fclose() it. Anything but a regular
 * file is refused, and so is a symbolic link: bytes that are appended cannot be taken back.
 * Errors: NCA_IO, NCA_NOT_FOUND (its folder does not exist), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_file_append(FILE **out_stream, const char *path, nca_error *error);

/* Writes a whole file in one call. Errors: NCA_NOT_FOUND (its folder does not exist), NCA_IO,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_file_write(const char *path, const void *bytes, size_t size,
                                  nca_error *error);
/* Likewise without waiting for the disk: for many files, after the last of which the caller syncs
 * the file system (syncfs). A program that is killed still leaves a whole file or none.
 * Errors as above. */
NCA_API nca_status nca_file_write_unsynced(const char *path, const void *bytes, size_t size,
                                           nca_error *error);

/* "PATH: cannot be written: REASON; WHAT TO DO" for an errno; returns NCA_NOT_FOUND or NCA_IO. */
NCA_API nca_status nca_file_fail_write(nca_error *error, const char *path, int code);

/* A file that is written piece by piece through a stream. */
/* Used by one thread at a time; different objects are independent of each other. */
typedef struct nca_file_writer nca_file_writer;
/* Begins a file; nothing is at `path` before the commit. Errors as of nca_file_write. */
NCA_API nca_status nca_file_create(nca_file_writer **out_writer, const char *path,
                                   nca_error *error);
/* To write to; the writer closes it. */
NCA_API FILE *nca_file_stream(nca_file_writer *writer);
/* Makes the file appear, or removes every trace and says why not, also when a write to the stream
 * failed before. Releases the writer.
 * Errors: NCA_NOT_FOUND, NCA_IO. */
NCA_API nca_status nca_file_commit(nca_file_writer *writer, nca_error *error);
/* Removes the temporary file and releases the writer; NULL is allowed. */
NCA_API void nca_file_abandon(nca_file_writer *writer);

/* Removes from a folder the temporary files of programs that were killed while they wrote.
 * `is_ours` is asked for the name of each destination. Writers that live are left alone. */
NCA_API void nca_file_remove_leftovers(const char *folder,
                                       bool (*is_ours)(const char *name, void *user), void *user);

/* Writes a text to a stream as a JSON string, quotes and all. A byte that is not UTF-8 (a path may
 * hold any) becomes U+FFFD; what nca_clean_text would replace is escaped. */
NCA_API void nca_file_write_json_text(FILE *to, const char *text);

/* ---- Folders ---------------------------------------------------------------------------------*/

/* Whether a folder is there, or a symbolic link to one. */
NCA_API bool nca_folder_exists(const char *path);
/* Makes a folder and those above it; one that is there is fine. NCA_IO, also when files cannot be
 * made in it. */
NCA_API nca_status nca_folder_create(const char *folder, nca_error *error);
/* Whether a file at `path` could be made once `folder` is there: its own folder exists or is it. */
NCA_API bool nca_folder_has_place(const char *path, const char *folder);

#ifdef __cplusplus
}
#endif
#endif
