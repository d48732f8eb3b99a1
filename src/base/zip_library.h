/* Internal to zip archives: libzip, loaded when it is first needed. zip_close(a) is called as
 * nca__libzip.close(a). */
#ifndef NCA_BASE_ZIP_LIBRARY_H
#define NCA_BASE_ZIP_LIBRARY_H

#include <zip.h>

#include "base/library.h"

#define NCA__LIBZIP_FUNCTIONS(F)        \
    F(zip_, close)                      \
    F(zip_, discard)                    \
    F(zip_, error_code_system)          \
    F(zip_, error_code_zip)             \
    F(zip_, error_fini)                 \
    F(zip_, error_init)                 \
    F(zip_, error_init_with_code)       \
    F(zip_, error_set)                  \
    F(zip_, error_strerror)             \
    F(zip_, error_to_data)              \
    F(zip_, fclose)                     \
    F(zip_, file_add)                   \
    F(zip_, file_error_clear)           \
    F(zip_, file_get_error)             \
    F(zip_, file_set_dostime)           \
    F(zip_, fopen_index)                \
    F(zip_, fread)                      \
    F(zip_, fseek)                      \
    F(zip_, get_error)                  \
    F(zip_, get_name)                   \
    F(zip_, get_num_entries)            \
    F(zip_, open_from_source)           \
    F(zip_, set_file_compression)       \
    F(zip_, source_buffer_create)       \
    F(zip_, source_free)                \
    F(zip_, source_function)            \
    F(zip_, source_function_create)     \
    F(zip_, source_make_command_bitmap) \
    F(zip_, source_seek_compute_offset) \
    F(zip_, stat_index)                 \
    F(zip_, stat_init)

/* Empty until nca__libzip_open. */
extern struct nca__libzip_functions {
    NCA__LIBZIP_FUNCTIONS(NCA__LIBRARY_POINTER)
} nca__libzip;

/* NCA_UNSUPPORTED, with the package to install, if libzip is not installed. */
nca_status nca__libzip_open(nca_error *error);

#endif
