/*
 * clock: the time, as milliseconds since 1970-01-01T00:00:00Z, and its RFC 3339 form.
 *
 * The core never reads a clock: its caller hands it `now`.  Only programs call clock_now_ms.
 */
#ifndef MALLA_BASE_CLOCK_H
#define MALLA_BASE_CLOCK_H

#include <stdint.h>

#include "base/err.h"

#define CLOCK_TEXT_BYTES 25 /* "2026-11-23T15:00:00.000Z" and a NUL */

uint64_t clock_now_ms(void);
/* Milliseconds that only ever rise, from an arbitrary start: for timeouts. */
uint64_t clock_steady_ms(void);
/* UTC with milliseconds.  text has CLOCK_TEXT_BYTES. */
void clock_format(uint64_t time_ms, char *text);
/* "2026-11-23", "2026-11-23T15:00:00Z" or with up to nine fraction digits (cut to
   milliseconds), or with an offset such as +01:00.  Impossible dates are ERR_VALUE. */
MUST_CHECK enum err clock_parse(const char *text, uint64_t *time_ms);

#endif
