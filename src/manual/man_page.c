/* Manual pages: the texts of a help page in the language of man(7), followed by what all commands
 * share: files, exit status, references. */
#include <ctype.h>
#include <string.h>

#include "manual/manual.h"

enum {
    WIDTH = 60 /* of the text of a line of the source, which is longer by what is escaped */
};

/* ---- Text ------------------------------------------------------------------------------------ */

/* Characters that a formatter would replace by typographic ones, which cannot be typed or copied.
 */
static const char *escape(char character)
{
    switch (character) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '\'':
        return "\\(aq";
    case '~':
        return "\\(ti";
    case '^':
        return "\\(ha";
    case '`':
        return "\\(ga";
    default:
        return NULL;
    }
}

static void write_literal(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *escaped = escape(text[i]);
        if (escaped != NULL) {
            fputs(escaped, out);
        } else {
            fputc(text[i], out);
        }
    }
}

/* The length of an option at the start of a word: "--name", "-o"; 0 if there is none. */
static size_t option_length(const char *word, size_t length)
{
    size_t at = length > 2 && word[0] == '-' && word[1] == '-' ? 2 : 1;
    if (length < 2 || word[0] != '-' || !islower((unsigned char)word[at])) {
        return 0;
    }
    while (at < length && (islower((unsigned char)word[at]) || isdigit((unsigned char)word[at]) ||
                           (word[at] == '-' && at > 1))) {
        at++;
    }
    return at;
}

/* A word of text, with options in bold; *bold says whether it is between backticks. */
static void write_word(FILE *out, const char *word, size_t length, bool *bold)
{
    size_t at = 0;
    while (at < length) {
        const size_t name = *bold ? 0 : option_length(word + at, length - at);
        const bool begins = at == 0 || word[at - 1] == '(' || word[at - 1] == '[';
        if (word[at] == '`') {
            *bold = !*bold;
            fputs(*bold ? "\\fB" : "\\fR", out);
            at++;
        } else if (name > 0 && begins) {
            fputs("\\fB", out);
            write_literal(out, word + at, name);
            fputs("\\fR", out);
            at += name;
        } else if (*bold || word[at] == '\\' || (word[at] == '-' && begins)) {
            write_literal(out, word + at++, 1);
        } else {
            fputc(word[at++], out);
        }
    }
}

/* Paragraphs, filled; those after the first begin with `between` (".PP"). */
static void write_text(FILE *out, const char *text, const char *between)
{
    size_t column = 0;
    bool bold = false;
    while (*text != 0) {
        const size_t length = strcspn(text, " \n");
        if (column > 0 && column + 1 + length > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        if (column > 0 && length > 0) {
            fputc(' ', out);
            column++;
        } else if (length > 0 && (*text == '.' || *text == '\'')) {
            fputs("\\&", out); /* not a request */
        }
        write_word(out, text, length, &bold);
        column += length;
        text += length;
        if (strncmp(text, "\n\n", 2) == 0) {
            fprintf(out, "\n%s\n", between);
            column = 0;
        }
        text += strspn(text, " \n");
    }
    fputc('\n', out);
}

/* Lines that are typed. */
static void write_lines(FILE *out, const char *text)
{
    fputs(".RS 4\n.EX\n", out);
    while (*text != 0) {
        const size_t length = strcspn(text, "\n");
        const size_t blanks = strspn(text, " ");
        const size_t indent = blanks > 2 ? blanks - 2 : 0; /* of a line that continues another */
        fprintf(out, "%*s", (int)indent, "");
        write_literal(out, text + blanks, length - blanks);
        fputc('\n', out);
        text += length + (text[length] == '\n');
    }
    fputs(".EE\n.RE\n", out);
}

/* ---- Sections -------------------------------------------------------------------------------- */

/* A word of the synopsis: words in capitals stand for something, others are typed. */
static void write_synopsis_word(FILE *out, const char *word, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t end = at;
        while (end < length && strchr("[]|", word[end]) == NULL) {
            end++;
        }
        if (end > at) {
            size_t capitals = at;
            while (capitals < end && islower((unsigned char)word[capitals]) == 0 &&
                   word[capitals] != '-') {
                capitals++;
            }
            fputs(capitals == end ? "\\fI" : "\\fB", out);
            write_literal(out, word + at, end - at);
            fputs("\\fR", out);
        }
        if (end < length) {
            fputc(word[end++], out);
        }
        at = end;
    }
}

