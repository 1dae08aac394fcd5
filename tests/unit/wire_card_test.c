#include "wire/card.h"

#include <stdio.h>

#include "tests/unit/wire_fixture.h"

#define LINE_LEN 14u /* "malla/card/v1\n" */

static const struct org_id ORG = {{0x41, 0x42}};

static void
encode(const struct card *card, struct bytes *out)
{
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(card_encode(card, out), ERR_NONE);
}

static enum err
decode(struct bytes_view in)
{
	struct card card, before;
	enum err err;

	memset(&card, 0x77, sizeof(card));
	before = card;
	err = card_decode(in, &card);
	if (err != ERR_NONE)
		ck_assert_mem_eq(&card, &before, sizeof(card));
	return err;
}

static void
encode_full(struct bytes *out)
{
	struct card card;

	fixture_card(&card, &ORG);
	encode(&card, out);
}

static void
encode_revocation(struct bytes *out)
{
	struct card card = {.org = ORG,
	    .serial = 9,
	    .issued_ms = FIXTURE_TIME,
	    .expires_ms = FIXTURE_TIME + CARD_VALIDITY_MS,
	    .suite_min = 1,
	    .is_revocation = true,
	    .revocation_cutoff_ms = FIXTURE_TIME - FIXTURE_DAY};

	card.name = bytes_view_str("N");
	card.sector = bytes_view_str("bank");
	card.revocation_reason = bytes_view_str("a laptop was stolen");
	encode(&card, out);
}

/* ---------------------------------------------------------------- the card */

START_TEST(gives_back_what_was_written)
{
	struct bytes bytes, again;
	struct card card, found;

	fixture_card(&card, &ORG);
	encode(&card, &bytes);
	ck_err(card_decode(bytes_as_view(&bytes), &found), ERR_NONE);
	ck_assert_mem_eq(&found.org, &ORG, sizeof(ORG));
	ck_same(found.name, card.name);
	ck_same(found.sector, card.sector);
	ck_same(found.country, card.country);
	ck_assert_uint_eq(found.serial, 1);
	ck_assert_uint_eq(found.issued_ms, card.issued_ms);
	ck_assert_uint_eq(found.expires_ms, card.expires_ms);
	ck_assert_uint_eq(found.suite_min, 1);
	ck_assert_uint_eq(found.endpoints_count, 2);
	ck_same(found.endpoints[1], card.endpoints[1]);
	ck_assert(!found.is_revocation);
	ck_assert_uint_eq(found.sign_key[0], 0x51);
	ck_assert_uint_eq(found.envelope_key[0], 0x52);
	ck_assert_uint_eq(found.transport_key.bytes[0], 0x53);
	ck_assert_uint_eq(found.log_key[0], 0x54);
	ck_assert_uint_eq(found.witness_key[31], 0x55);
	ck_same(found.contact.role, card.contact.role);
	ck_same(found.contact.mailbox, card.contact.mailbox);
	ck_same(found.contact.telephone, card.contact.telephone);
	ck_same(found.contact.hours, card.contact.hours);
	ck_same(found.contact.languages, card.contact.languages);
	ck_same(found.contact.escalation, card.contact.escalation);
	ck_same(found.red_desk.role, card.red_desk.role);
	ck_assert_uint_eq(found.red_desk.mailbox.len, 0);
	ck_assert_uint_eq(found.unknown, 0);
	encode(&found, &again);
	ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
	bytes_release(&bytes);
	bytes_release(&again);
}
END_TEST

START_TEST(gives_back_the_least_card)
{
	struct bytes bytes, again;
	struct card card, found;

	fixture_card(&card, &ORG);
	card.country.len = 0;
	card.endpoints_count = 0;
	card.contact = card.red_desk = (struct card_contact){0};
	encode(&card, &bytes);
	ck_assert_uint_eq(fixture_map_count(bytes_view_of(bytes.data + LINE_LEN, 10)), 8);
	ck_err(card_decode(bytes_as_view(&bytes), &found), ERR_NONE);
	ck_assert_uint_eq(found.country.len + found.endpoints_count + found.contact.role.len, 0);
	encode(&found, &again);
	ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
	bytes_release(&bytes);
	bytes_release(&again);
}
END_TEST

