#include "wire/observable.h"

#include <string.h>

#include "wire/account.h"
#include "wire/address.h"
#include "wire/domain.h"
#include "wire/reader.h"
#include "wire/url.h"

#define FILENAME_BYTES_MAX 255u
#define ASN_DIGITS_MAX 10u
#define ASN_MAX 0xffffffffull
#define CVE_DIGITS_MIN 4u
#define CVE_DIGITS_MAX 19u
#define ALIAS_BYTES_MAX 18u

struct alias {
	const char *name;
	enum observable_type type;
};

/* The names that other formats and people use; the types' own names come first. */
static const struct alias aliases[] = {
#define ALIAS_ROW(symbol, code, name, personal) {name, symbol},
    OBSERVABLE_TABLE(ALIAS_ROW)
#undef ALIAS_ROW
    {"ipv4-addr", OBSERVABLE_IPV4},
    {"ipv6-addr", OBSERVABLE_IPV6},
    {"network", OBSERVABLE_CIDR},
    {"subnet", OBSERVABLE_CIDR},
    {"netblock", OBSERVABLE_CIDR},
    {"domain-name", OBSERVABLE_DOMAIN},
    {"hostname", OBSERVABLE_DOMAIN},
    {"fqdn", OBSERVABLE_DOMAIN},
    {"host", OBSERVABLE_DOMAIN},
    {"uri", OBSERVABLE_URL},
    {"link", OBSERVABLE_URL},
    {"mail", OBSERVABLE_EMAIL},
    {"e-mail", OBSERVABLE_EMAIL},
    {"email-addr", OBSERVABLE_EMAIL},
    {"email-src", OBSERVABLE_EMAIL},
    {"email-dst", OBSERVABLE_EMAIL},
    {"md-5", OBSERVABLE_MD5},
    {"sha-1", OBSERVABLE_SHA1},
    {"sha-256", OBSERVABLE_SHA256},
    {"sha-512", OBSERVABLE_SHA512},
    {"file-name", OBSERVABLE_FILENAME},
    {"file", OBSERVABLE_FILENAME},
    {"autonomous-system", OBSERVABLE_ASN},
    {"as", OBSERVABLE_ASN},
    {"tel", OBSERVABLE_PHONE},
    {"telephone", OBSERVABLE_PHONE},
    {"phone-number", OBSERVABLE_PHONE},
    {"pan", OBSERVABLE_CARD},
    {"credit-card", OBSERVABLE_CARD},
    {"vulnerability", OBSERVABLE_CVE},
};

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

/* ---------------------------------------------------------------- types */

const char *
observable_type_name(enum observable_type type)
{
	switch (type) {
#define NAME_CASE(symbol, code, name, personal) \
	case symbol: \
		return name;
		OBSERVABLE_TABLE(NAME_CASE)
#undef NAME_CASE
	}
	return "?";
}

bool
observable_type_parse(struct bytes_view name, enum observable_type *type)
{
	size_t i;

	if (name.len > ALIAS_BYTES_MAX)
		return false;
	for (i = 0; i < sizeof(aliases) / sizeof(*aliases); i++) {
		if (strlen(aliases[i].name) == name.len && begins_with(name, aliases[i].name)) {
			*type = aliases[i].type;
			return true;
		}
	}
	return false;
}

bool
observable_type_is_known(uint64_t code)
{
	return code >= 1 && code <= OBSERVABLE_TYPE_MAX;
}

bool
observable_is_personal(enum observable_type type)
{
	switch (type) {
#define PERSONAL_CASE(symbol, code, name, personal) \
	case symbol: \
		return personal;
		OBSERVABLE_TABLE(PERSONAL_CASE)
#undef PERSONAL_CASE
	}
	return false;
}

/* ---------------------------------------------------------------- what people type */

/* A way to write a character so that nobody follows the link. */
struct fang {
	const char *fanged; /* ends in the character that completes it */
	char plain[4];
	bool is_in_path; /* undone also behind the host of a url, where brackets may be meant */
	bool is_in_name; /* undone also in a filename */
};

static const struct fang fangs[] = {
    {"[.]", ".", true, true},
    {"[dot]", ".", true, true},
    {"(.)", ".", false, false},
    {"{.}", ".", true, false},
    {"(dot)", ".", false, false},
    {" dot ", ".", false, false},
    {"\\.", ".", true, false},
    {"[at]", "@", true, false},
    {"(at)", "@", false, false},
    {" at ", "@", false, false},
    {"[@]", "@", true, false},
    {"[:]", ":", true, false},
    {"[://]", "://", true, false},
};

