#include "formats/value.h"

#include <string.h>

#include "formats/text.h"

#define NAME_BYTES 32u
#define PORT_DIGITS_MAX 5u
#define HASHES_MAX 8u

/* Names beyond those that observable_type_parse knows; words are joined by '_'. */
static const struct {
	const char *name;
	struct value_kind kind;
} names[] = {
    {"", {0, VALUE_ANY}},
    {"indicator", {0, VALUE_ANY}},
    {"observable", {0, VALUE_ANY}},
    {"ioc", {0, VALUE_ANY}},
    {"c2", {0, VALUE_NETWORK}},
    {"c2_server", {0, VALUE_NETWORK}},
    {"network", {0, VALUE_NETWORK}},
    {"ip", {0, VALUE_NETWORK}},
    {"ips", {0, VALUE_NETWORK}},
    {"ipaddress", {0, VALUE_NETWORK}},
    {"ip_address", {0, VALUE_NETWORK}},
    {"ipaddr", {0, VALUE_NETWORK}},
    {"ip_addr", {0, VALUE_NETWORK}},
    {"ip_dst", {0, VALUE_NETWORK}},
    {"ip_src", {0, VALUE_NETWORK}},
    {"dst_ip", {0, VALUE_NETWORK}},
    {"src_ip", {0, VALUE_NETWORK}},
    {"ip:port", {0, VALUE_NETWORK}},
    {"ip_port", {0, VALUE_NETWORK}},
    {"domain_name", {OBSERVABLE_DOMAIN, VALUE_NETWORK}},
    {"host_name", {OBSERVABLE_DOMAIN, VALUE_NETWORK}},
    {"domains", {OBSERVABLE_DOMAIN, VALUE_NETWORK}},
    {"urls", {OBSERVABLE_URL, VALUE_NETWORK}},
    {"hash", {0, VALUE_HASH}},
    {"hashes", {0, VALUE_HASH}},
    {"file_hash", {0, VALUE_HASH}},
    {"filehash", {0, VALUE_HASH}},
    {"md5_hash", {OBSERVABLE_MD5, VALUE_HASH}},
    {"sha1_hash", {OBSERVABLE_SHA1, VALUE_HASH}},
    {"sha256_hash", {OBSERVABLE_SHA256, VALUE_HASH}},
    {"file", {OBSERVABLE_FILENAME, VALUE_HASH}}, /* some mean its name, some its hash */
    {"file_name", {OBSERVABLE_FILENAME, VALUE_AS_NAMED}},
    {"email_address", {OBSERVABLE_EMAIL, VALUE_AS_NAMED}},
    {"email_sender", {OBSERVABLE_EMAIL, VALUE_AS_NAMED}},
    {"emailsender", {OBSERVABLE_EMAIL, VALUE_AS_NAMED}},
    {"sender", {OBSERVABLE_EMAIL, VALUE_AS_NAMED}},
    {"emailwhois", {OBSERVABLE_EMAIL, VALUE_AS_NAMED}},
};

static bool
is_hash(enum observable_type type)
{
	return type >= OBSERVABLE_MD5 && type <= OBSERVABLE_SHA512;
}

static bool
is_network(enum observable_type type)
{
	return type >= OBSERVABLE_IPV4 && type <= OBSERVABLE_URL;
}

/* What else a value of a named type may turn out to be. */
static enum value_family
family_of(enum observable_type type)
{
	if (is_hash(type))
		return VALUE_HASH;
	return is_network(type) ? VALUE_NETWORK : VALUE_AS_NAMED;
}

bool
value_kind_parse(struct bytes_view name, struct value_kind *kind)
{
	enum observable_type type;
	uint8_t joined[NAME_BYTES];
	size_t i;

	name = text_trim(name);
	if (name.len > sizeof(joined))
		return false;
	for (i = 0; i < name.len; i++)
		joined[i] = name.data[i] == ' ' || name.data[i] == '-' ? '_' : name.data[i];
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (text_is_word(bytes_view_of(joined, name.len), names[i].name)) {
			*kind = names[i].kind;
			return true;
		}
	}
	if (!observable_type_parse(name, &type))
		return false;
	*kind = (struct value_kind){type, family_of(type)};
	return true;
}

