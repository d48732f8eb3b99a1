/* Determines the line of a YAML error, and advice; libyaml reports only where it stopped. */
#include "config/yaml_faults.h"

#include <string.h>

#include "base/error.h"

static unsigned long line_of_offset(const nca__yaml_text *from, size_t offset)
{
    unsigned long number = 1;
    for (size_t i = 0; i < offset && i < from->size; i++) {
        number += from->bytes[i] == '\n';
    }
    return number;
}

/* libyaml has two marks: the problem is where it stopped, the context is where the unfinished text
 * began. A missing colon, quote or bracket is only detected after it, possibly at the end of the
 * file, so the line to correct is the one where the text begins. */
static bool fault_is_at_context(const yaml_parser_t *parser)
{
    static const char *const contexts[] = {
        "while scanning a simple key",
        "while scanning a quoted scalar",
        "while parsing a flow sequence",
        "while parsing a flow mapping",
    };
    for (size_t i = 0; parser->context != NULL && i < sizeof contexts / sizeof *contexts; i++) {
        if (strcmp(parser->context, contexts[i]) == 0) {
            return true;
        }
    }
    return false;
}

static unsigned long line_of_fault(const nca__yaml_text *from, const yaml_parser_t *parser)
{
    const unsigned long problem = (unsigned long)parser->problem_mark.line + 1;
    if (fault_is_at_context(parser)) {
        return (unsigned long)parser->context_mark.line + 1;
    }
    /* The quote that closes an open one was meant to start another text: x" is followed by more
     * text. */
    return problem == from->quote_end ? from->quote_line : problem;
}

/* The position in the text of a mark; libyaml counts characters, not bytes. */
static size_t offset_of(nca__yaml_text *from, const yaml_mark_t *mark)
{
    /* Marks are mostly in the order of the text. */
    if (from->seen_offset < from->begin || mark->index < from->seen_index) {
        from->seen_index = 0;
        from->seen_offset = from->begin;
    }
    size_t at = from->seen_offset;
    for (size_t i = from->seen_index; i < mark->index && at < from->size; i++) {
        at++;
        while (at < from->size && ((unsigned char)from->bytes[at] & 0xC0u) == 0x80u) {
            at++;
        }
    }
    from->seen_index = mark->index;
    from->seen_offset = at;
    return at;
}

static bool is_quote_at(nca__yaml_text *from, const yaml_mark_t *mark)
{
    const size_t at = offset_of(from, mark);
    return at < from->size && (from->bytes[at] == '"' || from->bytes[at] == '\'');
}

const char *const nca__yaml_escape_advice =
    "\\ in double quotes begins an escape; write a Windows path in single quotes, or with / for \\";

/* Advice for the most common problems of settings files. */
static const char *advice_on(nca__yaml_text *from, const yaml_parser_t *parser, const char *problem)
{
    const char *context = parser->context != NULL ? parser->context : "";
    if (strcmp(context, "while parsing a quoted scalar") == 0) {
        return nca__yaml_escape_advice;
    }
    if (strcmp(context, "while scanning a quoted scalar") == 0 ||
        (unsigned long)parser->problem_mark.line + 1 == from->quote_end ||
        (fault_is_at_context(parser) && is_quote_at(from, &parser->context_mark))) {
        return "is a closing quote missing on this line?";
    }
    if (strstr(context, "a flow ") != NULL) {
        return "is a comma or the closing bracket missing?";
    }
    if (strcmp(context, "while scanning a simple key") == 0) {
        return "expected \"key: value\", with a space after the colon";
    }
    if (strstr(problem, "tab character") != NULL) {
        return "use spaces instead of tabs";
    }
    return strstr(problem, "cannot start any token") != NULL
               ? "use spaces instead of tabs, and quotes around a value that begins with @, ` or %"
               : "expected lines such as \"iterations: 2000\"";
}

