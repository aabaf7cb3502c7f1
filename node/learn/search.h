/* search.h: folds texts of any script for the full-text index, and words of a person for a query.
 *
 * The index's own tokenizer (FTS5 unicode61) knows letters, case and Latin accents. It does not know scripts that write no spaces, nor how Arabic
 * is written in more ways than one. So before indexing and before asking
 *   - each character of Chinese, Japanese, Thai, Lao, Khmer and Burmese becomes a word of its own; a run of them asks for a phrase,
 *   - Arabic loses its vowel marks and tatweel; the forms of alef, yeh, teh marbuta and the Persian kaf and yeh become one letter each. */
#ifndef QANAT_NODE_LEARN_SEARCH_H
#define QANAT_NODE_LEARN_SEARCH_H

#include "replication/base/bytes.h"

enum { SEARCH_WORDS_MAX = 16 }; /* of one query; further ones are ignored */

/* Appends the folded text and a space. Bytes that are no UTF-8 separate. */
void search_fold(struct bytes text, struct buffer *out);

/* Makes an FTS5 query that finds texts with all words, each as the beginning of one; nothing in `out` when there is no word. */
void search_query(struct bytes words, struct buffer *out);

#endif
