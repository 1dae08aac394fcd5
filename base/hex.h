/*
 * hex: bytes as lower-case hexadecimal digits and back.
 */
#ifndef MALLA_BASE_HEX_H
#define MALLA_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Write 2 * len digits and a NUL to text, which the caller owns and made large enough. */
void hex_encode(const uint8_t *data, size_t len, char *text);
/* Read exactly 2 * len digits of either case from text; nothing may follow.
   ERR_VALUE leaves *data undefined. */
MUST_CHECK enum err hex_decode(const char *text, uint8_t *data, size_t len);

#endif
