#include "wire/identifier.h"

#include <string.h>

#include "wire/reader.h"

#define FILENAME_BYTES_MAX 255u
#define ASN_DIGITS_MAX 10u
#define ASN_MAX 0xffffffffull
#define CVE_DIGITS_MIN 4u
#define CVE_DIGITS_MAX 19u

static uint8_t
lower(uint8_t letter)
{
	return letter >= 'A' && letter <= 'Z' ? (uint8_t)(letter | 0x20) : letter;
}

static bool
is_digit(uint8_t letter)
{
	return letter >= '0' && letter <= '9';
}

/* Whether text begins with `word`, which is in lower case. */
static bool
begins_with(struct bytes_view text, const char *word)
{
	size_t i;

	for (i = 0; word[i] != '\0'; i++) {
		if (i == text.len || lower(text.data[i]) != (uint8_t)word[i])
			return false;
	}
	return true;
}

size_t
identifier_hash_digits(enum observable_type type)
{
	if (type == OBSERVABLE_MD5)
		return 32;
	if (type == OBSERVABLE_SHA1)
		return 40;
	if (type == OBSERVABLE_SHA256)
		return 64;
	return type == OBSERVABLE_SHA512 ? 128 : 0;
}

bool
identifier_check_hash(enum observable_type type, struct bytes_view value)
{
	size_t i;

	if (value.len != identifier_hash_digits(type))
		return false;
	for (i = 0; i < value.len; i++) {
		if (!is_digit(value.data[i]) && (value.data[i] < 'a' || value.data[i] > 'f'))
			return false;
	}
	return true;
}

enum err
identifier_parse_hash(enum observable_type type, struct bytes_view text, struct bytes *out)
{
	size_t start = out->len, i;

	if (text.len != identifier_hash_digits(type))
		return ERR_VALUE;
	for (i = 0; i < text.len; i++)
		bytes_append_u8(out, lower(text.data[i]));
	if (out->err != ERR_NONE)
		return out->err;
	if (!identifier_check_hash(type, bytes_view_of(out->data + start, text.len)))
		return ERR_VALUE;
	return ERR_NONE;
}

enum err
identifier_parse_filename(struct bytes_view text, struct bytes *out)
{
	size_t i;

	if (text.len == 0 || text.len > FILENAME_BYTES_MAX || !reader_is_text(text, READER_LINE) ||
	    bytes_view_is_equal(text, bytes_view_str(".")) ||
	    bytes_view_is_equal(text, bytes_view_str("..")))
		return ERR_VALUE;
	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '/' || text.data[i] == '\\')
			return ERR_VALUE;
	}
	bytes_append(out, text.data, text.len);
	return out->err;
}

enum err
identifier_parse_asn(struct bytes_view text, struct bytes *out)
{
	size_t start = begins_with(text, "asn") ? 3 : begins_with(text, "as") ? 2 : 0, i;
	uint64_t number = 0;

	if (text.len == start || text.len - start > ASN_DIGITS_MAX ||
	    (text.data[start] == '0' && text.len - start > 1))
		return ERR_VALUE;
	for (i = start; i < text.len; i++) {
		if (!is_digit(text.data[i]))
			return ERR_VALUE;
		number = number * 10 + (uint64_t)(text.data[i] - '0');
	}
	if (number > ASN_MAX)
		return ERR_VALUE;
	bytes_append(out, "AS", 2);
	bytes_append(out, text.data + start, text.len - start);
	return out->err;
}

enum err
identifier_parse_cve(struct bytes_view text, struct bytes *out)
{
	const size_t year = sizeof("CVE-") - 1, number = sizeof("CVE-2026-") - 1;
	size_t i;

	if (!begins_with(text, "cve-") || text.len < number + CVE_DIGITS_MIN ||
	    text.len > number + CVE_DIGITS_MAX || text.data[number - 1] != '-')
		return ERR_VALUE;
	for (i = year; i < text.len; i++) {
		if (i != number - 1 && !is_digit(text.data[i]))
			return ERR_VALUE;
	}
	if (text.data[year] != '2' && memcmp(text.data + year, "1999", 4) != 0)
		return ERR_VALUE;
	bytes_append(out, "CVE-", year);
	bytes_append(out, text.data + year, text.len - year);
	return out->err;
}
