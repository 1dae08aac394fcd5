/*
 * value: one cell or line of foreign text to observables, by what it is said to be and, where
 * that leaves room, by what it looks like.
 */
#ifndef MALLA_FORMATS_VALUE_H
#define MALLA_FORMATS_VALUE_H

#include "formats/draft.h"

/* Among what a value may be told by its form. */
enum value_family { VALUE_AS_NAMED, VALUE_HASH, VALUE_NETWORK, VALUE_ANY };

/* What a value is said to be.  With a type of 0 the family alone says. */
struct value_kind {
	enum observable_type type;
	enum value_family family;
};

/* "sha256", "IP address", "ip:port", "file" … as feeds name them, in any case, with blanks or
   - or _ between words; empty is anything.  False: something that no observable is. */
bool value_kind_parse(struct bytes_view name, struct value_kind *kind);
/* Exactly this type; 0: told by the form. */
struct value_kind value_kind_of(enum observable_type type);
/* Add what the text holds to the draft being built: one value; an address or a name with a
   port, which is left to *port (empty: none); several hashes of one file.  False: none. */
bool value_take(
    struct drafts *drafts, struct value_kind kind, struct bytes_view text, struct bytes_view *port);

#endif
