/*
 * vectors_parties: Banco del Norte, who signs in every other vector: root documents, cards,
 * the package and its file; and key files.
 */
#ifndef MALLA_TESTS_VECTORS_PARTIES_H
#define MALLA_TESTS_VECTORS_PARTIES_H

#include "tests/vectors/vectors_base.h"
#include "wire/card.h"
#include "wire/root.h"

/* What the other vectors need of the sender. */
struct vectors_party {
	struct org_id org;
	struct bytes root_1, root_2; /* statements */
	struct bytes signed_1, signed_2;
	struct bytes card; /* signed */
	struct bytes package;
};

static void
party_init(struct vectors_party *party)
{
	bytes_init(&party->root_1, ROOT_BYTES_MAX);
	bytes_init(&party->root_2, ROOT_BYTES_MAX);
	bytes_init(&party->signed_1, CARD_FILE_BYTES_MAX);
	bytes_init(&party->signed_2, CARD_FILE_BYTES_MAX);
	bytes_init(&party->card, CARD_FILE_BYTES_MAX);
	bytes_init(&party->package, CARD_FILE_BYTES_MAX);
}

static void
party_release(struct vectors_party *party)
{
	bytes_release(&party->root_1);
	bytes_release(&party->root_2);
	bytes_release(&party->signed_1);
	bytes_release(&party->signed_2);
	bytes_release(&party->card);
	bytes_release(&party->package);
}

/* Two keys from `first` on, which `store` keeps; one of them is enough. */
static void
make_root(struct root *root, uint64_t version, enum vectors_seed first, uint8_t store[2][32])
{
	uint32_t i;

	*root = (struct root){.version = version, .created_ms = VECTORS_TIME, .threshold = 1,
	    .keys_count = 2};
	for (i = 0; i < 2; i++) {
		public_of((enum vectors_seed)((uint32_t)first + i), KEY_ROOT, store[i]);
		root->keys[i].suite = SUITE_1;
		root->keys[i].bytes = bytes_view_of(store[i], 32);
	}
}

/* Append the signed thing of two signers. */
static void
sign_two(struct bytes_view statement, const uint32_t signers[2], const enum vectors_seed seeds[2],
    struct bytes *out)
{
	struct signed_thing thing = {.statement = statement, .count = 2};
	uint8_t signatures[2][64];
	uint32_t i;

	for (i = 0; i < 2; i++) {
		sign_with(seeds[i], statement, signatures[i]);
		thing.signatures[i] = (struct signed_signature){
		    signers[i], SUITE_1, bytes_view_of(signatures[i], 64)};
	}
	assert(signed_encode(&thing, out) == ERR_NONE);
}

static void
make_roots(struct vectors_party *party)
{
	static const uint32_t own[2] = {0, 1}, both[2] = {1, 16};
	static const enum vectors_seed seeds_1[2] = {SEED_ROOT_1, SEED_ROOT_2};
	static const enum vectors_seed seeds_2[2] = {SEED_ROOT_NEXT_2, SEED_ROOT_1};
	uint8_t keys_1[2][32], keys_2[2][32];
	struct root root_1, root_2;
	struct hash hash;

	make_root(&root_1, 1, SEED_ROOT_1, keys_1);
	make_root(&root_2, 2, SEED_ROOT_NEXT_1, keys_2);
	assert(root_keys_hash(&root_2, &root_1.next) == ERR_NONE);
	fill(root_2.next.bytes, sizeof(root_2.next.bytes), 100);
	assert(root_encode(&root_1, &party->root_1) == ERR_NONE);
	digest_sha256(bytes_as_view(&party->root_1), &hash);
	memcpy(party->org.bytes, hash.bytes, sizeof(party->org.bytes));
	root_2.org = party->org;
	assert(root_encode(&root_2, &party->root_2) == ERR_NONE);
	sign_two(bytes_as_view(&party->root_1), own, seeds_1, &party->signed_1);
	sign_two(bytes_as_view(&party->root_2), both, seeds_2, &party->signed_2);
}

