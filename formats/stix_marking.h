/*
 * stix_marking: the TLP label of a STIX object, by the ids of TLP 1 and TLP 2 or by the
 * definitions that come along.  Sources: STIX 2.1 section 7.2.1.4; the TLP 2.0 extension.
 */
#ifndef MALLA_FORMATS_STIX_MARKING_H
#define MALLA_FORMATS_STIX_MARKING_H

#include "formats/draft.h"
#include <jansson.h>

/* The marking definitions among a bundle's objects, by id, for stix_marking_take; to be
   released with json_decref.  NULL: out of memory. */
json_t *stix_marking_index(const json_t *objects);
/* Give the draft being built the strictest of the object's labels, granular ones included.  A
   marking that cannot be told fails the draft where the user gave no label; where one was
   given the stricter of it and what was found stands, and the note warns. */
void stix_marking_take(struct drafts *drafts, const json_t *object, const json_t *index);
/* Whether a marking-definition is one of TLP. */
bool stix_marking_is_tlp(const json_t *definition);

#endif