static const struct {
	const char *fanged;
	const char *plain;
} schemes[] = {{"hxxp://", "http"}, {"hxxps://", "https"}, {"fxp://", "ftp"}, {"fxps://", "ftps"}};

/* The bytes of the blank at the start or the end of text; 0: none. */
static size_t
blank_len(struct bytes_view text, bool is_end)
{
	static const char *const wide[] = {"\xef\xbb\xbf", "\xc2\xa0"};
	size_t i, len;
	uint8_t letter;

	if (text.len == 0)
		return 0;
	letter = text.data[is_end ? text.len - 1 : 0];
	if (letter == ' ' || (letter >= '\t' && letter <= '\r'))
		return 1;
	for (i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
		len = strlen(wide[i]);
		if (text.len >= len &&
		    memcmp(text.data + (is_end ? text.len - len : 0), wide[i], len) == 0)
			return len;
	}
	return 0;
}

static struct bytes_view
trim(struct bytes_view text)
{
	size_t len;

	while ((len = blank_len(text, false)) > 0)
		text = bytes_view_of(text.data + len, text.len - len);
	while ((len = blank_len(text, true)) > 0)
		text.len -= len;
	return text;
}

static bool
ends_with(const struct bytes *text, const char *word, size_t word_len)
{
	return text->len >= word_len &&
	       begins_with(bytes_view_of(text->data + text->len - word_len, word_len), word);
}

/* Undo the defanging that the text ends with.  False: there is none. */
static bool
refang_end(struct bytes *text, enum observable_type type, bool is_in_path)
{
	size_t i, len;

	for (i = 0; i < sizeof(fangs) / sizeof(*fangs); i++) {
		if ((is_in_path && !fangs[i].is_in_path) ||
		    (type == OBSERVABLE_FILENAME && !fangs[i].is_in_name))
			continue;
		len = strlen(fangs[i].fanged);
		if (!ends_with(text, fangs[i].fanged, len))
			continue;
		text->len -= len;
		bytes_append(text, fangs[i].plain, strlen(fangs[i].plain));
		return true;
	}
	return false;
}

/* "hxxp" to "http", which is done last: a defanged "://" is one by then. */
static void
refang_scheme(struct bytes_view text, struct bytes *out)
{
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (begins_with(text, schemes[i].fanged)) {
			bytes_append(out, schemes[i].plain, strlen(schemes[i].plain));
			text.data += strlen(schemes[i].plain);
			text.len -= strlen(schemes[i].plain);
			break;
		}
	}
	bytes_append(out, text.data, text.len);
}

/* The text without defanging, trimmed.  It is undone at the end of what has been read so
   far, again and again, so that nothing defanged is left: what is canonical is a fixed
   point, as observable_check needs. */
static enum err
refang(enum observable_type type, struct bytes_view text, struct bytes *out)
{
	uint8_t room[OBSERVABLE_BYTES_MAX];
	struct bytes plain = {.data = room, .cap = sizeof(room), .cap_max = sizeof(room)};
	size_t i, scheme_end = 0;
	bool is_in_path = false;
	uint8_t letter;

	text = trim(text);
	for (i = 0; i < text.len && plain.err == ERR_NONE; i++) {
		letter = text.data[i];
		bytes_append_u8(&plain, letter);
		if (letter == ']' || letter == ')' || letter == '}' || letter == '.' ||
		    letter == ' ') {
			while (refang_end(&plain, type, is_in_path))
				continue;
		}
		if (scheme_end == 0 && ends_with(&plain, "://", 3))
			scheme_end = plain.len;
		else if (scheme_end > 0 && plain.len > scheme_end &&
			 (letter == '/' || letter == '?' || letter == '#'))
			is_in_path = true;
	}
	if (plain.err != ERR_NONE)
		return plain.err;
	if (type == OBSERVABLE_URL)
		refang_scheme(bytes_as_view(&plain), out);
	else
		bytes_append(out, plain.data, plain.len);
	return out->err;
}

/* ---------------------------------------------------------------- canonical forms */

/* 0: not a hash. */
static size_t
hash_digits(enum observable_type type)
{
	if (type == OBSERVABLE_MD5)
		return 32;
	if (type == OBSERVABLE_SHA1)
		return 40;
	if (type == OBSERVABLE_SHA256)
		return 64;
	return type == OBSERVABLE_SHA512 ? 128 : 0;
}

static bool
check_hash(enum observable_type type, struct bytes_view value)
{
	size_t i;

	if (value.len != hash_digits(type))
		return false;
	for (i = 0; i < value.len; i++) {
		if (!is_digit(value.data[i]) && (value.data[i] < 'a' || value.data[i] > 'f'))
			return false;
	}
	return true;
}

