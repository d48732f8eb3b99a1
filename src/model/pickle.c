/* Reading a pickle: the table of opcodes, and the loop that executes them. torch_read.c interprets
 * the tensors. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/pickle_machine.h"

enum {
    PROTOCOL_FIRST = 2,
    PROTOCOL_LAST = 5
};

typedef struct instruction {
    const char *name;
    nca__machine_run *run; /* NULL: a valid opcode of Python that is refused */
} instruction;

const char *nca__pickle_kind_name(nca__pickle_kind kind)
{
    static const char *const names[] = {"None",     "a Boolean", "a whole number", "a number",
                                        "a string", "a tuple",   "a list",         "a dictionary",
                                        "a name",   "a storage", "a tensor",       "an object"};
    return names[kind];
}

bool nca__pickle_is_text(const nca__pickle_object *object, const char *text)
{
    return object->kind == NCA__PICKLE_TEXT && object->text.length == strlen(text) &&
           memcmp(object->text.bytes, text, object->text.length) == 0;
}

void nca__pickle_free(nca__pickle *pickle)
{
    free(pickle->objects);
    free(pickle->items);
    free(pickle->links);
    memset(pickle, 0, sizeof *pickle);
}

static nca_status run_proto(nca__machine *m)
{
    uint64_t version;
    nca_status status = nca__machine_number(m, &version, 1);
    if (status == NCA_OK && (version < PROTOCOL_FIRST || version > PROTOCOL_LAST)) {
        status = FAIL(m, NCA_UNSUPPORTED, "protocol %llu; expected %d to %d",
                      (unsigned long long)version, PROTOCOL_FIRST, PROTOCOL_LAST);
    }
    return status;
}

/* Frames only say how many bytes can be read at once. */
static nca_status run_frame(nca__machine *m)
{
    uint64_t length;
    nca_status status = nca__machine_number(m, &length, 8);
    if (status == NCA_OK && length > m->size - m->at) {
        status = FAIL(m, NCA_FORMAT, "a frame of %llu bytes, found %zu; the file is truncated",
                      (unsigned long long)length, m->size - m->at);
    }
    return status;
}

static nca_status run_stop(nca__machine *m)
{
    if (m->depth != 1 || m->mark_count != 0) {
        return FAIL(m, NCA_FORMAT, "the end: expected one object, found %u and %u open brackets",
                    m->depth, m->mark_count);
    }
    m->pickle->root = m->stack[0];
    m->stopped = true;
    return NCA_OK;
}

