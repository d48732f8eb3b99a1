/* Files: opened without the risk of blocking, and written whole or not at all. The library uses
 * these functions for all files; programs may use them too.
 *
 * A writer collects the data in a temporary file in the destination's folder, PATH.<16 hexadecimal
 * digits>.tmp. The commit flushes it to the disk (fsync), renames it to the destination and flushes
 * the folder. After a crash at any moment, the path holds either the complete old file or the
 * complete new one. An existing file keeps its permissions. If the destination is a symbolic link,
 * the link stays and the file it points to is replaced. The temporary name cannot be predicted, and
 * an existing file of that name is never opened or followed. */
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

/* Opens a regular file for reading; close it with fclose(). Folders, pipes, sockets and devices are
 * refused immediately (NCA_IO). NCA_NOT_FOUND if the file does not exist.
 * Other errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_file_open(FILE **out_stream, const char *path, nca_error *error);

/* Opens a regular file for appending, creating it if it does not exist; close it with fclose().
 * Other kinds of files and symbolic links are refused, because appended bytes cannot be undone.
 * Errors: NCA_IO, NCA_NOT_FOUND (its folder does not exist), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_file_append(FILE **out_stream, const char *path, nca_error *error);

/* Writes a whole file in one call. Errors: NCA_NOT_FOUND (its folder does not exist), NCA_IO,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_file_write(const char *path, const void *bytes, size_t size,
                                  nca_error *error);
/* The same without waiting for the disk. This is for writing many files, after which the caller
 * syncs the file system once (syncfs). A program that is killed still leaves a whole file or none.
 * Errors as above. */
NCA_API nca_status nca_file_write_unsynced(const char *path, const void *bytes, size_t size,
                                           nca_error *error);

/* Fills the error with "PATH: cannot be written: REASON; WHAT TO DO" for an errno; returns
 * NCA_NOT_FOUND or NCA_IO. */
NCA_API nca_status nca_file_fail_write(nca_error *error, const char *path, int code);

/* A file that is written piece by piece through a stream. */
/* Used by one thread at a time; different objects are independent of each other. */
typedef struct nca_file_writer nca_file_writer;
/* Begins a file; the destination does not change before the commit. Errors as for
 * nca_file_write. */
NCA_API nca_status nca_file_create(nca_file_writer **out_writer, const char *path,
                                   nca_error *error);
/* The stream to write to; the writer closes it. */
NCA_API FILE *nca_file_stream(nca_file_writer *writer);
/* Moves the file to its destination. If that fails, or if an earlier write to the stream failed, it
 * removes the temporary file and returns the reason. Releases the writer in both cases.
 * Errors: NCA_NOT_FOUND, NCA_IO. */
NCA_API nca_status nca_file_commit(nca_file_writer *writer, nca_error *error);
/* Removes the temporary file and releases the writer; NULL is allowed. */
NCA_API void nca_file_abandon(nca_file_writer *writer);

/* Removes the temporary files of programs that were killed while they wrote to this folder.
 * `is_ours` is called with the name of each destination. The files of running writers are left
 * alone. */
NCA_API void nca_file_remove_leftovers(const char *folder,
                                       bool (*is_ours)(const char *name, void *user), void *user);

/* Writes a string to a stream as a JSON string, including the quotes. Bytes that are not UTF-8 (a
 * path may contain any) become U+FFFD; characters that nca_clean_text would replace are escaped. */
NCA_API void nca_file_write_json_text(FILE *to, const char *text);
/* Writes a string to a stream as a field of a CSV table (RFC 4180): in quotes if it contains a
 * comma, a quote or a line end. */
NCA_API void nca_file_write_csv_text(FILE *to, const char *text);

/* ---- Folders ---------------------------------------------------------------------------------*/

/* Whether the path is a folder, or a symbolic link to one. */
NCA_API bool nca_folder_exists(const char *path);
/* Creates a folder and its parents; an existing folder is no error. NCA_IO also if files cannot be
 * created in it. */
NCA_API nca_status nca_folder_create(const char *folder, nca_error *error);
/* Whether a file at `path` could be created once `folder` exists: its folder exists or is
 * `folder`. */
NCA_API bool nca_folder_has_place(const char *path, const char *folder);

#ifdef __cplusplus
}
#endif
#endif
