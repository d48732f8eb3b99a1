/* Writes settings as a complete, commented YAML file that gives the same bits when it is read
 * again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "config/settings_table.h"
#include "nca/version.h"

/* YAML readers refuse these characters unless they are escaped, or treat them as line ends. */
static bool needs_escape(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
           code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
}

static void write_quoted(FILE *stream, const char *at)
{
    fputc('"', stream);
    while (*at != 0) {
        uint32_t code = 0xFFFD; /* for bytes set by a program that are not UTF-8 */
        const size_t length = nca__utf8_read(&code, at, SIZE_MAX);
        if (length == 0 || needs_escape(code)) {
            fprintf(stream, "\\u%04" PRIX32, code);
        } else {
            if (code == '"' || code == '\\') {
                fputc('\\', stream);
            }
            fwrite(at, 1, length, stream);
        }
        at += length > 0 ? length : 1;
    }
    fputc('"', stream);
}

static void write_setting(FILE *stream, const nca_settings *settings, const nca_setting *setting)
{
    char value[NCA_SETTING_SIZE];
    nca_settings_get(value, sizeof value, settings, setting);
    fprintf(stream, "\n# %s\n", setting->help);
    if (setting->choices != NULL) {
        fprintf(stream, "# one of");
        for (size_t i = 0; setting->choices[i] != NULL; i++) {
            fprintf(stream, "%s %s", i > 0 ? "," : "", setting->choices[i]);
        }
        fprintf(stream, "\n");
    }
    fprintf(stream, "%s: ", setting->key);
    if (setting->type == NCA_SETTING_TEXT && setting->choices == NULL) {
        write_quoted(stream, value);
    } else {
        fputs(value, stream);
    }
    fputc('\n', stream);
}

nca_status nca_settings_format(char **out_text, const nca_settings *settings, nca_error *error)
{
    nca_status status = nca_settings_check(settings, error);
    if (status != NCA_OK) {
        return status;
    }
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL) {
        return nca__fail_memory(error, "settings", sizeof *settings);
    }
    fprintf(stream,
            "# All settings of a training run. `nca train --config THIS-FILE -o FOLDER` "
            "reproduces\n# it bit for bit. Written by nca %s.\n",
            nca_version());
    const char *group = "";
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        if (!nca_setting_is_used(setting, settings->task)) {
            continue;
        }
        if (strcmp(group, setting->group) != 0) {
            group = setting->group;
            fprintf(stream, "\n# ---- %s ----\n", group);
        }
        write_setting(stream, settings, setting);
    }
    bool written = !ferror(stream);
    if (fclose(stream) != 0 || !written) {
        free(text);
        return nca__fail_memory(error, "settings", size);
    }
    *out_text = text;
    return NCA_OK;
}

nca_status nca_settings_save(const nca_settings *settings, const char *path, nca_error *error)
{
    char *text;
    nca_status status = nca_settings_format(&text, settings, error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca__file_write(path, text, strlen(text), error);
    free(text);
    return status;
}