/* What libyaml reports, by a part of its text, in words that need no knowledge of YAML. */
static const char *words_for(const char *problem)
{
    static const struct {
        const char *part, *words;
    } table[] = {
        {"control characters", "a control character"},
        {"too long", "too long a text"},
        {"hexdecimal", "a \\ is followed by an escape without its hexadecimal digits"},
        {"unknown escape", "a \\ is followed by a character that is not an escape"},
        {"escape code", "the number after a \\ is not a character"},
        {"could not find expected ':'", "a colon is missing"},
        {"mapping values", "a colon is in an unexpected place"},
        {"unexpected ':'", "a colon is in an unexpected place"},
        {"tab character", "a tab is used for indentation"},
        {"cannot start any token", "a value begins with an unexpected character"},
        {"',' or '", "a list in brackets or braces is not complete"},
        {"'-' indicator", "a line of a list does not begin with \"- \""},
        {"block sequence", "a list is in an unexpected place"},
        {"expected key", "a line is not a setting, or has another indentation"},
        {"node content", "a value is missing or has unexpected characters"},
        {"document indicator", "the file ends within a quoted text"},
        {"end of stream", "the file ends within a quoted text"},
        {"document start", "unexpected text after the settings"},
        {"alphabetic or numeric", "an anchor (&) or alias (*) has no name"},
        {"indentation indicator", "a text block has an invalid indentation"},
        {"comment or line break", "unexpected characters after the sign of a text block"},
        {"duplicate %", "a line that begins with % is given twice"},
        {"directive", "a line that begins with % is not a directive of YAML"},
        {"incompatible YAML", "the version of YAML is not supported"},
        {"version number", "the version of YAML is not supported"},
        {"'.' character", "the version of YAML is not supported"},
        {"tag", "a tag (!) is not valid"},
        {"URI", "a tag (!) is not valid"},
        {"'!'", "a tag (!) is not valid"},
        {"'>'", "a tag (!) is not valid"},
        {"whitespace", "a blank is missing"},
        {"non-alphabetical", "a line that begins with % is not a directive of YAML"},
    };
    for (size_t i = 0; problem != NULL && i < sizeof table / sizeof *table; i++) {
        if (strstr(problem, table[i].part) != NULL) {
            return table[i].words;
        }
    }
    return "the text cannot be read";
}

nca_status nca__yaml_fault(nca__yaml_text *from, const yaml_parser_t *parser, const char *name,
                           nca_error *error)
{
    const char *problem = parser->problem != NULL ? parser->problem : "";
    switch ((int)parser->error) { /* an int: most of libyaml's errors are handled by one case */
    case YAML_MEMORY_ERROR:
        return nca__fail_memory(error, name, from->size);
    case YAML_READER_ERROR:
        return nca__fail(error, NCA_FORMAT, "%s:%lu: expected UTF-8 text, found %s", name,
                         line_of_offset(from, parser->problem_offset),
                         strstr(problem, "control") != NULL ? words_for(problem)
                                                            : "bytes that are not valid UTF-8");
    default:
        return nca__fail(error, NCA_FORMAT, "%s:%lu: not valid YAML: %s; %s", name,
                         line_of_fault(from, parser), words_for(problem),
                         advice_on(from, parser, problem));
    }
}

void nca__yaml_remember_quote(nca__yaml_text *from, const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT && event->end_mark.line > event->start_mark.line &&
        is_quote_at(from, &event->start_mark)) {
        from->quote_line = (unsigned long)event->start_mark.line + 1;
        from->quote_end = (unsigned long)event->end_mark.line + 1;
    }
}

bool nca__yaml_looks_like_windows(nca__yaml_text *from, const yaml_event_t *event)
{
    if (event->data.scalar.style != YAML_DOUBLE_QUOTED_SCALAR_STYLE) {
        return false;
    }
    bool letter = false;
    size_t at = offset_of(from, &event->start_mark);
    const size_t end = offset_of(from, &event->end_mark);
    for (; at + 1 < end; at++) {
        if (from->bytes[at] == '\\') {
            at++;
            if (memchr("\\\"/xuU", from->bytes[at], 6) != NULL) {
                return false;
            }
            letter |= memchr("abtnvfreNLP_", from->bytes[at], 12) != NULL;
        }
    }
    return letter;
}
