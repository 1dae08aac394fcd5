#include "tests/sim/party.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "wire/root.h"

#define DAY UINT64_C(86400000)

static struct party parties[PARTIES];

const struct party *
party_at(uint32_t index)
{
	return &parties[index];
}

uint32_t
party_of_org(const struct org_id *org)
{
	uint32_t i;

	for (i = 0; i < PARTIES; i++) {
		if (memcmp(&parties[i].org, org, sizeof(*org)) == 0)
			break;
	}
	return i;
}

uint32_t
party_of_key(const struct transport_key *key)
{
	uint32_t i;

	for (i = 0; i < PARTIES; i++) {
		if (memcmp(&parties[i].card.transport_key, key, sizeof(*key)) == 0)
			break;
	}
	return i;
}

/* A key that its owner and its purpose decide: seed, public half, signer where one is wanted. */
static enum err
make_key(const struct party *party, enum key_purpose purpose, uint8_t seed[32],
    uint8_t public_key[32], struct signer **signer)
{
	uint8_t name[3] = {'s', (uint8_t)party->index, (uint8_t)purpose};
	struct secret *secret = NULL;
	struct hash hash;
	enum err err;

	digest_sha256(bytes_view_of(name, sizeof(name)), &hash);
	memcpy(seed, hash.bytes, 32);
	err = secret_open(seed, &secret);
	if (err == ERR_NONE)
		err = secret_public(secret, purpose, public_key);
	secret_free(secret);
	if (err == ERR_NONE && signer != NULL)
		err = signer_open(seed, signer);
	return err;
}

static enum err
sign_into(const struct signer *signer, const struct bytes *statement, struct bytes *out)
{
	uint8_t signature[64];
	enum err err = signer_sign(signer, bytes_as_view(statement), signature);

	return err == ERR_NONE ? signed_encode_one(bytes_as_view(statement), signature, out) : err;
}

/* The root document signs itself, and then the card. */
static enum err
make_package(struct party *party, const struct signer *root_signer, const uint8_t root_key[32])
{
	static struct card_package package;
	struct root root = {
	    .version = 1, .created_ms = PARTY_TIME - DAY, .threshold = 1, .keys_count = 1};
	struct bytes statement, signed_root, signed_card;
	struct hash id;
	enum err err;

	root.keys[0].suite = SUITE_1;
	root.keys[0].bytes = bytes_view_of(root_key, 32);
	memset(root.next.bytes, 7, sizeof(root.next.bytes));
	bytes_init(&statement, CARD_BYTES_MAX);
	bytes_init(&signed_root, ROOT_BYTES_MAX + 256);
	bytes_init(&signed_card, CARD_BYTES_MAX + 256);
	err = root_encode(&root, &statement);
	if (err == ERR_NONE)
		err = sign_into(root_signer, &statement, &signed_root);
	digest_sha256(bytes_as_view(&statement), &id);
	memcpy(party->org.bytes, id.bytes, sizeof(id.bytes));
	party->card.org = party->org;
	bytes_clear(&statement);
	if (err == ERR_NONE)
		err = card_encode(&party->card, &statement);
	if (err == ERR_NONE)
		err = sign_into(root_signer, &statement, &signed_card);
	package.roots_count = 1;
	if (err == ERR_NONE)
		err = signed_decode(bytes_as_view(&signed_root), ROOT_BYTES_MAX, &package.roots[0]);
	if (err == ERR_NONE)
		err = signed_decode(bytes_as_view(&signed_card), CARD_BYTES_MAX, &package.card);
	if (err == ERR_NONE)
		err = card_package_encode(&package, &party->package);
	bytes_release(&statement);
	bytes_release(&signed_root);
	bytes_release(&signed_card);
	return err;
}

static enum err
make_party(struct party *party)
{
	static const char *const names[PARTIES] = {"Banco del Norte", "CERT Centro",
	    "Telefonia Sur", "Universidad Oriente", "Puerto Poniente"};
	struct user_entry founder = {.name = bytes_view_str("founder"),
	    .uid = PARTY_UID,
	    .roles = ROLE_ALL,
	    .clearance = CLEARANCE_RED,
	    .is_red_desk = true,
	    .added_ms = PARTY_TIME};
	struct card *card = &party->card;
	struct signer *root = NULL;
	uint8_t seed[32], root_key[32];
	enum err err;

	*card = (struct card){.name = bytes_view_str(names[party->index]),
	    .sector = bytes_view_str("bank"),
	    .serial = 1,
	    .issued_ms = PARTY_TIME - DAY,
	    .expires_ms = PARTY_TIME + 60 * DAY,
	    .suite_min = SUITE_1,
	    .endpoints_count = 1};
	card->endpoints[0] = bytes_view_str("tcp://127.0.0.1:7001");
	bytes_init(&party->package, CARD_PACKAGE_BYTES_MAX);
	bytes_init(&party->founder_entry, 4096);
	err = make_key(party, KEY_ROOT, seed, root_key, &root);
	if (err == ERR_NONE)
		err = make_key(party, KEY_SIGN, party->sign_seed, card->sign_key, &party->sign);
	if (err == ERR_NONE)
		err = make_key(party, KEY_LOG, party->log_seed, card->log_key, &party->log);
	if (err == ERR_NONE)
		err =
		    make_key(party, KEY_ENVELOPE, party->envelope_secret, card->envelope_key, NULL);
	if (err == ERR_NONE)
		err = make_key(party, KEY_TRANSPORT, seed, card->transport_key.bytes, NULL);
	if (err == ERR_NONE)
		err = make_key(party, KEY_WITNESS, seed, card->witness_key, NULL);
	if (err == ERR_NONE)
		err = make_key(party, KEY_OPERATOR, seed, founder.public_key, &party->founder);
	if (err == ERR_NONE)
		err = schema_encode(&request_user_schema, &founder, &party->founder_entry);
	if (err == ERR_NONE)
		err = make_package(party, root, root_key);
	signer_free(root);
	return err;
}

enum err
party_start(void)
{
	enum err err = digest_start();
	uint32_t i;

	for (i = 0; i < PARTIES && err == ERR_NONE; i++) {
		parties[i].index = i;
		err = make_party(&parties[i]);
	}
	return err;
}

enum err
party_keyring(const struct party *party, const struct keyring_journal *journal,
    uint64_t (*now_ms)(void *context), void *context, struct keyring **out)
{
	struct keyring_parts parts = {.sign = party->sign_seed,
	    .log = party->log_seed,
	    .envelope = party->envelope_secret,
	    .public = {.org = party->org, .serial = party->card.serial},
	    .journal = *journal,
	    .now_ms = now_ms,
	    .now_context = context};

	memcpy(parts.public.sign_key, party->card.sign_key, 32);
	memcpy(parts.public.envelope_key, party->card.envelope_key, 32);
	memcpy(parts.public.log_key, party->card.log_key, 32);
	memcpy(parts.public.witness_key, party->card.witness_key, 32);
	return keyring_assemble(&parts, out);
}

enum err
party_act(
    const struct party *party, const struct request *request, uint64_t now_ms, struct bytes *out)
{
	struct act act = {.node = party->org,
	    .request = request->id,
	    .expires_ms = now_ms + 60000,
	    .command = request->command};
	struct bytes statement;
	enum err err;

	digest_sha256(request->arguments, &act.arguments);
	bytes_init(&statement, 1024);
	err = request_act_encode(&act, &statement);
	if (err == ERR_NONE)
		err = sign_into(party->founder, &statement, out);
	bytes_release(&statement);
	return err;
}
