/*
 * stix: STIX 2.1 bundles (and 2.0's, as far as they are alike) to drafts.
 *
 *     indicator          indicator: observables where its pattern is simple; else it is kept,
 *                        with the pattern and no observables
 *     note               note: abstract and content
 *     report             note: name and description, its report_types as labels
 *     marking-definition nothing of its own to share where it is one of TLP
 *     everything else    kept: a note that carries the object as it is; so is what was revoked
 *     the bundle itself  kept where it holds more than objects
 *
 * Every draft carries its own object's JSON, compact, keys in their order.  Labels: TLP 1 and
 * TLP 2, by their ids or by the definitions in the bundle; the strictest of several stands;
 * one that cannot be told is refused unless the user gives a label.  A list of objects, one
 * object, and the envelope of TAXII are read like a bundle.  Sources: STIX 2.1, TLP 2.0
 * extension.
 */
#ifndef MALLA_FORMATS_STIX_H
#define MALLA_FORMATS_STIX_H

#include <stdio.h>

#include "formats/draft.h"

#define STIX_BYTES_MAX (64u << 20)

/* One document.  ERR_FORMAT: not JSON, or no STIX; the note says the line.  ERR_TOO_LARGE. */
MUST_CHECK enum err stix_read(FILE *file, struct drafts *drafts);
/* The same from memory. */
MUST_CHECK enum err stix_read_bytes(struct bytes_view document, struct drafts *drafts);

#endif
