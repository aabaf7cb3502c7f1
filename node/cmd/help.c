#include "node/cmd/help.h"

#include <string.h>

void help_print(FILE *out)
{
    const struct command *command;

    fputs("qanat: a sync node for learning centres: courses and results travel when a link does.\n\n"
          "usage: qanat COMMAND --dir D [options]      (or set QANAT_DIR instead of --dir)\n\n",
          out);
    for (size_t i = 0; (command = command_at(i)); i++) {
        fprintf(out, "  %-20s %s\n", command->name, command->summary);
    }
    fputs("\nEvery command takes --json (one document on stdout), --set name=value (an option of qanat.conf for this call) and --help.\n"
          "Exit: 0 done, 1 a problem was found, 2 usage, 69 peer out of reach, 73 no space, 75 try again.\n",
          out);
}

bool help_print_noun(FILE *out, const char *noun)
{
    const struct command *command;
    size_t size = strlen(noun);
    bool is_known = false;

    for (size_t i = 0; (command = command_at(i)); i++) {
        if (strncmp(command->name, noun, size) == 0 && command->name[size] == ' ') {
            if (!is_known) {
                fprintf(out, "usage: qanat %s VERB --dir D [options]      (qanat %s VERB --help teaches one)\n\n", noun, noun);
            }
            fprintf(out, "  %-20s %s\n", command->name, command->summary);
            is_known = true;
        }
    }
    return is_known;
}

void help_print_command(FILE *out, const struct command *command)
{
    fprintf(out, "qanat %s: %s\n\nusage: qanat %s%s %s\n", command->name, command->summary, command->name,
            command->needs == NEEDS_NOTHING ? "" : " --dir D", command->arguments);
    if (command->help) {
        fprintf(out, "\n%s\n", command->help);
    }
}
