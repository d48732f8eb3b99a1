/* The pickle interpreter: everything that a dictionary of tensors needs is accepted, everything
 * else is refused by name, and no bytes make it hang, crash or use much memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "model/pickle.h"
#include "model/pickle_text.h"
#include "model/raw_file.h"

/* The bytes in a block of exactly their size, so that a sanitizer detects accesses beyond it. */
static nca_status parse(nca__pickle *out, const void *bytes, size_t size, nca_error *error)
{
    uint8_t *copy = malloc(size + (size == 0));
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    memset(out, 0, sizeof *out);
    nca_status status = nca__pickle_parse(out, copy, size, "m.pt", error);
    assert_int_equal(nca__pickle_parse(&(nca__pickle){0}, copy, 0, "m.pt", NULL), NCA_FORMAT);
    if (status != NCA_OK) {
        assert_null(out->objects);
        nca__pickle again = {0};
        assert_int_equal(nca__pickle_parse(&again, copy, size, "m.pt", NULL), status);
    }
    free(copy);
    return status;
}

static nca__pickle parsed(const void *bytes, size_t size)
{
    nca__pickle pickle = {0};
    nca_error error = {0};
    if (nca__pickle_parse(&pickle, bytes, size, "m.pt", &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return pickle;
}

static void refused(const void *bytes, size_t size, nca_status status, const char *part)
{
    nca__pickle pickle;
    nca_error error = {0};
    assert_int_equal(parse(&pickle, bytes, size, &error), status);
    assert_says(error, part);
    assert_says(error, "m.pt: ");
}

#define PARSED(literal)                parsed(literal, sizeof(literal) - 1)
#define REFUSED(literal, status, part) refused(literal, sizeof(literal) - 1, status, part)

static const nca__pickle_object *root_of(const nca__pickle *pickle)
{
    return &pickle->objects[pickle->root];
}

static const nca__pickle_object *item_of(const nca__pickle *pickle, const nca__pickle_object *tuple,
                                         uint32_t index)
{
    assert_int_equal(tuple->kind, NCA__PICKLE_TUPLE);
    assert_true(index < tuple->tuple.count);
    return &pickle->objects[pickle->items[tuple->tuple.first + index]];
}

/* ---- Accepted pickles -------------------------------------------------------------------------
 */

static void whole_numbers_of_every_width_are_read(void **state)
{
    (void)state;
    nca__pickle pickle = PARSED("\x80\x02("
                                "K\xFF"
                                "M\xFF\xFF"
                                "J\xFF\xFF\xFF\xFF"
                                "J\x00\x00\x00\x80"
                                "\x8a\x00"
                                "\x8a\x01\x80"
                                "\x8a\x02\xFF\x00"
                                "\x8a\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"
                                "\x8b\x03\x00\x00\x00\x01\x02\x03"
                                "t.");
    const int64_t wanted[] = {255, 65535, -1, INT32_MIN, 0, -128, 255, INT64_MAX, 0x030201};
    assert_int_equal(root_of(&pickle)->tuple.count, sizeof wanted / sizeof *wanted);
    for (uint32_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        assert_int_equal(item_of(&pickle, root_of(&pickle), i)->kind, NCA__PICKLE_INTEGER);
        assert_true(item_of(&pickle, root_of(&pickle), i)->integer == wanted[i]);
    }
    nca__pickle_free(&pickle);
}

static void texts_of_every_width_are_read(void **state)
{
    (void)state;
    static const char bytes[] = "\x80\x05\x95\x16\0\0\0\0\0\0\0"
                                "\x8c\x01"
                                "a"
                                "X\x02\x00\x00\x00"
                                "bc"
                                "\x8d\x01\0\0\0\0\0\0\0"
                                "d\x87.";
    nca__pickle pickle = parsed(bytes, sizeof bytes - 1);
    assert_true(nca__pickle_is_text(item_of(&pickle, root_of(&pickle), 0), "a"));
    assert_true(nca__pickle_is_text(item_of(&pickle, root_of(&pickle), 1), "bc"));
    assert_false(nca__pickle_is_text(item_of(&pickle, root_of(&pickle), 1), "b"));
    assert_true(nca__pickle_is_text(item_of(&pickle, root_of(&pickle), 2), "d"));
    assert_false(nca__pickle_is_text(root_of(&pickle), "d"));
    nca__pickle_free(&pickle);
}

static void dictionaries_and_lists_keep_their_order(void **state)
{
    (void)state;
    nca__pickle pickle = PARSED("\x80\x02}(K\x01NK\x02\x88uK\x03](K\x04K\x05"
                                "eK\x06"
                                "as.");
    const int64_t keys[] = {1, 2, 3};
    uint32_t at = root_of(&pickle)->chain.first, count = 0;
    nca__pickle_ref list = 0;
    for (; at != NCA__PICKLE_END; at = pickle.links[at].next) {
        assert_int_equal(pickle.objects[pickle.links[at].key].integer, keys[count++]);
        list = pickle.links[at].value;
    }
    assert_int_equal(count, 3);
    assert_int_equal(pickle.objects[list].kind, NCA__PICKLE_LIST);
    at = pickle.objects[list].chain.first;
    for (int64_t i = 4; i <= 6; i++, at = pickle.links[at].next) {
        assert_int_equal(pickle.objects[pickle.links[at].value].integer, i);
    }
    assert_int_equal(at, NCA__PICKLE_END);
    nca__pickle_free(&pickle);
}

static void the_memo_puts_one_object_into_several_places(void **state)
{
    (void)state;
    nca__pickle pickle =
        PARSED("\x80\x04K\x07q\x00r\x01\x00\x00\x00\x94h\x00j\x02\x00\x00\x00\x87.");
    for (uint32_t i = 1; i < 3; i++) {
        assert_ptr_equal(item_of(&pickle, root_of(&pickle), i),
                         item_of(&pickle, root_of(&pickle), 0));
    }
    nca__pickle_free(&pickle);
}

static void an_ordered_dictionary_may_have_attributes(void **state)
{
    (void)state;
    nca__pickle pickle = PARSED("\x80\x02"
                                "ccollections\nOrderedDict\n)R}X\x01\0\0\0a}sb.");
    assert_int_equal(root_of(&pickle)->kind, NCA__PICKLE_DICT);
    assert_int_equal(root_of(&pickle)->chain.first, NCA__PICKLE_END);
    nca__pickle_free(&pickle);
    pickle = PARSED("\x80\x04\x8c\x0b"
                    "collections\x8c\x0bOrderedDict\x93)R.");
    assert_int_equal(root_of(&pickle)->kind, NCA__PICKLE_DICT);
    nca__pickle_free(&pickle);
}

static void a_tensor_names_its_storage_and_shape(void **state)
{
    (void)state;
    const tensor_text text = {"w", "Half", "3", 12, 2, 2, 2, {3, 4}, {4, 1}};
    pickle_text p = {.size = 0};
    PUT(&p, "\x80\x02}(");
    pickle_put_tensor(&p, &text);
    PUT(&p, "u.");
    nca__pickle pickle = parsed(p.bytes, p.size);
    const nca__pickle_object *tensor =
        &pickle.objects[pickle.links[root_of(&pickle)->chain.first].value];
    assert_int_equal(tensor->kind, NCA__PICKLE_TENSOR);
    const nca__pickle_object *storage = &pickle.objects[tensor->tensor.storage];
    assert_string_equal(storage->storage.type->dtype, "float16");
    assert_int_equal(pickle.objects[storage->storage.count].integer, 12);
    assert_int_equal(pickle.objects[tensor->tensor.offset].integer, 2);
    assert_int_equal(item_of(&pickle, &pickle.objects[tensor->tensor.shape], 1)->integer, 4);
    nca__pickle_free(&pickle);
}

/* ---- Refused pickles --------------------------------------------------------------------------
 */

static void assert_inert(const char *bytes, size_t size, const char *foreign)
{
    nca__pickle pickle = parsed(bytes, size);
    assert_int_equal(root_of(&pickle)->kind, NCA__PICKLE_INERT);
    assert_string_equal(pickle.foreign, foreign);
    nca__pickle_free(&pickle);
}
#define INERT(text, foreign) assert_inert(text, sizeof(text) - 1, foreign)

static void code_is_named_and_not_run(void **state)
{
    (void)state;
    INERT("\x80\x02"
          "cos\nsystem\nX\x04\0\0\0echo\x85R.",
          "os.system");
    INERT("\x80\x04\x8c\x08"
          "builtins\x8c\x04"
          "eval\x93\x8c\x01"
          "1\x85R.",
          "builtins.eval");
    INERT("\x80\x02"
          "c__main__\nModel\n)\x81}X\x01\0\0\0a}sb.",
          "__main__.Model");
    INERT("\x80\x04"
          "cargparse\nNamespace\n)}\x92.",
          "argparse.Namespace");
    /* Similar to known names, but different. */
    INERT("\x80\x02"
          "ctorch\nload\n.",
          "torch.load");
    INERT("\x80\x02"
          "ctorch._utils\n_rebuild_tensor_v2.__globals__\n.",
          "torch._utils._rebuild_tensor_v2.__globals__");
    INERT("\x80\x02"
          "ccollections\nOrderedDic\n.",
          "collections.OrderedDic");
    /* A name that contains terminal control characters. */
    INERT("\x80\x02"
          "co\x1b[2Js\nsystem\n.",
          "o?[2Js.system");
}

static void what_is_made_of_an_inert_object_is_inert(void **state)
{
    (void)state;
    /* Called again, with items, keys and attributes; a storage and a tensor of it. */
    INERT("\x80\x02"
          "ca\nb\n)R)R(K\x01K\x02"
          "eK\x03"
          "a(K\x01K\x02uK\x01K\x02sNb.",
          "a.b");
    INERT("\x80\x02(X\x07\0\0\0storage"
          "ctorch\nQInt8Storage\nNNNtQ.",
          "torch.QInt8Storage");
    INERT("\x80\x02"
          "ctorch._utils\n_rebuild_parameter\nca\nb\n\x85R.",
          "a.b");
    INERT("\x80\x02"
          "ctorch._utils\n_rebuild_tensor_v2\nca\nb\n\x85R.",
          "a.b");
    /* Sets, bytes, numbers of any length. */
    INERT("\x80\x04\x8f(K\x01K\x02\x90.", "");
    INERT("\x80\x04(K\x01K\x02\x91.", "");
    INERT("\x80\x03"
          "C\x03"
          "abc.",
          "");
    INERT("\x80\x03"
          "B\x03\0\0\0"
          "abc.",
          "");
    INERT("\x80\x04\x8e\x03\0\0\0\0\0\0\0"
          "abc.",
          "");
    INERT("\x80\x05\x96\x03\0\0\0\0\0\0\0"
          "abc.",
          "");
    INERT("\x80\x02\x8a\x09"
          "123456789.",
          "");
}

static void names_that_are_not_followed_are_listed_once_and_cut(void **state)
{
    (void)state;
    pickle_text p = {.size = 0};
    PUT(&p, "\x80\x02]");
    for (int i = 0; i < 40; i++) {
        char name[64];
        snprintf(name, sizeof name, "cmodule%d\nname\nacmodule%d\nname\na", i, i);
        pickle_put(&p, name, strlen(name));
    }
    PUT(&p, ".");
    nca__pickle pickle = parsed(p.bytes, p.size);
    assert_memory_equal(pickle.foreign, "module0.name, module1.name, ", 28);
    assert_string_equal(pickle.foreign + strlen(pickle.foreign) - 5, ", ...");
    nca__pickle_free(&pickle);
}

static void instructions_that_python_does_not_write_are_refused_by_name(void **state)
{
    (void)state;
    REFUSED("\x80\x02(ios\nsystem\n.", NCA_UNSUPPORTED, "instruction INST");
    REFUSED("\x80\x02(ccollections\nOrderedDict\no.", NCA_UNSUPPORTED, "instruction OBJ");
    REFUSED("\x80\x04N)}\x92.", NCA_FORMAT, "makes an object of None");
    REFUSED("\x80\x02\x82\x01.", NCA_UNSUPPORTED, "instruction EXT1");
    REFUSED("\x80\x02Pid\n.", NCA_UNSUPPORTED, "instruction PERSID");
    REFUSED("\x80\x05\x97.", NCA_UNSUPPORTED, "instruction NEXT_BUFFER");
    REFUSED("\x80\x02\xFF.", NCA_FORMAT, "0xff is not a pickle instruction");
    REFUSED("\x80\x01N.", NCA_UNSUPPORTED, "protocol 1");
    REFUSED("\x80\x06N.", NCA_UNSUPPORTED, "protocol 6");
    REFUSED("hello", NCA_FORMAT, "not a pickle");
    REFUSED("", NCA_FORMAT, "not a pickle");
}

static void calls_with_wrong_arguments_are_refused(void **state)
{
    (void)state;
    REFUSED("\x80\x02"
            "ccollections\nOrderedDict\n]\x85R.",
            NCA_FORMAT, "collections.OrderedDict: expected no arguments");
    REFUSED("\x80\x02"
            "ctorch._utils\n_rebuild_tensor_v2\n)R.",
            NCA_FORMAT, "expected a storage, an offset");
    REFUSED("\x80\x02"
            "ctorch._utils\n_rebuild_parameter\nN\x85R.",
            NCA_FORMAT, "expected a tensor");
    REFUSED("\x80\x02"
            "ctorch\nFloatStorage\n)R.",
            NCA_UNSUPPORTED, "calls torch.FloatStorage");
    REFUSED("\x80\x02K\x01)R.", NCA_FORMAT, "calls a whole number with a tuple");
    REFUSED("\x80\x02K\x01}b.", NCA_FORMAT, "gives attributes to a whole number");
    REFUSED("\x80\x04K\x01K\x02\x93.", NCA_FORMAT, "a name should be two strings");
    REFUSED("\x80\x02NQ.", NCA_FORMAT, "a persistent id should be");
    REFUSED("\x80\x02(X\x07\0\0\0storageNNNNtQ.", NCA_FORMAT, "a persistent id should be");
    REFUSED("\x80\x02(X\x07\0\0\0storage"
            "ctorch\nFloatStorage\nX\x01\0\0\0"
            "0NJ\xFF\xFF\xFF\xFFtQ.",
            NCA_FORMAT, "a persistent id should be");
}

static void a_stack_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    REFUSED("\x80\x02.", NCA_FORMAT, "expected one object, found 0");
    REFUSED("\x80\x02NN.", NCA_FORMAT, "expected one object, found 2");
    REFUSED("\x80\x02(N.", NCA_FORMAT, "1 open brackets");
    REFUSED("\x80\x02t.", NCA_FORMAT, "closes a bracket that was never opened");
    REFUSED("\x80\x02"
            "1.",
            NCA_FORMAT, "closes a bracket that was never opened");
    REFUSED("\x80\x02"
            "0.",
            NCA_FORMAT, "needs 1 objects on the stack, found 0");
    REFUSED("\x80\x02N(\x85.", NCA_FORMAT, "needs 1 objects on the stack, found 0");
    REFUSED("\x80\x02N\x86.", NCA_FORMAT, "needs 2 objects on the stack, found 1");
    REFUSED("\x80\x02)R.", NCA_FORMAT, "needs 2 objects");
    REFUSED("\x80\x02](}s.", NCA_FORMAT, "needs 3 objects");
    REFUSED("\x80\x02}(Nu.", NCA_FORMAT, "a key has no value");
    REFUSED("\x80\x02(u.", NCA_FORMAT, "no object to add to");
    REFUSED("\x80\x02](NNu.", NCA_FORMAT, "adds to a dictionary, found a list");
    REFUSED("\x80\x02}Na.", NCA_FORMAT, "adds to a list, found a dictionary");
}

static void counts_beyond_the_file_are_refused(void **state)
{
    (void)state;
    REFUSED("\x80\x02\x8b\xFF\xFF\xFF\x7F.", NCA_FORMAT, "needs 2147483647 bytes, found 1");
    REFUSED("\x80\x02\x8b\xFF\xFF\xFF\xFF.", NCA_FORMAT, "needs 4294967295 bytes");
    REFUSED("\x80\x03"
            "C\x09"
            "abc.",
            NCA_FORMAT, "needs 9 bytes, found 4");
    REFUSED("\x80\x04\x8e\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFx.", NCA_FORMAT,
            "needs 18446744073709551615 bytes");
    REFUSED("\x80\x02X\xFF\xFF\xFF\xFFx.", NCA_FORMAT, "needs 4294967295 bytes, found 2");
    REFUSED("\x80\x04\x8d\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFx.", NCA_FORMAT,
            "needs 18446744073709551615 bytes");
    REFUSED("\x80\x04\x95\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7FN.", NCA_FORMAT, "a frame of");
    REFUSED("\x80\x02"
            "cos",
            NCA_FORMAT, "a name is not terminated");
    REFUSED("\x80\x02N", NCA_FORMAT, "ends without STOP");
    REFUSED("\x80\x02Nr\xFF\xFF\xFF\xFF.", NCA_LIMIT, "memo number 4294967295");
    REFUSED("\x80\x02Nq\x07.", NCA_LIMIT, "memo number 7; expected at most 3");
    REFUSED("\x80\x02h\x00.", NCA_FORMAT, "memo number 0, which was never written");
    REFUSED("\x80\x02Nq\x02h\x01.", NCA_FORMAT, "memo number 1, which was never written");
    REFUSED("\x80\x02q\x00.", NCA_FORMAT, "needs 1 objects");
}

/* The same opcode repeated many times after a beginning. */
static void refused_when_repeated(const char *beginning, const char *body, size_t times,
                                  const char *part)
{
    size_t length = strlen(beginning), step = strlen(body);
    uint8_t *bytes = malloc(length + times * step);
    assert_non_null(bytes);
    memcpy(bytes, beginning, length);
    for (size_t i = 0; i < times; i++) {
        memcpy(bytes + length + i * step, body, step);
    }
    refused(bytes, length + times * step, NCA_LIMIT, part);
    free(bytes);
}

static void depth_and_number_of_objects_are_bounded(void **state)
{
    (void)state;
    refused_when_repeated("\x80\x02", "N", 1 << 17, "objects are on the stack");
    refused_when_repeated("\x80\x02", "(", 1 << 12, "brackets are open");
    refused_when_repeated("\x80\x02", "N0", (1 << 20) + 1, "objects");
    refused_when_repeated("\x80\x02Nq\x01", "h\x01", 1 << 17, "objects are on the stack");
    refused_when_repeated("\x80\x02", "N", (4 << 20) + 1, "at most 4194304 are supported");
}

static void a_deep_or_circular_structure_costs_no_stack(void **state)
{
    (void)state;
    /* A tuple in a tuple, nested half a million times. */
    size_t depth = 1 << 19;
    uint8_t *bytes = malloc(depth + 4);
    assert_non_null(bytes);
    memcpy(bytes, "\x80\x02)", 3);
    memset(bytes + 3, 0x85, depth);
    bytes[depth + 3] = '.';
    nca__pickle pickle = parsed(bytes, depth + 4);
    assert_int_equal(pickle.object_count, depth + 1);
    nca__pickle_free(&pickle);
    free(bytes);
    /* A list and a dictionary that contain themselves. */
    pickle = PARSED("\x80\x02]q\x01h\x01"
                    "a.");
    assert_int_equal(pickle.links[root_of(&pickle)->chain.first].value, pickle.root);
    nca__pickle_free(&pickle);
    pickle = PARSED("\x80\x02}q\x01h\x01h\x01s.");
    assert_int_equal(pickle.links[root_of(&pickle)->chain.first].value, pickle.root);
    nca__pickle_free(&pickle);
}

/* ---- Any bytes -------------------------------------------------------------------------------*/

static pickle_text whole_pickle(void)
{
    const tensor_text text = {"w", "Float", "0", 12, 0, 2, 2, {3, 4}, {4, 1}};
    pickle_text p = {.size = 0};
    PUT(&p, "\x80\x02"
            "ccollections\nOrderedDict\nq\x00)Rq\x01(");
    pickle_put_tensor(&p, &text);
    PUT(&p, "u}X\x09\0\0\0_metadatah\x01sb.");
    return p;
}

static void a_pickle_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    pickle_text p = whole_pickle();
    nca__pickle pickle = parsed(p.bytes, p.size);
    nca__pickle_free(&pickle);
    for (size_t size = 0; size < p.size; size++) {
        nca_error error = {0};
        assert_int_equal(parse(&pickle, p.bytes, size, &error), NCA_FORMAT);
        assert_says(error, "m.pt: ");
    }
}