START_TEST(gives_back_a_revocation)
{
	static const uint8_t zeros[32] = {0};
	struct bytes bytes, again;
	struct card found;

	encode_revocation(&bytes);
	ck_err(card_decode(bytes_as_view(&bytes), &found), ERR_NONE);
	ck_assert(found.is_revocation);
	ck_same(found.revocation_reason, bytes_view_str("a laptop was stolen"));
	ck_assert_uint_eq(found.revocation_cutoff_ms, FIXTURE_TIME - FIXTURE_DAY);
	ck_assert_mem_eq(found.sign_key, zeros, 32);
	encode(&found, &again);
	ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
	bytes_release(&bytes);
	bytes_release(&again);
}
END_TEST

START_TEST(refuses_it_cut_short_or_too_long)
{
	uint8_t large[CARD_BYTES_MAX + 1] = "malla/card/v1\n";
	struct bytes bytes;

	encode_full(&bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes_release(&bytes);
	encode_revocation(&bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes.data[6] = 'C';
	ck_err(decode(bytes_as_view(&bytes)), ERR_FORMAT);
	bytes_release(&bytes);
	ck_err(decode(bytes_view_of(large, sizeof(large))), ERR_TOO_LARGE);
}
END_TEST

START_TEST(misses_what_must_be_there)
{
	static const uint64_t card[] = {CARD_ORG, CARD_NAME, CARD_SERIAL, CARD_SECTOR, CARD_ISSUED,
	    CARD_EXPIRES, CARD_KEYS, CARD_SUITE_MIN};
	static const uint64_t revocation[] = {CARD_ORG, CARD_NAME, CARD_SERIAL, CARD_SECTOR,
	    CARD_ISSUED, CARD_EXPIRES, CARD_SUITE_MIN, CARD_REVOCATION};
	struct bytes bytes;

	encode_full(&bytes);
	fixture_check_required(bytes_as_view(&bytes), LINE_LEN, card, 8, decode);
	fixture_check_unknown(bytes_as_view(&bytes), LINE_LEN, decode);
	bytes_release(&bytes);
	encode_revocation(&bytes);
	fixture_check_required(bytes_as_view(&bytes), LINE_LEN, revocation, 8, decode);
	bytes_release(&bytes);
}
END_TEST

START_TEST(skips_relations_which_are_reserved)
{
	struct bytes bytes, edited;
	struct card found;

	encode_full(&bytes);
	bytes_init(&edited, FIXTURE_BYTES_MAX);
	fixture_edit(bytes_as_view(&bytes), LINE_LEN, CARD_RELATIONS,
	    bytes_view_of("\x91\xc4\x01r", 4), &edited);
	ck_err(card_decode(bytes_as_view(&edited), &found), ERR_NONE);
	ck_assert_uint_eq(found.unknown, 1);
	bytes_release(&bytes);
	bytes_release(&edited);
}
END_TEST

/* the raw array [suite 1, 32 times the letter] */
#define KEY(letter) "\x92\x01\xc4\x20" letter letter letter letter letter letter letter letter
#define FOUR_KEYS "\x00" KEY("aaaa") "\x02" KEY("bbbb") "\x04" KEY("cccc") "\x06" KEY("dddd")

/* clang-format off */
static const struct fixture_spoiled SPOILED[] = {
    {"a short organisation", CARD_ORG, FIXTURE_RAW("\xc4\x01" "o"), ERR_RANGE},
    {"an empty name", CARD_NAME, FIXTURE_RAW("\xa0"), ERR_RANGE},
    {"a name of two lines", CARD_NAME, FIXTURE_RAW("\xa3" "a\nb"), ERR_UTF8},
    {"a name that is not UTF-8", CARD_NAME, FIXTURE_RAW("\xa1\xff"), ERR_UTF8},
    {"a name that is a number", CARD_NAME, FIXTURE_RAW("\x01"), ERR_TYPE},
    {"serial 0", CARD_SERIAL, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a serial too large", CARD_SERIAL,
	FIXTURE_RAW("\xcf\x80\x00\x00\x00\x00\x00\x00\x00"), ERR_RANGE},
    {"an empty sector", CARD_SECTOR, FIXTURE_RAW("\xa0"), ERR_RANGE},
    {"a sector in capitals", CARD_SECTOR, FIXTURE_RAW("\xa4" "Bank"), ERR_VALUE},
    {"a sector with a blank", CARD_SECTOR, FIXTURE_RAW("\xa3" "a b"), ERR_VALUE},
    {"a sector with an underscore", CARD_SECTOR, FIXTURE_RAW("\xa3" "a_b"), ERR_VALUE},
    {"a sector of 33 letters", CARD_SECTOR,
	FIXTURE_RAW("\xd9\x21" "abcdefghijklmnopqrstuvwxyz0123456"), ERR_TOO_LARGE},
    {"issued at 0", CARD_ISSUED, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"an empty country", CARD_COUNTRY, FIXTURE_RAW("\xa0"), ERR_NOT_CANONICAL},
    {"a country of one letter", CARD_COUNTRY, FIXTURE_RAW("\xa1" "M"), ERR_VALUE},
    {"a country of three letters", CARD_COUNTRY, FIXTURE_RAW("\xa3" "MEX"), ERR_TOO_LARGE},
    {"a country in small letters", CARD_COUNTRY, FIXTURE_RAW("\xa2" "mx"), ERR_VALUE},
    {"a country with a digit", CARD_COUNTRY, FIXTURE_RAW("\xa2" "M1"), ERR_VALUE},
    {"no endpoints in a list", CARD_ENDPOINTS, FIXTURE_RAW("\x90"), ERR_NOT_CANONICAL},
    {"an endpoint that is none", CARD_ENDPOINTS, FIXTURE_RAW("\x91\xa7" "udp://a"), ERR_VALUE},
    {"an endpoint twice", CARD_ENDPOINTS,
	FIXTURE_RAW("\x92\xa9" "tcp://a:1" "\xa9" "tcp://a:1"), ERR_ORDER},
    {"one endpoint by itself", CARD_ENDPOINTS, FIXTURE_RAW("\xa9" "tcp://a:1"), ERR_TYPE},
    {"four of the five keys", CARD_KEYS, FIXTURE_RAW("\x84" FOUR_KEYS), ERR_MISSING},
    {"a sixth key that restricts", CARD_KEYS,
	FIXTURE_RAW("\x86" FOUR_KEYS "\x08" KEY("eeee") "\x0a" KEY("ffff")), ERR_UNKNOWN_CRITICAL},
    {"two purposes, one key", CARD_KEYS,
	FIXTURE_RAW("\x85" FOUR_KEYS "\x08" KEY("aaaa")), ERR_KEY},
    {"a key of another suite", CARD_KEYS,
	FIXTURE_RAW("\x85" FOUR_KEYS "\x08\x92\x02\xc4\x01k"), ERR_KEY},
    {"a key of suite 0", CARD_KEYS,
	FIXTURE_RAW("\x85" FOUR_KEYS "\x08\x92\x00\xc4\x01k"), ERR_RANGE},
    {"a short key", CARD_KEYS,
	FIXTURE_RAW("\x85" FOUR_KEYS "\x08\x92\x01\xc4\x01k"), ERR_RANGE},
    {"an empty map of keys", CARD_KEYS, FIXTURE_RAW("\x80"), ERR_MISSING},
    {"an empty contact", CARD_CONTACT, FIXTURE_RAW("\x80"), ERR_NOT_CANONICAL},
    {"a contact with an empty role", CARD_CONTACT,
	FIXTURE_RAW("\x81\x01\xa0"), ERR_NOT_CANONICAL},
    {"a contact with an even key", CARD_CONTACT,
	FIXTURE_RAW("\x81\x02\xa1" "x"), ERR_UNKNOWN_CRITICAL},
    {"a contact of two lines", CARD_CONTACT, FIXTURE_RAW("\x81\x03\xa3" "a\rb"), ERR_UTF8},
    {"suite 0 as the lowest", CARD_SUITE_MIN, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"suite 256 as the lowest", CARD_SUITE_MIN, FIXTURE_RAW("\xcd\x01\x00"), ERR_RANGE},
    {"an empty RED desk", CARD_RED_DESK, FIXTURE_RAW("\x80"), ERR_NOT_CANONICAL},
    {"keys and a revocation", CARD_REVOCATION,
	FIXTURE_RAW("\x82\x00\xa1r\x02\x01"), ERR_NOT_CANONICAL},
};
static const struct fixture_spoiled SPOILED_REVOCATION[] = {
    {"an empty reason", CARD_REVOCATION, FIXTURE_RAW("\x82\x00\xa0\x02\x01"), ERR_RANGE},
    {"no reason", CARD_REVOCATION, FIXTURE_RAW("\x81\x02\x01"), ERR_MISSING},
    {"no cut-off", CARD_REVOCATION, FIXTURE_RAW("\x81\x00\xa1r"), ERR_MISSING},
    {"a cut-off at 0", CARD_REVOCATION, FIXTURE_RAW("\x82\x00\xa1r\x02\x00"), ERR_RANGE},
    {"an even key to come", CARD_REVOCATION,
	FIXTURE_RAW("\x83\x00\xa1r\x02\x01\x04\x01"), ERR_UNKNOWN_CRITICAL},
    {"keys in a revocation", CARD_KEYS,
	FIXTURE_RAW("\x85" FOUR_KEYS "\x08" KEY("eeee")), ERR_NOT_CANONICAL},
};
/* clang-format on */

START_TEST(refuses_spoiled_fields)
{
	struct bytes bytes, many;
	uint32_t i;

	encode_full(&bytes);
	fixture_check_spoiled(
	    bytes_as_view(&bytes), LINE_LEN, SPOILED, sizeof(SPOILED) / sizeof(*SPOILED), decode);
	bytes_init(&many, FIXTURE_BYTES_MAX);
	bytes_append_u8(&many, (uint8_t)(0x90 | (ENDPOINTS_MAX + 1)));
	for (i = 0; i <= ENDPOINTS_MAX; i++) {
		bytes_append(&many, "\xa9tcp://a:", 9);
		bytes_append_u8(&many, (uint8_t)('1' + i));
	}
	ck_err(fixture_decode_edited(
		   bytes_as_view(&bytes), LINE_LEN, CARD_ENDPOINTS, bytes_as_view(&many), decode),
	    ERR_TOO_LARGE);
	many.data[0]--; /* as many as the limit */
	ck_err(fixture_decode_edited(bytes_as_view(&bytes), LINE_LEN, CARD_ENDPOINTS,
		   bytes_view_of(many.data, many.len - 10), decode),
	    ERR_NONE);
	bytes_release(&many);
	bytes_release(&bytes);
	encode_revocation(&bytes);
	fixture_check_spoiled(bytes_as_view(&bytes), LINE_LEN, SPOILED_REVOCATION,
	    sizeof(SPOILED_REVOCATION) / sizeof(*SPOILED_REVOCATION), decode);
	bytes_release(&bytes);
}
END_TEST

START_TEST(is_valid_for_ninety_days_at_most)
{
	struct bytes bytes;
	struct card card;

	fixture_card(&card, &ORG);
	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	card.expires_ms = card.issued_ms + CARD_VALIDITY_MS;
	ck_err(card_encode(&card, &bytes), ERR_NONE);
	bytes_clear(&bytes);
	card.expires_ms++;
	ck_err(card_encode(&card, &bytes), ERR_RANGE);
	card.expires_ms = card.issued_ms;
	ck_err(card_encode(&card, &bytes), ERR_RANGE);
	card.expires_ms = card.issued_ms - 1;
	ck_err(card_encode(&card, &bytes), ERR_RANGE);
	card.expires_ms = card.issued_ms + 1;
	ck_err(card_encode(&card, &bytes), ERR_NONE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(counts_from_issue_to_expiry)
{
	struct card card;

	fixture_card(&card, &ORG);
	ck_assert(!card_is_valid_at(&card, card.issued_ms - 1));
	ck_assert(card_is_valid_at(&card, card.issued_ms));
	ck_assert(card_is_valid_at(&card, card.expires_ms - 1));
	ck_assert(!card_is_valid_at(&card, card.expires_ms));
	card.is_revocation = true;
	ck_assert(!card_is_valid_at(&card, card.issued_ms));
}
END_TEST

START_TEST(refuses_to_write_what_it_would_not_read)
{
	struct bytes bytes;
	struct card card;

	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	bytes_append(&bytes, "before", 6);
	fixture_card(&card, &ORG);
	card.sector = bytes_view_str("Bank");
	ck_err(card_encode(&card, &bytes), ERR_VALUE);
	fixture_card(&card, &ORG);
	card.name = bytes_view_str("a\nb");
	ck_err(card_encode(&card, &bytes), ERR_UTF8);
	fixture_card(&card, &ORG);
	memcpy(card.log_key, card.witness_key, 32);
	ck_err(card_encode(&card, &bytes), ERR_KEY);
	ck_same(bytes_as_view(&bytes), bytes_view_str("before"));
	bytes_release(&bytes);
}
END_TEST

START_TEST(knows_endpoints)
{
	static const char *const good[] = {"tcp://a:1", "tcp://127.0.0.1:7001", "tcp://[::1]:65535",
	    "tcp://malla.norte.example:7001", "tcp://[2001:db8::7]:1",
	    "tcp://xn--bcher-kva.example:9", "tcp://3com.example:80", "tcp://1.2.3.example:80",
	    "tcp://Norte.Example:7001"};
	static const char *const bad[] = {"", "tcp://", "tcp://a", "tcp://a:", "tcp://:1",
	    "udp://a:1", "TCP://a:1", "tcp:/a:1", "tcp://a:0", "tcp://a:01", "tcp://a:65536",
	    "tcp://a:99999", "tcp://a:100000", "tcp://a:1x", "tcp://a:-1", "tcp://a:+1",
	    "tcp://a:1/", "tcp://a b:1", "tcp://-a:1", "tcp://a-:1", "tcp://a-.b:1", "tcp://a..b:1",
	    "tcp://.a:1", "tcp://a.:1", "tcp://*:1", "tcp://a_b:1", "tcp://1.2.3:1",
	    "tcp://1.2.3.256:1", "tcp://1.2.3.04:1", "tcp://1.2.3.4.5:1", "tcp://::1:1",
	    "tcp://[::1:1", "tcp://::1]:1", "tcp://[]:1", "tcp://[1.2.3.4]:1",
	    "tcp://[fe80::1%eth0]:1", "tcp://[::g]:1", "tcp://user@a:1",
	    "tcp://b\xc3\xbc"
	    "cher:1"};
	char text[ENDPOINT_BYTES_MAX + 2];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(card_is_endpoint(bytes_view_str(good[i])), "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!card_is_endpoint(bytes_view_str(bad[i])), "%s", bad[i]);
	ck_assert(!card_is_endpoint(bytes_view_of("tcp://1.2.3.4\0:1", 16)));
	ck_assert(!card_is_endpoint(bytes_view_of("tcp://[::1\0]:1", 14)));
	/* a label of 63 letters, and of 64 */
	(void)snprintf(text, sizeof(text), "tcp://%063d.example:1", 0);
	ck_assert(card_is_endpoint(bytes_view_str(text)));
	(void)snprintf(text, sizeof(text), "tcp://%064d.example:1", 0);
	ck_assert(!card_is_endpoint(bytes_view_str(text)));
}
END_TEST

START_TEST(refuses_endpoints_longer_than_the_limit)
{
	char text[ENDPOINT_BYTES_MAX + 2] = "tcp://";
	size_t i;

	/* labels of one letter, "a.a.a...a:12", and then one more digit */
	for (i = 6; i < ENDPOINT_BYTES_MAX - 3; i++)
		text[i] = i % 2 == 0 ? 'a' : '.';
	memcpy(text + i, ":12", 4);
	ck_assert_uint_eq(strlen(text), ENDPOINT_BYTES_MAX);
	ck_assert(card_is_endpoint(bytes_view_str(text)));
	memcpy(text + i, ":123", 5);
	ck_assert(!card_is_endpoint(bytes_view_str(text)));
}
END_TEST

/* ---------------------------------------------------------------- the package */

/* An organisation: 2 of 3 root keys with seeds from 20, a card that two of them signed. */
struct organisation {
	uint8_t keys[3][32];
	struct bytes root, card;
	uint8_t signatures[8][64];
	struct card_package package;
	struct org_id org;
};

static void
organisation_init(struct organisation *organisation, const struct org_id *claimed)
{
	struct card_package *package = &organisation->package;
	struct hash hash;
	struct card card;
	struct root root;

	*organisation = (struct organisation){0};
	bytes_init(&organisation->root, FIXTURE_BYTES_MAX);
	fixture_root(&root, 1, 2, 3, 20, organisation->keys);
	ck_err(root_encode(&root, &organisation->root), ERR_NONE);
	digest_sha256(bytes_as_view(&organisation->root), &hash);
	memcpy(organisation->org.bytes, hash.bytes, 32);
	fixture_card(&card, claimed == NULL ? &organisation->org : claimed);
	encode(&card, &organisation->card);
	package->roots_count = 1;
	package->roots[0].statement = bytes_as_view(&organisation->root);
	fixture_add_signature(&package->roots[0], 0, 20, organisation->signatures[0]);
	fixture_add_signature(&package->roots[0], 1, 21, organisation->signatures[1]);
	package->card.statement = bytes_as_view(&organisation->card);
	fixture_add_signature(&package->card, 1, 21, organisation->signatures[2]);
	fixture_add_signature(&package->card, 2, 22, organisation->signatures[3]);
}

static void
organisation_release(struct organisation *organisation)
{
	bytes_release(&organisation->root);
	bytes_release(&organisation->card);
}

static void
encode_package(const struct organisation *organisation, struct bytes *out)
{
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(card_package_encode(&organisation->package, out), ERR_NONE);
}

static enum err
decode_package(struct bytes_view in)
{
	static struct card_package package;

	return card_package_decode(in, &package);
}

static enum err
verify(const struct card_package *package)
{
	struct card card, before;
	enum err err;

	memset(&card, 0x77, sizeof(card));
	before = card;
	err = card_package_verify(package, &card);
	if (err != ERR_NONE)
		ck_assert_mem_eq(&card, &before, sizeof(card));
	return err;
}

START_TEST(gives_back_a_package)
{
	static struct card_package found;
	struct organisation organisation;
	struct bytes bytes, again;
	struct card card;

	organisation_init(&organisation, NULL);
	encode_package(&organisation, &bytes);
	ck_err(card_package_decode(bytes_as_view(&bytes), &found), ERR_NONE);
	ck_assert_uint_eq(found.roots_count, 1);
	ck_err(card_package_verify(&found, &card), ERR_NONE);
	ck_assert_mem_eq(&card.org, &organisation.org, 32);
	ck_assert_uint_eq(card.sign_key[0], 0x51);
	bytes_init(&again, FIXTURE_BYTES_MAX);
	ck_err(card_package_encode(&found, &again), ERR_NONE);
	ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
	bytes_release(&bytes);
	bytes_release(&again);
	organisation_release(&organisation);
}
END_TEST

START_TEST(refuses_a_package_cut_short_or_spoiled)
{
	static const uint64_t required[] = {CARD_PACKAGE_ROOTS, CARD_PACKAGE_CARD};
	struct organisation organisation;
	struct bytes bytes, many;
	uint32_t i;

	organisation_init(&organisation, NULL);
	encode_package(&organisation, &bytes);
	fixture_check_length(bytes_as_view(&bytes), decode_package);
	fixture_check_required(bytes_as_view(&bytes), 0, required, 2, decode_package);
	fixture_check_unknown(bytes_as_view(&bytes), 0, decode_package);
	ck_err(fixture_decode_edited(bytes_as_view(&bytes), 0, CARD_PACKAGE_ROOTS,
		   bytes_view_of("\x90", 1), decode_package),
	    ERR_RANGE);
	ck_err(fixture_decode_edited(bytes_as_view(&bytes), 0, CARD_PACKAGE_ROOTS,
		   bytes_view_of("\xdd\xff\xff\xff\xff", 5), decode_package),
	    ERR_TOO_LARGE);
	bytes_init(&many, FIXTURE_BYTES_MAX);
	bytes_append(&many, "\xdc\x00\x21", 3); /* one more than ROOT_VERSIONS_MAX */
	for (i = 0; i <= ROOT_VERSIONS_MAX; i++)
		bytes_append(&many, "\x92\xc4\x01s\x91\x93\x00\x02\xc4\x01x", 11);
	ck_err(fixture_decode_edited(bytes_as_view(&bytes), 0, CARD_PACKAGE_ROOTS,
		   bytes_as_view(&many), decode_package),
	    ERR_TOO_LARGE);
	bytes_put_u16(many.data + 1, ROOT_VERSIONS_MAX);
	ck_err(fixture_decode_edited(bytes_as_view(&bytes), 0, CARD_PACKAGE_ROOTS,
		   bytes_view_of(many.data, many.len - 11), decode_package),
	    ERR_NONE);
	memset(bytes_extend(&many, CARD_PACKAGE_BYTES_MAX), 0, CARD_PACKAGE_BYTES_MAX);
	ck_err(decode_package(bytes_as_view(&many)), ERR_TOO_LARGE);
	bytes_release(&many);
	bytes_release(&bytes);
	organisation_release(&organisation);
}
END_TEST

START_TEST(refuses_a_card_that_its_root_did_not_sign)
{
	struct organisation organisation;
	struct signed_thing *card = &organisation.package.card;

	organisation_init(&organisation, NULL);
	ck_err(verify(&organisation.package), ERR_NONE);
	card->count = 1; /* below the threshold */
	ck_err(verify(&organisation.package), ERR_SIGNATURE);
	card->count = 2;
	organisation.signatures[3][0] ^= 1;
	ck_err(verify(&organisation.package), ERR_SIGNATURE);
	organisation.signatures[3][0] ^= 1;
	fixture_add_signature(card, 16, 20, organisation.signatures[4]); /* no such signer */
	ck_err(verify(&organisation.package), ERR_SIGNATURE);
	card->count = 2;
	card->signatures[1] = card->signatures[0]; /* one key, counted twice */
	ck_err(verify(&organisation.package), ERR_ORDER);
	card->signatures[1].signer = 2; /* and under another's name */
	ck_err(verify(&organisation.package), ERR_SIGNATURE);
	organisation_release(&organisation);
}
END_TEST

START_TEST(refuses_a_card_that_was_altered)
{
	struct organisation organisation;
	size_t i;

	organisation_init(&organisation, NULL);
	for (i = 0; i < organisation.card.len; i += 7) {
		organisation.card.data[i] ^= 1;
		ck_assert(verify(&organisation.package) != ERR_NONE);
		organisation.card.data[i] ^= 1;
	}
	for (i = 0; i < organisation.root.len; i += 7) {
		organisation.root.data[i] ^= 1;
		ck_assert(verify(&organisation.package) != ERR_NONE);
		organisation.root.data[i] ^= 1;
	}
	ck_err(verify(&organisation.package), ERR_NONE);
	organisation_release(&organisation);
}
END_TEST

START_TEST(refuses_a_card_of_another_organisation)
{
	struct organisation organisation;

	organisation_init(&organisation, &ORG);
	ck_err(verify(&organisation.package), ERR_INVALID);
	organisation_release(&organisation);
}
END_TEST

START_TEST(refuses_a_package_without_a_chain)
{
	struct organisation organisation;

	organisation_init(&organisation, NULL);
	organisation.package.roots[0].count = 1;
	ck_err(verify(&organisation.package), ERR_SIGNATURE);
	organisation.package.roots_count = 0;
	ck_err(verify(&organisation.package), ERR_MISSING);
	organisation.package.roots_count = 1;
	organisation.package.roots[0] = organisation.package.card;
	ck_err(verify(&organisation.package), ERR_FORMAT);
	organisation_release(&organisation);
}
END_TEST

/* ---------------------------------------------------------------- the file */

#define BEGIN "-----BEGIN MALLA CARD-----"
#define END "-----END MALLA CARD-----"
/* 64 letters: 48 bytes */
#define LINE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v"

static enum err
decode_file(const char *text, struct bytes *out)
{
	bytes_init(out, FIXTURE_BYTES_MAX);
	bytes_append(out, "before", 6);
	return card_file_decode(bytes_view_str(text), out);
}

START_TEST(writes_armour_as_documented)
{
	uint8_t package[50];
	struct bytes out;
	uint8_t i;

	for (i = 0; i < sizeof(package); i++)
		package[i] = i;
	bytes_init(&out, FIXTURE_BYTES_MAX);
	ck_err(card_file_encode(bytes_view_of(package, 50), &out), ERR_NONE);
	ck_same(bytes_as_view(&out), bytes_view_str(BEGIN "\n" LINE "\nMDE=\n" END "\n"));
	bytes_clear(&out);
	ck_err(card_file_encode(bytes_view_of(package, 48), &out), ERR_NONE);
	ck_same(bytes_as_view(&out), bytes_view_str(BEGIN "\n" LINE "\n" END "\n"));
	bytes_clear(&out);
	ck_err(card_file_encode(bytes_view_of(package, 0), &out), ERR_TRUNCATED);
	ck_assert_uint_eq(out.len, 0);
	bytes_release(&out);
}
END_TEST

START_TEST(reads_armour_as_people_send_it)
{
	static const char *const good[] = {
	    BEGIN "\n" LINE "\nMDE=\n" END "\n",
	    BEGIN "\n" LINE "\nMDE=\n" END,
	    BEGIN "\r\n" LINE "\r\nMDE=\r\n" END "\r\n",
	    "Our card, as agreed by telephone.\n\n" BEGIN "\n" LINE "\nMDE=\n" END "\n",
	    BEGIN "\n" LINE "\nMDE=\n" END "\n\n-- \nregards\n" BEGIN "\n",
	};
	struct bytes out;
	size_t i;
	uint8_t n;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		ck_assert_msg(decode_file(good[i], &out) == ERR_NONE, "%zu", i);
		ck_assert_uint_eq(out.len, 6 + 50);
		for (n = 0; n < 50; n++)
			ck_assert_uint_eq(out.data[6 + n], n);
		bytes_release(&out);
	}
}
END_TEST

static const struct {
	const char *why;
	const char *text;
	enum err err;
} FILES[] = {
    {"nothing", "", ERR_FORMAT},
    {"another label", "-----BEGIN MALLA KEY-----\nMDE=\n" END "\n", ERR_FORMAT},
    {"a blank before BEGIN", " " BEGIN "\nMDE=\n" END "\n", ERR_FORMAT},
    {"a blank after BEGIN", BEGIN " \nMDE=\n" END "\n", ERR_FORMAT},
    {"nothing inside", BEGIN "\n" END "\n", ERR_FORMAT},
    {"an empty line inside", BEGIN "\n\nMDE=\n" END "\n", ERR_FORMAT},
    {"an empty line at the end", BEGIN "\nMDE=\n\n" END "\n", ERR_FORMAT},
    {"a header inside", BEGIN "\nComment: x\nMDE=\n" END "\n", ERR_FORMAT},
    {"a blank inside", BEGIN "\nMD E\n" END "\n", ERR_FORMAT},
    {"a blank at the end of a line", BEGIN "\nMDE= \n" END "\n", ERR_FORMAT},
    {"a short line that is not the last", BEGIN "\nMDEy\nMDEy\n" END "\n", ERR_FORMAT},
    {"padding that is not at the end", BEGIN "\nMDE=\nMDEy\n" END "\n", ERR_FORMAT},
    {"a line of 68 letters", BEGIN "\n" LINE "MDEy\n" END "\n", ERR_FORMAT},
    {"spare bits", BEGIN "\nMDF=\n" END "\n", ERR_FORMAT},
    {"a second BEGIN", BEGIN "\n" BEGIN "\nMDE=\n" END "\n", ERR_FORMAT},
    {"another END", BEGIN "\nMDE=\n-----END MALLA KEY-----\n", ERR_FORMAT},
    {"no END", BEGIN "\nMDE=\n", ERR_TRUNCATED},
    {"END cut short", BEGIN "\n" LINE "\n-----END MALLA CARD----", ERR_FORMAT},
    {"nothing after BEGIN", BEGIN, ERR_TRUNCATED},
};

START_TEST(refuses_any_other_file)
{
	struct bytes out;
	size_t i;

	for (i = 0; i < sizeof(FILES) / sizeof(*FILES); i++) {
		enum err err = decode_file(FILES[i].text, &out);

		ck_assert_msg(err == FILES[i].err, "%s: %s", FILES[i].why, err_name(err));
		ck_same(bytes_as_view(&out), bytes_view_str("before"));
		bytes_release(&out);
	}
}
END_TEST

START_TEST(reads_a_file_of_full_size_and_no_larger)
{
	struct bytes package, file, back, text;

	bytes_init(&package, FIXTURE_BYTES_MAX);
	bytes_init(&file, FIXTURE_BYTES_MAX);
	bytes_init(&back, FIXTURE_BYTES_MAX);
	memset(bytes_extend(&package, CARD_PACKAGE_BYTES_MAX), 0xa5, CARD_PACKAGE_BYTES_MAX);
	ck_err(card_file_encode(bytes_as_view(&package), &file), ERR_NONE);
	ck_err(card_file_decode(bytes_as_view(&file), &back), ERR_NONE);
	ck_same(bytes_as_view(&back), bytes_as_view(&package));
	bytes_append_u8(&package, 0);
	bytes_clear(&back);
	ck_err(card_file_encode(bytes_as_view(&package), &back), ERR_TOO_LARGE);
	/* one letter group more, where END stands, by hand */
	bytes_init(&text, FIXTURE_BYTES_MAX);
	bytes_append(&text, file.data, file.len - sizeof(END));
	bytes_append(&text, "AAAA\n" END, 5 + sizeof(END) - 1);
	ck_err(card_file_decode(bytes_as_view(&text), &back), ERR_TOO_LARGE);
	ck_assert_uint_eq(back.len, 0);
	/* and text until the file is too large */
	bytes_append_u8(&file, '\n');
	while (file.len < CARD_FILE_BYTES_MAX)
		bytes_append_u8(&file, 'x');
	ck_err(card_file_decode(bytes_as_view(&file), &back), ERR_NONE);
	bytes_append_u8(&file, 'x');
	ck_err(card_file_decode(bytes_as_view(&file), &back), ERR_TOO_LARGE);
	bytes_release(&package);
	bytes_release(&file);
	bytes_release(&back);
	bytes_release(&text);
}
END_TEST

SUITE_MAIN("wire/card", gives_back_what_was_written, gives_back_the_least_card,
    gives_back_a_revocation, refuses_it_cut_short_or_too_long, misses_what_must_be_there,
    skips_relations_which_are_reserved, refuses_spoiled_fields, is_valid_for_ninety_days_at_most,
    counts_from_issue_to_expiry, refuses_to_write_what_it_would_not_read, knows_endpoints,
    refuses_endpoints_longer_than_the_limit, gives_back_a_package,
    refuses_a_package_cut_short_or_spoiled, refuses_a_card_that_its_root_did_not_sign,
    refuses_a_card_that_was_altered, refuses_a_card_of_another_organisation,
    refuses_a_package_without_a_chain, writes_armour_as_documented, reads_armour_as_people_send_it,
    refuses_any_other_file, reads_a_file_of_full_size_and_no_larger)
