/* Fuzzing the pickle interpreter: first alone, where every reference must lead to an object, then
 * as the data.pkl of an otherwise valid PyTorch file with three storages. */
#include "fuzz/read_state.h"
#include "fuzz/stored_zip.h"
#include "model/pickle.h"

static void check_chain(const nca__pickle *pickle, const nca__pickle_object *object)
{
    uint32_t steps = 0;
    for (uint32_t at = object->chain.first; at != NCA__PICKLE_END; at = pickle->links[at].next) {
        FUZZ_CHECK(at < pickle->link_count && steps++ < pickle->link_count);
        FUZZ_CHECK(pickle->links[at].value < pickle->object_count);
        FUZZ_CHECK(object->kind == NCA__PICKLE_LIST ||
                   pickle->links[at].key < pickle->object_count);
    }
}

static void check_object(const nca__pickle *pickle, const nca__pickle_object *object,
                         const uint8_t *bytes, size_t size)
{
    const char *start = (const char *)bytes, *end = start + size;
    switch (object->kind) {
    case NCA__PICKLE_TEXT:
        FUZZ_CHECK(object->text.length == 0 ||
                   (object->text.bytes >= start &&
                    object->text.length <= (size_t)(end - object->text.bytes)));
        return;
    case NCA__PICKLE_TUPLE:
        FUZZ_CHECK(object->tuple.count <= pickle->item_count);
        FUZZ_CHECK(object->tuple.first <= pickle->item_count - object->tuple.count);
        for (uint32_t i = 0; i < object->tuple.count; i++) {
            FUZZ_CHECK(pickle->items[object->tuple.first + i] < pickle->object_count);
        }
        return;
    case NCA__PICKLE_LIST:
    case NCA__PICKLE_DICT:
        check_chain(pickle, object);
        return;
    case NCA__PICKLE_STORAGE:
        FUZZ_CHECK(object->storage.key < pickle->object_count &&
                   object->storage.count < pickle->object_count);
        return;
    case NCA__PICKLE_TENSOR:
        FUZZ_CHECK(object->tensor.storage < pickle->object_count);
        FUZZ_CHECK(pickle->objects[object->tensor.storage].kind == NCA__PICKLE_STORAGE);
        return;
    case NCA__PICKLE_NONE:
    case NCA__PICKLE_BOOL:
    case NCA__PICKLE_INTEGER:
    case NCA__PICKLE_REAL:
    case NCA__PICKLE_NAME:
    case NCA__PICKLE_INERT:
        return;
    }
}

static void check_pickle(const uint8_t *bytes, size_t size)
{
    nca_error error = {0};
    nca__pickle pickle = {0};
    nca_status status = nca__pickle_parse(&pickle, bytes, size, FUZZ_NAME, &error);
    if (status != NCA_OK) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(pickle.objects == NULL);
        return;
    }
    FUZZ_CHECK(strlen(pickle.foreign) < NCA__PICKLE_FOREIGN);
    FUZZ_CHECK(pickle.root < pickle.object_count && pickle.object_count <= size * 2 + 16);
    for (uint32_t i = 0; i < pickle.object_count; i++) {
        check_object(&pickle, &pickle.objects[i], bytes, size);
    }
    nca__pickle_free(&pickle);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const float values[64] = {0.5f, -1, 2, 3};
    const fuzz_member members[] = {
        {"archive/data.pkl", bytes, size},  {"archive/byteorder", "little", 6},
        {"archive/data/0", values, 36 * 4}, {"archive/data/1", values, 3 * 4},
        {"archive/data/2", values, 12 * 4}, {"archive/version", "3\n", 2},
    };
    size_t zip_size = 0;
    check_pickle(bytes, size);
    uint8_t *zip = fuzz_stored_zip(&zip_size, members, sizeof members / sizeof members[0]);
    fuzz_accepted = read_state(zip, zip_size);
    free(zip);
    return 0;
}
