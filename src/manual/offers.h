/* What a shell can offer while a command is typed: the commands with their own options, and for
 * each option the kind of its value. */
#ifndef NCA_MANUAL_OFFERS_H
#define NCA_MANUAL_OFFERS_H

#include "cli/commands.h"

/* A command that runs, with its full name: "train", "data get". */
typedef struct offered_command {
    char name[64];
    const command *command;
} offered_command;

/* The index-th command, those of groups included; false beyond the last one. */
bool offered_command_at(offered_command *out, size_t index);

typedef enum offer {
    OFFER_NO_VALUE, /* the option takes none, or only one after '=' */
    OFFER_NOTHING,  /* a number or a text that nobody can guess */
    OFFER_WORDS,    /* one of a fixed list */
    OFFER_FILES,
    OFFER_FOLDERS
} offer;

enum {
    OFFERED_SIZE = 1024 /* bytes of the words for one option, separated by blanks */
};

/* What to offer as the value of an option; its words, or "", go to out_words. */
offer offer_value(char out_words[OFFERED_SIZE], const help_option *described);
/* The same for the arguments without a name: the names of the sets for a command that takes a SET,
 * otherwise files. */
offer offer_argument(char out_words[OFFERED_SIZE], const help_page *page);

/* The first clause of an option's help, for a list of options. */
void offer_summary(char *out, size_t size, const char *help);

#endif
