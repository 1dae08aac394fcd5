#include "wire/card.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#include "crypto/signer.h"
#include "wire/keys.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define KNOWN_KEYS 13u
#define KEYS_KEYS 5u
#define CONTACT_KEYS 6u
#define REVOCATION_KEYS 2u
#define SUITE_MAX 255u
#define REQUIRED_KEYS                                                                              \
	(KEYS_BIT(CARD_ORG) | KEYS_BIT(CARD_NAME) | KEYS_BIT(CARD_SERIAL) |                        \
	    KEYS_BIT(CARD_SECTOR) | KEYS_BIT(CARD_ISSUED) | KEYS_BIT(CARD_EXPIRES) |               \
	    KEYS_BIT(CARD_SUITE_MIN))
#define REQUIRED_KEYS_KEYS                                                                         \
	(KEYS_BIT(CARD_KEY_SIGN) | KEYS_BIT(CARD_KEY_ENVELOPE) | KEYS_BIT(CARD_KEY_TRANSPORT) |    \
	    KEYS_BIT(CARD_KEY_LOG) | KEYS_BIT(CARD_KEY_WITNESS))

#define HOST_LABEL_BYTES_MAX 63u
#define PORT_MAX 65535u
static const char ENDPOINT_SCHEME[] = "tcp://";
/* so that no host needs counting: "tcp://", ":", one digit, and 253 bytes of name (RFC 1035) */
static_assert(ENDPOINT_BYTES_MAX <= sizeof(ENDPOINT_SCHEME) - 1 + 2 + 253, "names stay names");

/* ---------------------------------------------------------------- endpoints */

static bool
is_digit(uint8_t letter)
{
	return letter >= '0' && letter <= '9';
}

