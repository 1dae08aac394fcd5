/*
 * warninglist: MISP's warning lists: values that are known to be no evidence by themselves.
 *
 * {"type": "string|substring|hostname|cidr", "list": [text, ...], ...}; other keys are left alone.
 * Lists of regular expressions are refused: a policy has globs.
 */
#ifndef MALLA_FORMATS_WARNINGLIST_H
#define MALLA_FORMATS_WARNINGLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum warninglist_kind {
	WARNINGLIST_EQUAL,   /* this value */
	WARNINGLIST_PART,    /* whatever has it in it */
	WARNINGLIST_HOST,    /* this host, and what is below it; it may have a leading dot */
	WARNINGLIST_NETWORK, /* an address or a network */
};

typedef enum err (*warninglist_fn)(
    void *context, enum warninglist_kind kind, struct bytes_view value);
/* Whether the text is JSON rather than a value a line: it begins with a brace. */
bool warninglist_is(struct bytes_view text);
/* Each value in order; a failure of each ends it and is passed on.  ERR_FORMAT, with words: not such
   a list; ERR_MEMORY. */
MUST_CHECK enum err warninglist_read(struct bytes_view text, warninglist_fn each, void *context,
    char *words, size_t words_size);

#endif
