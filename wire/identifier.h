/*
 * identifier: hashes, file names and numbers that registries give out, and their one spelling.
 */
#ifndef MALLA_WIRE_IDENTIFIER_H
#define MALLA_WIRE_IDENTIFIER_H

#include <stdbool.h>

#include "wire/observable.h"

/* The hexadecimal digits of a hash of this type; 0: it is no type of hash. */
size_t identifier_hash_digits(enum observable_type type);
/* Whether value is what identifier_parse_hash would write. */
bool identifier_check_hash(enum observable_type type, struct bytes_view value);

/* Each appends the canonical spelling of text; ERR_VALUE: it is not one.  No blanks, no
   defanging: that is observable_parse's.  What was appended before a failure stays. */
MUST_CHECK enum err identifier_parse_hash(
    enum observable_type type, struct bytes_view text, struct bytes *out);
/* 1 to 255 bytes of UTF-8 without controls, slash and backslash; neither "." nor "..". */
MUST_CHECK enum err identifier_parse_filename(struct bytes_view text, struct bytes *out);
/* A number of 32 bits without leading zeros, with AS or ASN before it or not. */
MUST_CHECK enum err identifier_parse_asn(struct bytes_view text, struct bytes *out);
/* CVE, a year from 1999 to 2999, and 4 to 19 digits. */
MUST_CHECK enum err identifier_parse_cve(struct bytes_view text, struct bytes *out);

#endif
