/*
 * defang: the ways to write an observable so that nobody follows it, "hxxp://evil[.]example/",
 * and the way back.
 */
#ifndef MALLA_WIRE_DEFANG_H
#define MALLA_WIRE_DEFANG_H

#include "wire/observable.h"

/* Without the blanks, no-break spaces and byte order marks around it; borrowed from text. */
struct bytes_view defang_trim(struct bytes_view text);
/* Append the text, trimmed and with its defanging undone as far as the type allows, which is
   not yet the canonical form.  ERR_TOO_LARGE: that has more than OBSERVABLE_BYTES_MAX. */
MUST_CHECK enum err defang_undo(
    enum observable_type type, struct bytes_view text, struct bytes *out);

/* Append a domain or an address with every dot and colon in brackets. */
void defang_host(struct bytes_view host, struct bytes *out);
/* Append a canonical url with its scheme and its host defanged. */
void defang_url(struct bytes_view url, struct bytes *out);

#endif
