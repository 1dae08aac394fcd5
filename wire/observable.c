#include "wire/observable.h"

#include <string.h>

#include "wire/account.h"
#include "wire/address.h"
#include "wire/defang.h"
#include "wire/domain.h"
#include "wire/identifier.h"
#include "wire/url.h"

#define ALIAS_BYTES_MAX 18u

struct alias {
	const char *name;
	enum observable_type type;
};

/* The names that other formats and people use; the types' own names come first. */
/* clang-format off */
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
/* clang-format on */

static uint8_t
lower(uint8_t letter)
{
	return letter >= 'A' && letter <= 'Z' ? (uint8_t)(letter | 0x20) : letter;
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

/* clang-format off */
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
/* clang-format on */

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

/* clang-format off */
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
/* clang-format on */

/* ---------------------------------------------------------------- canonical forms */

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
		return identifier_parse_hash(type, text, out);
	case OBSERVABLE_FILENAME:
		return identifier_parse_filename(text, out);
	case OBSERVABLE_ASN:
		return identifier_parse_asn(text, out);
	case OBSERVABLE_PHONE:
		return account_parse_phone(text, out);
	case OBSERVABLE_CLABE:
		return account_parse_clabe(text, out);
	case OBSERVABLE_IBAN:
		return account_parse_iban(text, out);
	case OBSERVABLE_CARD:
		return account_parse_card(text, out);
	case OBSERVABLE_CVE:
		return identifier_parse_cve(text, out);
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

	err = defang_undo(type, text, &plain);
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
	if (identifier_hash_digits(type) > 0)
		return identifier_check_hash(type, value) ? ERR_NONE : ERR_VALUE;
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
		if (order[i] == OBSERVABLE_ASN && !begins_with(defang_trim(text), "as"))
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
			return bytes_view_of(
			    at_sign + 1, value.len - (size_t)(at_sign - value.data) - 1);
	}
	return bytes_view_of(NULL, 0);
}

/* ---------------------------------------------------------------- defanging */

void
observable_defang(const struct observable *observable, struct bytes *out)
{
	struct bytes_view value = observable->value, host;

	switch (observable->type) {
	case OBSERVABLE_IPV4:
	case OBSERVABLE_IPV6:
	case OBSERVABLE_CIDR:
	case OBSERVABLE_DOMAIN:
		defang_host(value, out);
		return;
	case OBSERVABLE_URL:
		defang_url(value, out);
		return;
	case OBSERVABLE_EMAIL:
		host = observable_host(observable);
		if (host.len > 0) {
			bytes_append(out, value.data, value.len - host.len - 1);
			bytes_append(out, "[@]", 3);
			defang_host(host, out);
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
