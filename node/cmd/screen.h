/* screen.h: a terminal that only shows.
 *
 * Titles, names and messages come from packages, files and other nodes, and what a terminal reads as an order to it (C0, DEL, C1, marks that turn the
 * direction of a line) may stand in any of them. So whatever a command prints to a terminal passes here, wherever the command took it from; files and pipes
 * get the bytes as they are. What is laid out in lines (tables, errors, the journal) is made fit by itself, for those too. */
#ifndef QANAT_NODE_CMD_SCREEN_H
#define QANAT_NODE_CMD_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

/* The stream to print to instead of `under`: `under` itself when that is no terminal. Of what steers one only the characters of `kept` pass, a text that
 * lives as long as the stream. Errors of `under` are those of the stream. */
FILE *screen_open(FILE *under, const char *kept);

/* The same for a file that is held for a terminal: for tests. */
FILE *screen_over(FILE *under, const char *kept);

/* Sends on what is left and frees `screen`, unless it is `under`; errno and false when that fails. `under` stays open. */
bool screen_close(FILE *screen, FILE *under);

/* How many columns the terminal that `under` is has; 0: it is none. */
size_t screen_columns(FILE *under);

/* One line of foreign text, or a part of it: without line breaks and whatever else is no text to show. For files and pipes too. NULL prints nothing. */
void screen_line(FILE *out, const char *text);

#endif
