#include "base/json_out.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"

void
json_out_open(struct json_out *json, FILE *out)
{
	*json = (struct json_out){.out = out};
}

void
json_out_close(struct json_out *json)
{
	assert(json->depth == 0);
	fputc('\n', json->out);
}

/* A comma and, inside something, a new line before the next value. */
static void
before_value(struct json_out *json)
{
	if (json->after_name) {
		json->after_name = false;
		return;
	}
	if (json->has_member[json->depth])
		fputc(',', json->out);
	if (json->depth > 0)
		fprintf(json->out, "\n%*s", (int)json->depth, "");
	json->has_member[json->depth] = true;
}

static void
enter(struct json_out *json, char bracket)
{
	before_value(json);
	fputc(bracket, json->out);
	assert(json->depth < JSON_DEPTH_MAX);
	json->has_member[++json->depth] = false;
}

static void
leave(struct json_out *json, char bracket)
{
	assert(json->depth > 0);
	json->depth--;
	if (json->has_member[json->depth + 1])
		fprintf(json->out, "\n%*s", (int)json->depth, "");
	fputc(bracket, json->out);
}

void
json_out_object(struct json_out *json)
{
	enter(json, '{');
}

void
json_out_object_end(struct json_out *json)
{
	leave(json, '}');
}

void
json_out_array(struct json_out *json)
{
	enter(json, '[');
}

void
json_out_array_end(struct json_out *json)
{
	leave(json, ']');
}

/* The length of the well-formed UTF-8 sequence at `at`, 0 if it is none. */
static size_t
sequence(const uint8_t *at, size_t len)
{
	size_t need, i;

	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	need = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	if (len < need)
		return 0;
	for (i = 1; i < need; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return need;
}

/* Whether the character at `at` stands for itself inside a string. */
static bool
is_plain(const uint8_t *at, size_t len)
{
	if (len == 1)
		return *at >= 0x20 && *at != '"' && *at != '\\' && *at != 0x7f;
	/* C1 controls, and the two line ends that JavaScript takes for its own */
	return !(len == 2 && at[0] == 0xc2 && at[1] < 0xa0) &&
	       !(len == 3 && at[0] == 0xe2 && at[1] == 0x80 && (at[2] & 0xfe) == 0xa8);
}

static void
write_escaped(struct json_out *json, const uint8_t *at, size_t len)
{
	if (len == 0)
		fputs("\xef\xbf\xbd", json->out);
	else if (*at == '"' || *at == '\\')
		fprintf(json->out, "\\%c", *at);
	else if (*at == '\n')
		fputs("\\n", json->out);
	else if (*at == '\t')
		fputs("\\t", json->out);
	else if (len == 3)
		fprintf(json->out, "\\u202%c", at[2] == 0xa8 ? '8' : '9');
	else
		fprintf(json->out, "\\u%04x", len == 2 ? at[1] : *at);
}

/* What needs no escaping is written in one piece. */
static void
write_string(struct json_out *json, struct bytes_view text)
{
	size_t start = 0, i = 0, len;

	fputc('"', json->out);
	while (i < text.len) {
		len = sequence(text.data + i, text.len - i);
		if (len == 0 || !is_plain(text.data + i, len)) {
			(void)fwrite(text.data + start, 1, i - start, json->out);
			write_escaped(json, text.data + i, len);
			start = i + (len == 0 ? 1 : len);
		}
		i += len == 0 ? 1 : len;
	}
	if (i > start)
		(void)fwrite(text.data + start, 1, i - start, json->out);
	fputc('"', json->out);
}

void
json_out_name(struct json_out *json, const char *name)
{
	before_value(json);
	write_string(json, bytes_view_str(name));
	fputs(": ", json->out);
	json->after_name = true;
}

void
json_out_text(struct json_out *json, struct bytes_view text)
{
	before_value(json);
	write_string(json, text);
}

void
json_out_string(struct json_out *json, const char *text)
{
	json_out_text(json, bytes_view_str(text));
}

void
json_out_number(struct json_out *json, uint64_t number)
{
	before_value(json);
	fprintf(json->out, "%llu", (unsigned long long)number);
}

void
json_out_bool(struct json_out *json, bool value)
{
	before_value(json);
	fputs(value ? "true" : "false", json->out);
}

void
json_out_null(struct json_out *json)
{
	before_value(json);
	fputs("null", json->out);
}

void
json_out_hex(struct json_out *json, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	size_t i;

	before_value(json);
	fputc('"', json->out);
	for (i = 0; i < len; i++)
		fprintf(json->out, "%02x", bytes[i]);
	fputc('"', json->out);
}

void
json_out_time(struct json_out *json, uint64_t time_ms)
{
	char text[CLOCK_TEXT_BYTES];

	if (time_ms == 0) {
		json_out_null(json);
		return;
	}
	clock_format(time_ms, text);
	json_out_string(json, text);
}