static const instruction instructions[256] = {
    [0x80] = {"PROTO", run_proto},
    [0x95] = {"FRAME", run_frame},
    ['.'] = {"STOP", run_stop},
    ['('] = {"MARK", nca__run_mark},
    ['0'] = {"POP", nca__run_pop},
    ['1'] = {"POP_MARK", nca__run_pop_mark},
    ['N'] = {"NONE", nca__run_none},
    [0x88] = {"NEWTRUE", nca__run_true},
    [0x89] = {"NEWFALSE", nca__run_false},
    ['J'] = {"BININT", nca__run_binint},
    ['K'] = {"BININT1", nca__run_binint1},
    ['M'] = {"BININT2", nca__run_binint2},
    [0x8a] = {"LONG1", nca__run_long1},
    [0x8b] = {"LONG4", nca__run_long4},
    ['G'] = {"BINFLOAT", nca__run_binfloat},
    ['X'] = {"BINUNICODE", nca__run_binunicode},
    [0x8c] = {"SHORT_BINUNICODE", nca__run_short_binunicode},
    [0x8d] = {"BINUNICODE8", nca__run_binunicode8},
    [')'] = {"EMPTY_TUPLE", nca__run_empty_tuple},
    ['t'] = {"TUPLE", nca__run_tuple},
    [0x85] = {"TUPLE1", nca__run_tuple1},
    [0x86] = {"TUPLE2", nca__run_tuple2},
    [0x87] = {"TUPLE3", nca__run_tuple3},
    [']'] = {"EMPTY_LIST", nca__run_empty_list},
    ['a'] = {"APPEND", nca__run_append},
    ['e'] = {"APPENDS", nca__run_appends},
    ['}'] = {"EMPTY_DICT", nca__run_empty_dict},
    ['s'] = {"SETITEM", nca__run_setitem},
    ['u'] = {"SETITEMS", nca__run_setitems},
    ['q'] = {"BINPUT", nca__run_binput},
    ['r'] = {"LONG_BINPUT", nca__run_long_binput},
    [0x94] = {"MEMOIZE", nca__run_memoize},
    ['h'] = {"BINGET", nca__run_binget},
    ['j'] = {"LONG_BINGET", nca__run_long_binget},
    ['c'] = {"GLOBAL", nca__run_global},
    [0x93] = {"STACK_GLOBAL", nca__run_stack_global},
    ['R'] = {"REDUCE", nca__run_reduce},
    [0x81] = {"NEWOBJ", nca__run_reduce}, /* a class with its arguments, like a call */
    [0x92] = {"NEWOBJ_EX", nca__run_newobj_ex},
    ['b'] = {"BUILD", nca__run_build},
    ['B'] = {"BINBYTES", nca__run_binbytes},
    ['C'] = {"SHORT_BINBYTES", nca__run_short_binbytes},
    [0x8e] = {"BINBYTES8", nca__run_binbytes8},
    [0x96] = {"BYTEARRAY8", nca__run_binbytes8},
    [0x8f] = {"EMPTY_SET", nca__run_empty_set},
    [0x90] = {"ADDITEMS", nca__run_additems},
    [0x91] = {"FROZENSET", nca__run_frozenset},
    ['Q'] = {"BINPERSID", nca__run_binpersid},
    /* Refused: Python writes them only in protocols that PyTorch does not use, or not at all. */
    ['I'] = {"INT", NULL},
    ['L'] = {"LONG", NULL},
    ['F'] = {"FLOAT", NULL},
    ['S'] = {"STRING", NULL},
    ['T'] = {"BINSTRING", NULL},
    ['U'] = {"SHORT_BINSTRING", NULL},
    ['V'] = {"UNICODE", NULL},
    [0x97] = {"NEXT_BUFFER", NULL},
    [0x98] = {"READONLY_BUFFER", NULL},
    ['l'] = {"LIST", NULL},
    ['d'] = {"DICT", NULL},
    ['2'] = {"DUP", NULL},
    ['p'] = {"PUT", NULL},
    ['g'] = {"GET", NULL},
    ['P'] = {"PERSID", NULL},
    ['i'] = {"INST", NULL},
    ['o'] = {"OBJ", NULL},
    [0x82] = {"EXT1", NULL},
    [0x83] = {"EXT2", NULL},
    [0x84] = {"EXT4", NULL},
};

static nca_status run_next(nca__machine *m)
{
    m->began = m->at;
    if (m->at == m->size) {
        return FAIL(m, NCA_FORMAT,
                    "the pickle ends without STOP; the file is truncated or damaged");
    }
    uint8_t code = m->bytes[m->at++];
    const instruction *found = &instructions[code];
    if (found->run != NULL) {
        return found->run(m);
    }
    if (found->name != NULL) {
        return FAIL(m, NCA_UNSUPPORTED,
                    "instruction %s, which torch.save does not write; nothing was executed. Save "
                    "only the state dict: torch.save(model.state_dict(), path)",
                    found->name);
    }
    return FAIL(m, NCA_FORMAT, "0x%02x is not a pickle instruction; the file is damaged", code);
}

nca_status nca__pickle_parse(nca__pickle *out, const uint8_t *bytes, size_t size, const char *name,
                             nca_error *error)
{
    if (size > NCA__PICKLE_MAX) {
        return nca__fail(error, NCA_LIMIT, "%s: the pickle has %zu bytes; at most %d are supported",
                         name, size, NCA__PICKLE_MAX);
    }
    if (size < 2 || bytes[0] != 0x80) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: not a pickle: expected it to begin with a protocol from %d to %d",
                         name, PROTOCOL_FIRST, PROTOCOL_LAST);
    }
    nca_error ignored; /* messages are extended by outer functions, so they need a buffer */
    nca__pickle pickle = {0};
    nca__machine *m = calloc(1, sizeof *m);
    if (m == NULL) {
        return nca__fail_memory(error, name, sizeof *m);
    }
    m->pickle = &pickle;
    m->bytes = bytes;
    m->size = size;
    m->name = name;
    m->error = error != NULL ? error : &ignored;
    nca_status status = NCA_OK;
    while (status == NCA_OK && !m->stopped) {
        status = run_next(m);
    }
    free(m->stack);
    free(m->memo);
    free(m);
    if (status != NCA_OK) {
        nca__pickle_free(&pickle);
        return status;
    }
    *out = pickle;
    return NCA_OK;
}