static void write_synopsis(FILE *out, const char *usage)
{
    fputs(".SH SYNOPSIS\n", out);
    while (*usage != 0) {
        usage += strspn(usage, " ");
        while (*usage != 0 && *usage != '\n') {
            const size_t length = strcspn(usage, " \n");
            write_synopsis_word(out, usage, length);
            usage += length;
            if (*usage == ' ') {
                fputc(' ', out);
                usage += strspn(usage, " ");
            }
        }
        fputc('\n', out);
        if (*usage == '\n') {
            fputs(".br\n", out);
            usage++;
        }
    }
}

static void write_option(FILE *out, const help_option *described)
{
    fputs(".TP\n", out);
    if (described->letter != 0) {
        fprintf(out, "\\fB\\-%c\\fR, ", described->letter);
    }
    fprintf(out, "\\fB\\-\\-%s", described->negated ? "\\fR[\\fBno\\-\\fR]\\fB" : "");
    write_literal(out, described->name, strlen(described->name));
    fputs("\\fR", out);
    if (described->value[0] != 0) {
        fprintf(out, "%s\\fI", described->value[0] == '[' ? "" : " ");
        write_literal(out, described->value, strlen(described->value));
        fputs("\\fR", out);
    }
    fputc('\n', out);
    write_text(out, described->help, ".IP");
}

static void write_options(FILE *out, const help_page *page)
{
    help_option described;
    char group[32] = "";
    fputs(".SH OPTIONS\nDefaults are in brackets at the end.\n", out);
    for (size_t i = 0; help_option_at(&described, page, i); i++) {
        if (described.group != NULL && group[0] == 0) {
            fputs(".SH SETTINGS\nThese options are also keys of a settings file, with "
                  "underscores in their names.\n",
                  out);
        }
        if (described.group != NULL && strcmp(group, described.group) != 0) {
            snprintf(group, sizeof group, "%s", described.group);
            fprintf(out, ".SS %c%s\n", toupper((unsigned char)group[0]), group + 1);
        }
        write_option(out, &described);
    }
}

/* "nca data get" as the name of its page: "nca-data-get". */
static void write_page_name(FILE *out, const char *name)
{
    for (; *name != 0; name++) {
        fputs(*name == ' ' || *name == '-' ? "\\-" : (char[]){*name, 0}, out);
    }
}

static void write_commands(FILE *out, const command_group *group)
{
    fputs(".SH COMMANDS\nEach command has a page of its own.\n", out);
    for (const command *row = group->commands; row->name != NULL; row++) {
        fputs(".TP\n.BR ", out);
        write_page_name(out, group->name);
        fputs("\\-", out);
        write_page_name(out, row->name);
        fputs(" (1)\n", out);
        write_text(out, row->purpose, ".IP");
    }
    fputs(".SH OPTIONS\n", out);
    if (group->version) {
        fputs(".TP\n\\fB\\-\\-version\\fR\nPrint the version and exit.\n", out);
    }
    fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nPrint the help and exit.\n", out);
    fputs(".TP\n\\fB\\-q\\fR, \\fB\\-\\-quiet\\fR\n"
          "Do not show progress. Every command accepts this option.\n",
          out);
}

typedef struct entry {
    const char *name, *text;
} entry;

static void write_entries(FILE *out, const entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fputs(".TP\n\\fI", out);
        write_literal(out, entries[i].name, strlen(entries[i].name));
        fputs("\\fR\n", out);
        write_text(out, entries[i].text, ".IP");
    }
}

static bool has_option(const help_page *page, const char *name)
{
    help_option described;
    bool found = false;
    for (size_t i = 0; help_option_at(&described, page, i); i++) {
        found |= strcmp(described.name, name) == 0;
    }
    return found;
}