struct value_kind
value_kind_of(enum observable_type type)
{
	return (struct value_kind){type, type == 0 ? VALUE_ANY : VALUE_AS_NAMED};
}

/* ---------------------------------------------------------------- values */

static bool
is_in_family(enum observable_type type, enum value_family family)
{
	switch (family) {
	case VALUE_AS_NAMED:
		return false;
	case VALUE_HASH:
		return is_hash(type);
	case VALUE_NETWORK:
		return is_network(type);
	case VALUE_ANY:
		return true;
	}
	return false;
}

static bool
take_guessed(struct drafts *drafts, enum value_family family, struct bytes_view text)
{
	enum observable_type type;

	return family != VALUE_AS_NAMED && observable_guess(text, &type) &&
	       is_in_family(type, family) && drafts_observable(drafts, type, text);
}

/* "192.0.2.1:8080", "[2001:db8::1]:443", "evil[.]example[:]8080": what stands before the port.
   False: there is none. */
static bool
split_port(struct bytes_view text, struct bytes_view *bare, struct bytes_view *port)
{
	size_t i = text.len, number = 0;

	text = text_trim(text);
	for (i = text.len; i > 0 && text.data[i - 1] >= '0' && text.data[i - 1] <= '9';)
		i--;
	*port = text_behind(text, i);
	if (port->len == 0 || port->len > PORT_DIGITS_MAX)
		return false;
	for (number = 0, text.len = i, i = 0; i < port->len; i++)
		number = number * 10 + (size_t)(port->data[i] - '0');
	if (number == 0 || number > 65535)
		return false;
	if (text.len > 3 && text_is(text_behind(text, text.len - 3), "[:]"))
		text.len -= 3;
	else if (text.len > 1 && text.data[text.len - 1] == ':')
		text.len--;
	else
		return false;
	if (text.len > 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
		text = bytes_view_of(text.data + 1, text.len - 2);
	else if (memchr(text.data, '/', text.len) != NULL)
		return false; /* a path's end */
	*bare = text;
	return true;
}

/* An address or a name: what looks like one and is no URL. */
static bool
take_with_port(
    struct drafts *drafts, struct value_kind kind, struct bytes_view text, struct bytes_view *port)
{
	enum observable_type type;
	struct bytes_view bare;

	if (!split_port(text, &bare, port) || !observable_guess(bare, &type))
		return false;
	if (type != OBSERVABLE_IPV4 && type != OBSERVABLE_IPV6 && type != OBSERVABLE_DOMAIN)
		return false;
	if (kind.type == type || is_in_family(type, kind.family))
		return drafts_observable(drafts, type, bare);
	return false;
}

/* Several hashes of one file in one cell, and nothing else. */
static bool
take_hashes(struct drafts *drafts, struct bytes_view text)
{
	enum observable_type types[HASHES_MAX];
	struct bytes_view parts[HASHES_MAX], part, left = text;
	size_t count = 0, i;

	while (text_next_part(&left, ",;| \t", &part)) {
		if (text_trim(part).len == 0)
			continue;
		if (count == HASHES_MAX || !observable_guess(part, &types[count]) ||
		    !is_hash(types[count]))
			return false;
		parts[count++] = part;
	}
	for (i = 0; i < count && count > 1; i++) {
		if (!drafts_observable(drafts, types[i], parts[i]))
			return false;
	}
	return count > 1;
}

bool
value_take(
    struct drafts *drafts, struct value_kind kind, struct bytes_view text, struct bytes_view *port)
{
	*port = bytes_view_of(NULL, 0);
	if (kind.type == OBSERVABLE_FILENAME && kind.family == VALUE_HASH &&
	    (take_guessed(drafts, VALUE_HASH, text) || take_hashes(drafts, text)))
		return true;
	if (kind.type != 0 && drafts_observable(drafts, kind.type, text))
		return true;
	if (take_guessed(drafts, kind.family, text))
		return true;
	if ((kind.family == VALUE_HASH || kind.family == VALUE_ANY) && take_hashes(drafts, text))
		return true;
	if (take_with_port(drafts, kind, text, port))
		return true;
	*port = bytes_view_of(NULL, 0);
	return false;
}
