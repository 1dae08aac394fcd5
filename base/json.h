/*
 * json: a streaming writer of one JSON document (RFC 8259), in constant memory.
 */
#ifndef MALLA_BASE_JSON_H
#define MALLA_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"

#define JSON_DEPTH_MAX 16u

struct json {
	FILE *out;
	uint32_t depth;
	bool has_member[JSON_DEPTH_MAX + 1]; /* a comma is due before the next one */
	bool after_name;
};

/* The caller closes every object and array it opened (asserted by json_close). */
void json_open(struct json *json, FILE *out);
/* Ends the document with a line feed. */
void json_close(struct json *json);
void json_object(struct json *json);
void json_object_end(struct json *json);
void json_array(struct json *json);
void json_array_end(struct json *json);
/* The name of the next value in an object. */
void json_name(struct json *json, const char *name);
/* Invalid UTF-8 is replaced by U+FFFD; controls (C0, DEL, C1), U+2028 and U+2029 are escaped. */
void json_text(struct json *json, struct bytes_view text);
void json_string(struct json *json, const char *text);
void json_number(struct json *json, uint64_t number);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
/* Lower-case hexadecimal, as a string. */
void json_hex(struct json *json, const void *data, size_t len);
/* RFC 3339 with milliseconds; null for 0. */
void json_time(struct json *json, uint64_t time_ms);

#endif