static void damaged_bytes_get_an_answer(void **state)
{
    (void)state;
    uint64_t random = 7;
    for (size_t round = 0; round < 20000; round++) {
        pickle_text p = whole_pickle();
        for (size_t i = next_random(&random) % 4; i < 4; i++) {
            p.bytes[2 + next_random(&random) % (p.size - 2)] = (uint8_t)next_random(&random);
        }
        nca__pickle pickle;
        nca_error error = {0};
        if (parse(&pickle, p.bytes, p.size, &error) == NCA_OK) {
            nca__pickle_free(&pickle);
        } else {
            assert_says(error, "m.pt: ");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_of_every_width_are_read),
        cmocka_unit_test(texts_of_every_width_are_read),
        cmocka_unit_test(dictionaries_and_lists_keep_their_order),
        cmocka_unit_test(the_memo_puts_one_object_into_several_places),
        cmocka_unit_test(an_ordered_dictionary_may_have_attributes),
        cmocka_unit_test(a_tensor_names_its_storage_and_shape),
        cmocka_unit_test(code_is_named_and_not_run),
        cmocka_unit_test(what_is_made_of_an_inert_object_is_inert),
        cmocka_unit_test(names_that_are_not_followed_are_listed_once_and_cut),
        cmocka_unit_test(instructions_that_python_does_not_write_are_refused_by_name),
        cmocka_unit_test(calls_with_wrong_arguments_are_refused),
        cmocka_unit_test(a_stack_that_does_not_fit_is_refused),
        cmocka_unit_test(counts_beyond_the_file_are_refused),
        cmocka_unit_test(depth_and_number_of_objects_are_bounded),
        cmocka_unit_test(a_deep_or_circular_structure_costs_no_stack),
        cmocka_unit_test(a_pickle_cut_at_any_byte_is_refused),
        cmocka_unit_test(damaged_bytes_get_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
