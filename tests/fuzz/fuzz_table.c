/* Fuzzing the reader of tables of labelled images: an accepted table, written with every field in
 * quotes and read again, gives the same list. */
#include <stdio.h>
#include <stdlib.h>

#include "base/growing_text.h"
#include "data/labelled_list.h"
#include "fuzz/harness.h"

static void quote(nca__growing_text *out, const char *text, const char *after)
{
    nca__grow_text(out, "\"");
    for (; *text != 0; text++) {
        nca__grow(out, text, 1);
        if (*text == '"') {
            nca__grow_text(out, "\"");
        }
    }
    nca__grow_text(out, "\"");
    nca__grow_text(out, after);
}

/* The table of a list, with a heading. */
static nca__growing_text write_table(const nca__image_list *list)
{
    nca__growing_text out = nca__growing_text_make(256);
    nca__grow_text(&out, list->has_splits ? "split,label,path\r\n" : "label,path\r\n");
    for (size_t i = 0; i < list->count; i++) {
        const nca__listed_image *image = &list->images[i];
        if (list->has_splits) {
            quote(&out, nca_split_name((nca_split)image->split), ",");
        }
        quote(&out, list->class_names[image->class], ",");
        quote(&out, image->path, "\r\n");
    }
    return out;
}

static nca_status parse(nca__image_list *out, const void *bytes, size_t size, nca_error *error)
{
    char *text = malloc(size + 1);
    FUZZ_CHECK(text != NULL);
    memcpy(text, bytes, size);
    text[size] = 0;
    FUZZ_CHECK(nca__image_list_create(out, NULL) == NCA_OK);
    const nca_status status = nca__table_parse(out, text, size, FUZZ_NAME, "", error);
    free(text);
    return status;
}

static void check_list(const nca__image_list *list)
{
    FUZZ_CHECK(list->classes <= NCA_MAX_CLASSES && (list->classes > 0 || list->count == 0));
    for (size_t i = 0; i < list->count; i++) {
        FUZZ_CHECK(list->images[i].class < list->classes);
        FUZZ_CHECK(list->images[i].split < NCA_SPLIT_COUNT);
        FUZZ_CHECK(*list->images[i].path != 0 && list->images[i].line > 0);
    }
    for (size_t c = 1; c < list->classes; c++) {
        FUZZ_CHECK(nca__compare_names(list->class_names[c - 1], list->class_names[c]) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nca__image_list list, again;
    nca_error error = {0};
    const nca_status status = parse(&list, bytes, size, &error);
    fuzz_accepted = status == NCA_OK;
    if (!fuzz_accepted) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        nca__image_list_clear(&list);
        return 0;
    }
    nca__image_list_sort_classes(&list);
    check_list(&list);
    nca__growing_text table = write_table(&list);
    FUZZ_CHECK(table.text != NULL);
    FUZZ_CHECK(parse(&again, table.text, table.length, NULL) == NCA_OK);
    nca__image_list_sort_classes(&again);
    FUZZ_CHECK(again.count == list.count && again.classes == list.classes);
    for (size_t i = 0; i < list.count; i++) {
        FUZZ_CHECK(strcmp(again.images[i].path, list.images[i].path) == 0);
        FUZZ_CHECK(again.images[i].class == list.images[i].class);
        FUZZ_CHECK(again.images[i].split == list.images[i].split);
    }
    free(table.text);
    nca__image_list_clear(&list);
    nca__image_list_clear(&again);
    return 0;
}