static enum err
parse_hash(enum observable_type type, struct bytes_view text, struct bytes *out)
{
	size_t start = out->len, i;

	if (text.len != hash_digits(type))
		return ERR_VALUE;
	for (i = 0; i < text.len; i++)
		bytes_append_u8(out, lower(text.data[i]));
	if (out->err != ERR_NONE)
		return out->err;
	return check_hash(type, bytes_view_of(out->data + start, text.len)) ? ERR_NONE : ERR_VALUE;
}

static enum err
parse_filename(struct bytes_view text, struct bytes *out)
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

static enum err
parse_asn(struct bytes_view text, struct bytes *out)
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

static enum err
parse_cve(struct bytes_view text, struct bytes *out)
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

/* Of text without blanks and defanging. */
static enum err
parse_plain(enum observable_type type, struct bytes_view text, struct bytes *out)
{
	switch (type) {
	case OBSERVABLE_IPV4:
		return address_parse_ipv4(text, out);
	case OBSERVABLE_IPV6:
		return address_parse_ipv6(text, out);
	case OBSERVABLE_CIDR:
		return address_parse_cidr(text, out);
	case OBSERVABLE_DOMAIN:
		return domain_parse(text, out);
	case OBSERVABLE_URL:
		return url_parse(text, out);
	case OBSERVABLE_EMAIL:
		return domain_parse_email(text, out);
	case OBSERVABLE_MD5:
	case OBSERVABLE_SHA1:
	case OBSERVABLE_SHA256:
	case OBSERVABLE_SHA512:
		return parse_hash(type, text, out);
	case OBSERVABLE_FILENAME:
		return parse_filename(text, out);
	case OBSERVABLE_ASN:
		return parse_asn(text, out);
	case OBSERVABLE_PHONE:
		return account_parse_phone(text, out);
	case OBSERVABLE_CLABE:
		return account_parse_clabe(text, out);
	case OBSERVABLE_IBAN:
		return account_parse_iban(text, out);
	case OBSERVABLE_CARD:
		return account_parse_card(text, out);
	case OBSERVABLE_CVE:
		return parse_cve(text, out);
	}
	return ERR_VALUE;
}

/* Into a buffer of OBSERVABLE_BYTES_MAX that never grows. */
static enum err
parse_into(enum observable_type type, struct bytes_view text, struct bytes *out)
{
	uint8_t room[OBSERVABLE_BYTES_MAX];
	struct bytes plain = {.data = room, .cap = sizeof(room), .cap_max = sizeof(room)};
	enum err err;

	err = refang(type, text, &plain);
	if (err != ERR_NONE)
		return err;
	if (plain.len == 0)
		return ERR_VALUE;
	return parse_plain(type, bytes_as_view(&plain), out);
}

enum err
observable_parse(enum observable_type type, struct bytes_view text, struct bytes *out)
{
	uint8_t room[OBSERVABLE_BYTES_MAX];
	struct bytes value = {.data = room, .cap = sizeof(room), .cap_max = sizeof(room)};
	enum err err;

	err = parse_into(type, text, &value);
	if (err != ERR_NONE)
		return err;
	bytes_append(out, value.data, value.len);
	return out->err;
}

enum err
observable_check(enum observable_type type, struct bytes_view value)
{
	uint8_t room[OBSERVABLE_BYTES_MAX];
	struct bytes again = {.data = room, .cap = sizeof(room), .cap_max = sizeof(room)};
	enum err err;

	if (value.len > OBSERVABLE_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (value.len == 0)
		return ERR_VALUE;
	if (type == OBSERVABLE_IPV4)
		return address_check_ipv4(value) ? ERR_NONE : ERR_VALUE;
	if (type == OBSERVABLE_DOMAIN)
		return domain_check(value) ? ERR_NONE : ERR_VALUE;
	if (hash_digits(type) > 0)
		return check_hash(type, value) ? ERR_NONE : ERR_VALUE;
	err = parse_into(type, value, &again);
	if (err != ERR_NONE)
		return err;
	return bytes_view_is_equal(bytes_as_view(&again), value) ? ERR_NONE : ERR_NOT_CANONICAL;
}

bool
observable_guess(struct bytes_view text, enum observable_type *type)
{
	static const enum observable_type order[] = {
	    OBSERVABLE_URL,
	    OBSERVABLE_EMAIL,
	    OBSERVABLE_CVE,
	    OBSERVABLE_ASN,
	    OBSERVABLE_CIDR,
	    OBSERVABLE_IPV4,
	    OBSERVABLE_IPV6,
	    OBSERVABLE_MD5,
	    OBSERVABLE_SHA1,
	    OBSERVABLE_SHA256,
	    OBSERVABLE_SHA512,
	    OBSERVABLE_DOMAIN,
	};
	uint8_t room[OBSERVABLE_BYTES_MAX];
	struct bytes value = {.data = room, .cap = sizeof(room), .cap_max = sizeof(room)};
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(*order); i++) {
		/* a number alone is no more an AS than anything else */
		if (order[i] == OBSERVABLE_ASN && !begins_with(trim(text), "as"))
			continue;
		bytes_clear(&value);
		if (parse_into(order[i], text, &value) == ERR_NONE) {
			*type = order[i];
			return true;
		}
	}
	return false;
}

