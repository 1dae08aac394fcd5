/*
 * domain: host names and mailboxes, and their one spelling.
 *
 * Names of other scripts become A-labels: IDNA2008, mapped as UTS 46 non-transitional.
 * RFC 1035, 5321, 5890
 */
#ifndef MALLA_WIRE_DOMAIN_H
#define MALLA_WIRE_DOMAIN_H

#include <stdbool.h>

#include "base/bytes.h"

#define DOMAIN_BYTES_MAX 253u
#define DOMAIN_LABEL_MAX 63u
#define DOMAIN_LOCAL_MAX 64u /* what stands before the @ of a mailbox */

/* Each appends the canonical spelling of text; ERR_VALUE: it is not one.  No blanks, no
   defanging: that is observable_parse's.  What was appended before a failure stays. */
/* At least two labels of letters, digits, '-' and '_', the last not all digits; a final dot
   is dropped. */
MUST_CHECK enum err domain_parse(struct bytes_view text, struct bytes *out);
/* LOCAL@DOMAIN, where the local part is an RFC 5321 dot-string, in lower case. */
MUST_CHECK enum err domain_parse_email(struct bytes_view text, struct bytes *out);

/* Whether value is what domain_parse would write.  Allocates only if there is an A-label. */
bool domain_check(struct bytes_view value);

#endif