static void
make_card(const struct org_id *org, uint64_t serial, struct card *card)
{
	*card = (struct card){.org = *org, .name = bytes_view_str("Banco del Norte, S.\xc3\xa1."),
	    .sector = bytes_view_str("bank"), .country = bytes_view_str("MX"), .serial = serial,
	    .issued_ms = VECTORS_TIME, .expires_ms = VECTORS_TIME + CARD_VALIDITY_MS,
	    .suite_min = 1, .endpoints_count = 3};
	card->endpoints[0] = bytes_view_str("tcp://malla.norte.example:7001");
	card->endpoints[1] = bytes_view_str("tcp://192.0.2.10:7001");
	card->endpoints[2] = bytes_view_str("tcp://[2001:db8::7]:7001");
	public_of(SEED_SIGN, KEY_SIGN, card->sign_key);
	public_of(SEED_ENVELOPE, KEY_ENVELOPE, card->envelope_key);
	public_of(SEED_TRANSPORT, KEY_TRANSPORT, card->transport_key.bytes);
	public_of(SEED_LOG, KEY_LOG, card->log_key);
	public_of(SEED_WITNESS, KEY_WITNESS, card->witness_key);
	card->contact.role = bytes_view_str("CSIRT");
	card->contact.mailbox = bytes_view_str("csirt@norte.example");
	card->contact.telephone = bytes_view_str("+52 55 5555 0100");
	card->contact.hours = bytes_view_str("24x7");
	card->contact.languages = bytes_view_str("es, en");
	card->contact.escalation = bytes_view_str("CISO");
	card->red_desk.role = bytes_view_str("RED desk");
}

/* A card's signed thing by the one key of the newest root that is needed. */
static void
sign_card(const struct card *card, struct bytes *out)
{
	struct bytes statement;

	bytes_init(&statement, CARD_BYTES_MAX);
	assert(card_encode(card, &statement) == ERR_NONE);
	sign_one(SEED_ROOT_NEXT_1, bytes_as_view(&statement), out);
	bytes_release(&statement);
}

static void
make_package(const struct vectors_party *party, struct bytes_view card, struct bytes *out)
{
	static struct card_package package;
	struct card verified;

	package.roots_count = 2;
	assert(signed_decode(bytes_as_view(&party->signed_1), ROOT_BYTES_MAX,
		   &package.roots[0]) == ERR_NONE);
	assert(signed_decode(bytes_as_view(&party->signed_2), ROOT_BYTES_MAX,
		   &package.roots[1]) == ERR_NONE);
	assert(signed_decode(card, CARD_BYTES_MAX, &package.card) == ERR_NONE);
	assert(card_package_verify(&package, &verified) == ERR_NONE);
	assert(card_package_encode(&package, out) == ERR_NONE);
}

/* The caller releases it. */
static void
make_party(struct vectors_party *party)
{
	struct card card;

	party_init(party);
	make_roots(party);
	make_card(&party->org, 7, &card);
	sign_card(&card, &party->card);
	make_package(party, bytes_as_view(&party->card), &party->package);
}

static void
show_package(struct vectors *vectors, const char *name, const struct vectors_party *party,
    const struct bytes *package, const struct card *card)
{
	char fingerprint[FINGERPRINT_BYTES];
	struct bytes file;

	root_fingerprint(&party->org, fingerprint);
	bytes_init(&file, CARD_FILE_BYTES_MAX);
	assert(card_file_encode(bytes_as_view(package), &file) == ERR_NONE);
	vector_begin(vectors, "card-package", name);
	put_hex(vectors, "organisation", party->org.bytes, sizeof(party->org.bytes));
	put_string(vectors, "fingerprint", fingerprint);
	put_number(vectors, "serial", card->serial);
	put_text(vectors, "card_name", card->name);
	put_text(vectors, "revoked", card->revocation_reason);
	put_hex(vectors, "sign_key", card->sign_key, sizeof(card->sign_key));
	put_text(vectors, "file", bytes_as_view(&file));
	put_bytes(vectors, "bytes", package);
	vector_end(vectors);
	bytes_release(&file);
}

