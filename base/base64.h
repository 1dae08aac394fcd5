/*
 * base64: bytes as the letters of RFC 4648 section 4 and back, without line breaks.
 */
#ifndef MALLA_BASE_BASE64_H
#define MALLA_BASE_BASE64_H

#include "base/bytes.h"

/* Append the letters of `in`, padded with '=' to a multiple of four. */
MUST_CHECK enum err base64_encode(struct bytes_view in, struct bytes *out);
/* Append the bytes that the letters stand for.  Strict: a multiple of four letters, '=' only
   as the padding at the end, its unused bits zero (so that one text stands for one value),
   nothing else, blanks included.  ERR_VALUE leaves `out` as it was. */
MUST_CHECK enum err base64_decode(struct bytes_view text, struct bytes *out);

#endif
