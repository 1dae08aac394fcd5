/*
 * json_out: a streaming writer of one JSON document (RFC 8259), in constant memory.
 */
#ifndef MALLA_BASE_JSON_OUT_H
#define MALLA_BASE_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"

#define JSON_DEPTH_MAX 16u

struct json_out {
	FILE *out;
	uint32_t depth;
	bool has_member[JSON_DEPTH_MAX + 1]; /* a comma is due before the next one */
	bool after_name;
};

/* The caller closes every object and array it opened (asserted by json_out_close). */
void json_out_open(struct json_out *json, FILE *out);
/* Ends the document with a line feed. */
void json_out_close(struct json_out *json);
void json_out_object(struct json_out *json);
void json_out_object_end(struct json_out *json);
void json_out_array(struct json_out *json);
void json_out_array_end(struct json_out *json);
/* The name of the next value in an object. */
void json_out_name(struct json_out *json, const char *name);
/* Invalid UTF-8 is replaced by U+FFFD; controls (C0, DEL, C1), U+2028 and U+2029 are escaped. */
void json_out_text(struct json_out *json, struct bytes_view text);
void json_out_string(struct json_out *json, const char *text);
void json_out_number(struct json_out *json, uint64_t number);
void json_out_bool(struct json_out *json, bool value);
void json_out_null(struct json_out *json);
/* Lower-case hexadecimal, as a string. */
void json_out_hex(struct json_out *json, const void *data, size_t len);
/* RFC 3339 with milliseconds; null for 0. */
void json_out_time(struct json_out *json, uint64_t time_ms);

#endif
