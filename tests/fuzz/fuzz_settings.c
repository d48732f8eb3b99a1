/* Fuzzing nca_settings_parse: a refused text changes nothing; accepted settings that fit together
 * are unchanged after formatting and reading. */
#include <stdlib.h>

#include "fuzz/harness.h"
#include "nca/settings.h"

static void check_same(const nca_settings *a, const nca_settings *b)
{
    static char texts[2][NCA_SETTING_SIZE];
    for (size_t i = 0; i < nca_setting_count(); i++) {
        nca_settings_get(texts[0], sizeof texts[0], a, nca_setting_at(i));
        nca_settings_get(texts[1], sizeof texts[1], b, nca_setting_at(i));
        FUZZ_CHECK(strcmp(texts[0], texts[1]) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static nca_settings before, settings, again; /* static, because they are large */
    nca_error error = {0};
    char *text = NULL;
    nca_settings_default(&before);
    settings = before;
    nca_status status = nca_settings_parse(&settings, (const char *)bytes, size, FUZZ_NAME, &error);
    fuzz_accepted = status == NCA_OK;
    if (!fuzz_accepted) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(memcmp(&settings, &before, sizeof settings) == 0);
        return 0;
    }
    status = nca_settings_check(&settings, &error);
    FUZZ_CHECK(nca_settings_format(&text, &settings, NULL) == status);
    if (status == NCA_OK) {
        again = before;
        FUZZ_CHECK(nca_settings_parse(&again, text, strlen(text), FUZZ_NAME, NULL) == NCA_OK);
        check_same(&settings, &again);
        free(text);
    }
    return 0;
}