/* The folder of a run on the pages of commands that write or read one, and that of MedMNIST. */
static void write_files(FILE *out, const help_page *page, const command_group *group)
{
    static const entry run[] = {
        {"config.yaml", "Every setting of the run; given to --config it repeats the run."},
        {"metrics.csv", "One row for each iteration."},
        {"validation.csv", "Of a classifier: one row for each validation."},
        {"model.safetensors", "The model."},
        {"checkpoint.safetensors", "From which the training is continued."},
        {"growth.gif, filmstrip.png, comparison.png, loss.png, loss.svg", "Pictures."},
    };
    static const entry sets = {"~/.medmnist", "The files of MedMNIST, unless --root is given."};
    const bool runs =
        group != NULL ? group->version : page->settings || strstr(page->usage, "RUN") != NULL;
    const bool data = group != NULL || has_option(page, "root");
    if (!runs && !data) {
        return;
    }
    fputs(".SH FILES\n", out);
    if (runs) {
        fputs("A run is a folder with these files:\n", out);
        write_entries(out, run, sizeof run / sizeof *run);
    }
    if (data) {
        write_entries(out, &sets, 1);
    }
}

static void write_environment(FILE *out)
{
    static const entry variables[] = {
        {"NCA_KEY", "The key of a page that --bind serves to other machines."},
        {"NO_COLOR", "If it is not empty, pictures in the terminal are drawn with characters."},
        {"TERM, COLORTERM", "What the terminal can show."},
        {"TMPDIR", "The folder for temporary files instead of /tmp."},
    };
    fputs(".SH ENVIRONMENT\n", out);
    write_entries(out, variables, sizeof variables / sizeof *variables);
}

static void write_exit_status(FILE *out, bool trains)
{
    static const entry codes[] = {
        {"0", "Success."},
        {"1", "An error while running, such as a file that cannot be read."},
        {"2", "The command line or the configuration is invalid; nothing was started."},
        {"130, 143, 129", "Stopped by Ctrl-C, SIGTERM or a closed terminal; no incomplete file is "
                          "left, and a training saves its state."},
        {"3", "A training cannot succeed any more."},
    };
    fputs(".SH EXIT STATUS\n", out);
    write_entries(out, codes, sizeof codes / sizeof *codes - !trains);
}

/* Every other page, that of the program first. */
static void write_see_also(FILE *out, const char *name)
{
    fputs(".SH SEE ALSO\n", out);
    const bool root = strcmp(name, all_commands.name) == 0;
    if (!root) {
        fputs(".BR nca (1)", out);
    }
    for (const command *row = all_commands.commands; row->name != NULL; row++) {
        if (strcmp(row->name, name + strcspn(name, " ") + !root) != 0) {
            fputs(root && row == all_commands.commands ? ".BR nca\\-" : ",\n.BR nca\\-", out);
            write_page_name(out, row->name);
            fputs(" (1)", out);
        }
    }
    fputs("\n.PP\nThe manual, with formulas, file formats and measurements, is in the folder\n"
          ".I share/doc/nca\nof the installation.\n",
          out);
}

void write_man_page(FILE *out, const char *name, const char *purpose, const help_page *page,
                    const command_group *group)
{
    fputs(".\\\" Written by the build from the program's tables.\n.TH \"", out);
    for (const char *at = name; *at != 0; at++) {
        fputs(*at == ' ' || *at == '-' ? "\\-" : (char[]){(char)toupper((unsigned char)*at), 0},
              out);
    }
    fprintf(out, "\" 1 %s \"nca %s\" \"User commands\"\n.SH NAME\n", NCA_VERSION_DATE,
            nca_version());
    write_page_name(out, name);
    char summary[128];
    snprintf(summary, sizeof summary, "%c%.*s", tolower((unsigned char)purpose[0]),
             (int)strlen(purpose) - 2, purpose + 1);
    fputs(" \\-\n", out);
    write_text(out, summary, ".PP");
    if (group != NULL) {
        char usage[128];
        snprintf(usage, sizeof usage, "%s COMMAND [ARGUMENTS]", group->name);
        write_synopsis(out, usage);
    } else {
        write_synopsis(out, page->usage);
    }
    fputs(".SH DESCRIPTION\n", out);
    write_text(out, group != NULL ? group->purpose : page->purpose, ".PP");
    if (group != NULL) {
        write_commands(out, group);
    } else {
        write_options(out, page);
    }
    write_files(out, page, group);
    if (group != NULL && group->version) {
        write_environment(out);
    }
    write_exit_status(out, group != NULL ? group->version : page->settings);
    fputs(".SH EXAMPLES\n", out);
    write_lines(out, group != NULL ? group->examples : page->examples);
    write_see_also(out, name);
}