static void
vectors_parties(struct vectors *vectors)
{
	struct vectors_party party;
	struct bytes revoked, package;
	struct card card;

	make_party(&party);
	vector_begin(vectors, "root-chain", "two versions, the second signed by both key sets");
	put_bytes(vectors, "first", &party.signed_1);
	put_bytes(vectors, "second", &party.signed_2);
	put_hex(vectors, "organisation", party.org.bytes, sizeof(party.org.bytes));
	vector_end(vectors);
	make_card(&party.org, 7, &card);
	show_package(vectors, "a card with every field", &party, &party.package, &card);
	card = (struct card){.org = party.org, .name = card.name, .sector = card.sector,
	    .serial = 8, .issued_ms = VECTORS_TIME, .expires_ms = VECTORS_TIME + VECTORS_DAY,
	    .suite_min = 1, .is_revocation = true, .revocation_cutoff_ms = VECTORS_TIME - 1,
	    .revocation_reason = bytes_view_str("the node was stolen")};
	bytes_init(&revoked, CARD_FILE_BYTES_MAX);
	bytes_init(&package, CARD_FILE_BYTES_MAX);
	sign_card(&card, &revoked);
	make_package(&party, bytes_as_view(&revoked), &package);
	show_package(vectors, "a revocation", &party, &package, &card);
	bytes_release(&revoked);
	bytes_release(&package);
	party_release(&party);
}

/* ---------------------------------------------------------------- key files */

/* Written once by keyfile_write, whose salt and nonce are random: the secret of SEED_FILE, a
   root key, under VECTORS_PASSPHRASE. */
#define VECTORS_PASSPHRASE "correcto caballo pila grapa"
static const uint8_t locked_keyfile[] =
    "malla/keyfile/v1\n\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x04\x00\x00\x00"
    "\xbd\x02\x51\x96\x9e\x03\xab\xa4\x0f\xfb\x9d\xf0\xf1\x7e\xc0\x0a\x8d\xc7"
    "\x9c\x07\x93\x94\x9d\x1d\x0f\x42\x2c\xe1\x7e\x02\xd5\xd8\xb7\xf2\xa0\xfc"
    "\xb8\x62\x26\x57\x00\x30\x6f\x81\xfa\x72\x54\x7b\x27\x1d\x93\x31\xdf\x5b"
    "\xca\x65\x77\x51\x17\x10\x6d\xc1\xb0\xe4\x15\xf8\xbd\xa3\x45\x76\x53\x10"
    "\xe5\x50\x82\x5a\x84\x57\x7c\x71\x02\xfc\x5a\xcf\x41\xd4\xc0\x24\xbc\xd2";

static void
show_keyfile(struct vectors *vectors, const char *name, struct bytes_view file,
    enum key_purpose purpose, enum vectors_seed seed, const char *passphrase)
{
	uint8_t secret[32], public_key[32];
	struct keyfile decoded;

	assert(keyfile_decode(file, &decoded) == ERR_NONE);
	seed_bytes(seed, secret);
	public_of(seed, purpose, public_key);
	vector_begin(vectors, "keyfile", name);
	put_string(vectors, "purpose", key_purpose_name(purpose));
	put_string(vectors, "passphrase", passphrase);
	put_hex(vectors, "secret", secret, sizeof(secret));
	put_hex(vectors, "public", public_key, sizeof(public_key));
	put_hex(vectors, "bytes", file.data, file.len);
	vector_end(vectors);
}

static void
vectors_keyfiles(struct vectors *vectors)
{
	struct keyfile file = {.purpose = KEY_ENVELOPE};
	uint8_t secret[32];
	struct bytes bytes;

	seed_bytes(SEED_ENVELOPE, secret);
	file.secret = bytes_view_of(secret, sizeof(secret));
	bytes_init(&bytes, KEYFILE_BYTES_MAX);
	assert(keyfile_encode(&file, &bytes) == ERR_NONE);
	show_keyfile(
	    vectors, "in clear", bytes_as_view(&bytes), KEY_ENVELOPE, SEED_ENVELOPE, "");
	show_keyfile(vectors, "under a passphrase",
	    bytes_view_of(locked_keyfile, sizeof(locked_keyfile) - 1), KEY_ROOT, SEED_FILE,
	    VECTORS_PASSPHRASE);
	bytes_release(&bytes);
}

#endif