/* ---------------------------------------------------------------- looking */

int
observable_compare(const struct observable *a, const struct observable *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return bytes_view_compare(a->value, b->value);
}

bool
observable_range(const struct observable *observable, uint8_t first[16], uint8_t last[16])
{
	if (observable->type != OBSERVABLE_IPV4 && observable->type != OBSERVABLE_IPV6 &&
	    observable->type != OBSERVABLE_CIDR)
		return false;
	return address_range(observable->value, first, last);
}

struct bytes_view
observable_host(const struct observable *observable)
{
	struct bytes_view value = observable->value;
	const uint8_t *at_sign;
	struct url_parts parts;

	if (observable->type == OBSERVABLE_DOMAIN)
		return value;
	if (observable->type == OBSERVABLE_URL && url_split(value, &parts) && !parts.is_address)
		return parts.host;
	if (observable->type == OBSERVABLE_EMAIL && value.len > 0) {
		at_sign = memchr(value.data, '@', value.len);
		if (at_sign != NULL)
			return bytes_view_of(at_sign + 1,
			    value.len - (size_t)(at_sign - value.data) - 1);
	}
	return bytes_view_of(NULL, 0);
}

/* ---------------------------------------------------------------- defanging */

/* Every dot and colon of a host or an address in brackets. */
static void
append_fanged(struct bytes_view text, struct bytes *out)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '.')
			bytes_append(out, "[.]", 3);
		else if (text.data[i] == ':')
			bytes_append(out, "[:]", 3);
		else
			bytes_append_u8(out, text.data[i]);
	}
}

static void
defang_url(struct bytes_view url, struct bytes *out)
{
	struct bytes_view scheme;
	struct url_parts parts;
	size_t i, end;

	if (!url_split(url, &parts)) {
		append_fanged(url, out);
		return;
	}
	scheme = bytes_view_of(url.data, parts.scheme.len + 3);
	for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (parts.scheme.len == strlen(schemes[i].plain) &&
		    begins_with(scheme, schemes[i].plain))
			break;
	}
	if (i < sizeof(schemes) / sizeof(*schemes)) {
		bytes_append(out, schemes[i].fanged, strlen(schemes[i].fanged));
	} else {
		bytes_append(out, scheme.data, parts.scheme.len);
		bytes_append(out, "[:]//", 5);
	}
	end = (size_t)(parts.host.data - url.data);
	bytes_append(out, url.data + scheme.len, end - scheme.len);
	append_fanged(parts.host, out);
	end += parts.host.len;
	bytes_append(out, url.data + end, url.len - end);
}

void
observable_defang(const struct observable *observable, struct bytes *out)
{
	struct bytes_view value = observable->value, host;

	switch (observable->type) {
	case OBSERVABLE_IPV4:
	case OBSERVABLE_IPV6:
	case OBSERVABLE_CIDR:
	case OBSERVABLE_DOMAIN:
		append_fanged(value, out);
		return;
	case OBSERVABLE_URL:
		defang_url(value, out);
		return;
	case OBSERVABLE_EMAIL:
		host = observable_host(observable);
		if (host.len > 0) {
			bytes_append(out, value.data, value.len - host.len - 1);
			bytes_append(out, "[@]", 3);
			append_fanged(host, out);
			return;
		}
		break;
	case OBSERVABLE_MD5:
	case OBSERVABLE_SHA1:
	case OBSERVABLE_SHA256:
	case OBSERVABLE_SHA512:
	case OBSERVABLE_FILENAME:
	case OBSERVABLE_ASN:
	case OBSERVABLE_PHONE:
	case OBSERVABLE_CLABE:
	case OBSERVABLE_IBAN:
	case OBSERVABLE_CARD:
	case OBSERVABLE_CVE:
		break;
	}
	bytes_append(out, value.data, value.len);
}