static bool
is_letter(uint8_t letter)
{
	return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

static bool
is_port(struct bytes_view text)
{
	uint32_t port = 0;
	size_t i;

	if (text.len < 1 || text.len > 5 || text.data[0] == '0')
		return false;
	for (i = 0; i < text.len; i++) {
		if (!is_digit(text.data[i]))
			return false;
		port = port * 10 + (uint32_t)(text.data[i] - '0');
	}
	return port <= PORT_MAX;
}

static bool
is_address(struct bytes_view text, int family)
{
	unsigned char address[sizeof(struct in6_addr)];
	char copy[INET6_ADDRSTRLEN];

	if (text.len >= sizeof(copy) || memchr(text.data, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return inet_pton(family, copy, address) == 1;
}

/* Labels of letters, digits and inner hyphens; the last one is no number, or the name would
   be a malformed address (RFC 1123 2.1). */
static bool
is_host_name(struct bytes_view name)
{
	bool is_number = true;
	size_t i, label_len = 0;
	uint8_t last = '.';

	for (i = 0; i < name.len; i++) {
		uint8_t letter = name.data[i];

		if (letter == '.') {
			if (label_len == 0 || last == '-')
				return false;
			label_len = 0;
			is_number = true;
		} else {
			if (!is_letter(letter) && !is_digit(letter) &&
			    (letter != '-' || label_len == 0))
				return false;
			if (++label_len > HOST_LABEL_BYTES_MAX)
				return false;
			is_number = is_number && is_digit(letter);
		}
		last = letter;
	}
	return label_len > 0 && last != '-' && !is_number;
}

bool
card_is_endpoint(struct bytes_view endpoint)
{
	size_t scheme_len = sizeof(ENDPOINT_SCHEME) - 1;
	struct bytes_view host, port;
	size_t colon = endpoint.len;

	if (endpoint.len <= scheme_len || endpoint.len > ENDPOINT_BYTES_MAX ||
	    memcmp(endpoint.data, ENDPOINT_SCHEME, scheme_len) != 0)
		return false;
	while (colon > scheme_len && endpoint.data[colon - 1] != ':')
		colon--;
	if (colon <= scheme_len + 1)
		return false;
	host = bytes_view_of(endpoint.data + scheme_len, colon - 1 - scheme_len);
	port = bytes_view_of(endpoint.data + colon, endpoint.len - colon);
	if (!is_port(port))
		return false;
	if (host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
		return is_address(bytes_view_of(host.data + 1, host.len - 2), AF_INET6);
	return is_host_name(host) || is_address(host, AF_INET);
}

/* ---------------------------------------------------------------- reading a card */

/* A text that is absent rather than empty. */
static struct bytes_view
read_text(struct reader *reader, size_t len_max)
{
	struct bytes_view text = reader_str(reader, 0, len_max, READER_LINE);

	if (text.len == 0)
		reader_fail(reader, ERR_NOT_CANONICAL);
	return text;
}

static struct bytes_view
read_sector(struct reader *reader)
{
	struct bytes_view sector = reader_str(reader, 1, CARD_SECTOR_BYTES_MAX, READER_LINE);
	size_t i;

	for (i = 0; i < sector.len; i++) {
		uint8_t letter = sector.data[i];

		if (!(letter >= 'a' && letter <= 'z') && !is_digit(letter) && letter != '-')
			reader_fail(reader, ERR_VALUE);
	}
	return sector;
}

static struct bytes_view
read_country(struct reader *reader)
{
	struct bytes_view country = read_text(reader, 2);
	size_t i;

	if (country.len != 2)
		reader_fail(reader, ERR_VALUE);
	for (i = 0; i < country.len; i++) {
		if (country.data[i] < 'A' || country.data[i] > 'Z')
			reader_fail(reader, ERR_VALUE);
	}
	return country;
}

static void
read_endpoints(struct reader *reader, struct card *card)
{
	uint32_t i, j;

	card->endpoints_count = reader_array(reader, 0, ENDPOINTS_MAX);
	if (card->endpoints_count == 0)
		reader_fail(reader, ERR_NOT_CANONICAL);
	for (i = 0; i < card->endpoints_count && reader_is_ok(reader); i++) {
		card->endpoints[i] = reader_str(reader, 1, ENDPOINT_BYTES_MAX, READER_LINE);
		if (!card_is_endpoint(card->endpoints[i]))
			reader_fail(reader, ERR_VALUE);
		for (j = 0; j < i; j++) {
			if (bytes_view_is_equal(card->endpoints[i], card->endpoints[j]))
				reader_fail(reader, ERR_ORDER);
		}
	}
}

/* One key of the five.  Another suite than 1 has keys of other sizes, for which struct card
   has no room: a card with such a key cannot be used by this version at all. */
static void
read_key(struct reader *reader, uint8_t out[SIGNER_PUBLIC_BYTES])
{
	(void)reader_array(reader, 2, 2);
	if (reader_uint(reader, 1, SUITE_MAX) != SUITE_1)
		reader_fail(reader, ERR_KEY);
	reader_fixed(reader, out, SIGNER_PUBLIC_BYTES);
}

/* One key, one purpose. */
static bool
has_equal_keys(const struct card *card)
{
	const uint8_t *const all[KEYS_KEYS] = {card->sign_key, card->envelope_key,
	    card->transport_key.bytes, card->log_key, card->witness_key};
	size_t i, j;

	for (i = 0; i < KEYS_KEYS; i++) {
		for (j = 0; j < i; j++) {
			if (memcmp(all[i], all[j], SIGNER_PUBLIC_BYTES) == 0)
				return true;
		}
	}
	return false;
}

static void
read_keys(struct reader *reader, struct card *card)
{
	struct reader_map map;
	uint64_t key, keys = 0;

	reader_map(reader, &map, KEYS_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(reader, &map, &key)) {
		keys_add(&keys, key);
		switch (key) {
		case CARD_KEY_SIGN:
			read_key(reader, card->sign_key);
			break;
		case CARD_KEY_ENVELOPE:
			read_key(reader, card->envelope_key);
			break;
		case CARD_KEY_TRANSPORT:
			read_key(reader, card->transport_key.bytes);
			break;
		case CARD_KEY_LOG:
			read_key(reader, card->log_key);
			break;
		case CARD_KEY_WITNESS:
			read_key(reader, card->witness_key);
			break;
		default:
			reader_unknown(reader, key);
		}
	}
	keys_require(reader, keys, REQUIRED_KEYS_KEYS);
	if (has_equal_keys(card))
		reader_fail(reader, ERR_KEY);
}

static void
read_contact(struct reader *reader, struct card_contact *contact)
{
	struct reader_map map;
	uint64_t key, keys = 0;

	reader_map(reader, &map, CONTACT_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(reader, &map, &key)) {
		/* counted whether known or not: an empty map is one that should be absent */
		keys |= KEYS_BIT(0);
		switch (key) {
		case CARD_CONTACT_ROLE:
			contact->role = read_text(reader, CONTACT_BYTES_MAX);
			break;
		case CARD_CONTACT_MAILBOX:
			contact->mailbox = read_text(reader, CONTACT_BYTES_MAX);
			break;
		case CARD_CONTACT_TELEPHONE:
			contact->telephone = read_text(reader, CONTACT_BYTES_MAX);
			break;
		case CARD_CONTACT_HOURS:
			contact->hours = read_text(reader, CONTACT_BYTES_MAX);
			break;
		case CARD_CONTACT_LANGUAGES:
			contact->languages = read_text(reader, CONTACT_BYTES_MAX);
			break;
		case CARD_CONTACT_ESCALATION:
			contact->escalation = read_text(reader, CONTACT_BYTES_MAX);
			break;
		default:
			reader_unknown(reader, key);
		}
	}
	if (keys == 0)
		reader_fail(reader, ERR_NOT_CANONICAL);
}

static void
read_revocation(struct reader *reader, struct card *card)
{
	struct reader_map map;
	uint64_t key, keys = 0;

	card->is_revocation = true;
	reader_map(reader, &map, REVOCATION_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(reader, &map, &key)) {
		keys_add(&keys, key);
		switch (key) {
		case CARD_REVOCATION_REASON:
			card->revocation_reason =
			    reader_str(reader, 1, TERM_BYTES_MAX, READER_LINE);
			break;
		case CARD_REVOCATION_CUTOFF:
			card->revocation_cutoff_ms = reader_uint(reader, 1, TIME_MS_MAX);
			break;
		default:
			reader_unknown(reader, key);
		}
	}
	keys_require(
	    reader, keys, KEYS_BIT(CARD_REVOCATION_REASON) | KEYS_BIT(CARD_REVOCATION_CUTOFF));
}

static void
read_field(struct reader *reader, uint64_t key, struct card *card)
{
	switch (key) {
	case CARD_ORG:
		reader_fixed(reader, card->org.bytes, sizeof(card->org.bytes));
		break;
	case CARD_NAME:
		card->name = reader_str(reader, 1, NAME_BYTES_MAX, READER_LINE);
		break;
	case CARD_SERIAL:
		card->serial = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case CARD_SECTOR:
		card->sector = read_sector(reader);
		break;
	case CARD_ISSUED:
		card->issued_ms = reader_uint(reader, 1, TIME_MS_MAX);
		break;
	case CARD_COUNTRY:
		card->country = read_country(reader);
		break;
	case CARD_EXPIRES:
		card->expires_ms = reader_uint(reader, 1, TIME_MS_MAX);
		break;
	case CARD_ENDPOINTS:
		read_endpoints(reader, card);
		break;
	case CARD_KEYS:
		read_keys(reader, card);
		break;
	case CARD_CONTACT:
		read_contact(reader, &card->contact);
		break;
	case CARD_SUITE_MIN:
		card->suite_min = (uint32_t)reader_uint(reader, 1, SUITE_MAX);
		break;
	case CARD_RED_DESK:
		read_contact(reader, &card->red_desk);
		break;
	case CARD_REVOCATION:
		read_revocation(reader, card);
		break;
	default: /* CARD_RELATIONS among them */
		reader_unknown(reader, key);
	}
}

enum err
card_decode(struct bytes_view statement, struct card *out)
{
	struct card card = {0};
	struct reader_map map;
	struct bytes_view body;
	struct reader reader;
	uint64_t key, keys = 0;
	enum err err;

	err = signed_statement_body(statement, CARD_BYTES_MAX, CONTEXT_CARD, &body);
	if (err != ERR_NONE)
		return err;
	reader_open(&reader, body);
	reader_map(&reader, &map, KNOWN_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(&reader, &map, &key)) {
		keys_add(&keys, key);
		read_field(&reader, key, &card);
	}
	keys_require(&reader, keys, REQUIRED_KEYS);
	if (card.is_revocation)
		keys_forbid(&reader, keys, KEYS_BIT(CARD_KEYS));
	else
		keys_require(&reader, keys, KEYS_BIT(CARD_KEYS));
	if (card.expires_ms <= card.issued_ms ||
	    card.expires_ms - card.issued_ms > CARD_VALIDITY_MS)
		reader_fail(&reader, ERR_RANGE);
	card.unknown = reader.unknown;
	err = reader_close(&reader);
	if (err == ERR_NONE)
		*out = card;
	return err;
}

/* ---------------------------------------------------------------- writing a card */

static void
write_key(
    struct writer *writer, enum card_keys_key key, const uint8_t public_key[SIGNER_PUBLIC_BYTES])
{
	writer_uint(writer, (uint64_t)key);
	writer_array(writer, 2);
	writer_uint(writer, SUITE_1);
	writer_bin(writer, public_key, SIGNER_PUBLIC_BYTES);
}

static void
write_keys(struct writer *writer, const struct card *card)
{
	writer_uint(writer, CARD_KEYS);
	writer_map(writer, KEYS_KEYS);
	write_key(writer, CARD_KEY_SIGN, card->sign_key);
	write_key(writer, CARD_KEY_ENVELOPE, card->envelope_key);
	write_key(writer, CARD_KEY_TRANSPORT, card->transport_key.bytes);
	write_key(writer, CARD_KEY_LOG, card->log_key);
	write_key(writer, CARD_KEY_WITNESS, card->witness_key);
}

static void
write_text(struct writer *writer, uint64_t key, struct bytes_view text)
{
	if (text.len > 0) {
		writer_uint(writer, key);
		writer_str(writer, text);
	}
}

static uint32_t
contact_count(const struct card_contact *contact)
{
	return (uint32_t)((contact->role.len > 0) + (contact->mailbox.len > 0) +
			  (contact->telephone.len > 0) + (contact->hours.len > 0) +
			  (contact->languages.len > 0) + (contact->escalation.len > 0));
}

static void
write_contact(struct writer *writer, enum card_key key, const struct card_contact *contact)
{
	uint32_t count = contact_count(contact);

	if (count == 0)
		return;
	writer_uint(writer, (uint64_t)key);
	writer_map(writer, count);
	write_text(writer, CARD_CONTACT_ROLE, contact->role);
	write_text(writer, CARD_CONTACT_MAILBOX, contact->mailbox);
	write_text(writer, CARD_CONTACT_TELEPHONE, contact->telephone);
	write_text(writer, CARD_CONTACT_HOURS, contact->hours);
	write_text(writer, CARD_CONTACT_LANGUAGES, contact->languages);
	write_text(writer, CARD_CONTACT_ESCALATION, contact->escalation);
}

static void
write_revocation(struct writer *writer, const struct card *card)
{
	writer_uint(writer, CARD_REVOCATION);
	writer_map(writer, REVOCATION_KEYS);
	writer_uint(writer, CARD_REVOCATION_REASON);
	writer_str(writer, card->revocation_reason);
	writer_uint(writer, CARD_REVOCATION_CUTOFF);
	writer_uint(writer, card->revocation_cutoff_ms);
}

/* Keys up to CARD_ENDPOINTS. */
static void
write_presentation(struct writer *writer, const struct card *card)
{
	uint32_t i;

	writer_uint(writer, CARD_ORG);
	writer_bin(writer, card->org.bytes, sizeof(card->org.bytes));
	writer_uint(writer, CARD_NAME);
	writer_str(writer, card->name);
	writer_uint(writer, CARD_SERIAL);
	writer_uint(writer, card->serial);
	writer_uint(writer, CARD_SECTOR);
	writer_str(writer, card->sector);
	writer_uint(writer, CARD_ISSUED);
	writer_uint(writer, card->issued_ms);
	write_text(writer, CARD_COUNTRY, card->country);
	writer_uint(writer, CARD_EXPIRES);
	writer_uint(writer, card->expires_ms);
	if (card->endpoints_count > 0) {
		writer_uint(writer, CARD_ENDPOINTS);
		writer_array(writer, card->endpoints_count);
		for (i = 0; i < card->endpoints_count; i++)
			writer_str(writer, card->endpoints[i]);
	}
}

enum err
card_encode(const struct card *card, struct bytes *out)
{
	struct bytes_view line = signed_context(CONTEXT_CARD);
	uint32_t count = 8; /* the required, and keys or revocation */
	size_t before = out->len;
	struct writer writer;
	struct card check;
	enum err err;

	assert(card->endpoints_count <= ENDPOINTS_MAX);
	count += card->country.len > 0;
	count += card->endpoints_count > 0;
	count += contact_count(&card->contact) > 0;
	count += contact_count(&card->red_desk) > 0;
	bytes_append(out, line.data, line.len);
	writer_open(&writer, out);
	writer_map(&writer, count);
	write_presentation(&writer, card);
	if (!card->is_revocation)
		write_keys(&writer, card);
	write_contact(&writer, CARD_CONTACT, &card->contact);
	writer_uint(&writer, CARD_SUITE_MIN);
	writer_uint(&writer, card->suite_min);
	write_contact(&writer, CARD_RED_DESK, &card->red_desk);
	if (card->is_revocation)
		write_revocation(&writer, card);
	err = writer_close(&writer);
	/* people type most of it, so it is checked before the root signs it */
	if (err == ERR_NONE)
		err = card_decode(bytes_view_of(out->data + before, out->len - before), &check);
	if (err != ERR_NONE)
		out->len = before;
	return err;
}

bool
card_is_valid_at(const struct card *card, uint64_t time_ms)
{
	return !card->is_revocation && time_ms >= card->issued_ms && time_ms < card->expires_ms;
}
