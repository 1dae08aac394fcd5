/*
 * detect: which format a file is, by what it begins with, then by its name.
 */
#ifndef MALLA_FORMATS_DETECT_H
#define MALLA_FORMATS_DETECT_H

#include <stdbool.h>

#include "base/bytes.h"

enum format { FORMAT_STIX, FORMAT_CSV, FORMAT_LIST, FORMAT_MARKDOWN };

/* `start`: the first few KiB of the file; name may be NULL. */
enum format detect_format(struct bytes_view start, const char *name);
const char *detect_name(enum format format); /* "stix", "csv", "list", "markdown" */
bool detect_parse(const char *name, enum format *format);

#endif
