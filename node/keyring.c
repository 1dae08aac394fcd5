#include "node/keyring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/signer.h"
#include "node/channel.h"
#include "node/checkpoint.h"
#include "node/head_journal.h"
#include "node/sandbox.h"
#include "wire/card.h"
#include "wire/header.h"
#include "wire/seal.h"
#include "wire/signed.h"

static_assert(CHANNEL_BYTES_MAX >= 2 + KEYRING_ITEMS_MAX * (5 + RECEIPT_BYTES_MAX),
    "as many receipts as one call may hold fit one message");

/* The keys of one home, and what was signed last. */
struct keys {
	struct keyring keyring; /* first, so that one is the other */
	struct signer *sign;
	struct signer *log;
	struct secret *envelope;
	struct keyring_public public; /* as our own card has it */
	bool has_head;
	bool is_broken; /* a head could not be noted */
	struct head head;
	struct keyring_journal journal;
	uint64_t (*now_ms)(void *context);
	void *now_context;
};

static struct keys *
keys_of(struct keyring *keyring)
{
	return (struct keys *)(void *)keyring;
}

/* ---------------------------------------------------------------- the last head */

void
keyring_head(const uint8_t statement[KEYRING_HEAD_BYTES], struct head *head)
{
	head->epoch = bytes_get_u64(statement);
	head->size = bytes_get_u64(statement + 8);
	memcpy(head->root.bytes, statement + 16, sizeof(head->root.bytes));
}

/* Durable before any signature over it leaves. */
static enum err
note_head(struct keys *keys, const struct head *head)
{
	enum err err = keys->journal.note(keys->journal.context, head);

	if (err == ERR_NONE) {
		keys->has_head = true;
		keys->head = *head;
	} else {
		keys->is_broken = true;
	}
	return err;
}

/* A head may only grow; one of the same size must be the same. */
static enum err
check_head(const struct head *last, bool has_last, const struct head *head)
{
	if (!has_last || head->epoch > last->epoch)
		return ERR_NONE;
	if (head->epoch < last->epoch || head->size < last->size)
		return ERR_LOCKED;
	if (head->size == last->size && !digest_is_equal(&head->root, &last->root))
		return ERR_LOCKED;
	return ERR_NONE;
}

/* ---------------------------------------------------------------- what is signed */

static bool
is_time_sane(const struct keys *keys, uint64_t time_ms)
{
	return time_ms <= keys->now_ms(keys->now_context) + SKEW_MS;
}

static bool
is_self(const struct keys *keys, const struct org_id *org, uint64_t serial)
{
	return memcmp(org, &keys->public.org, sizeof(*org)) == 0 && serial == keys->public.serial;
}

static enum err
check_seal(const struct keys *keys, struct bytes_view statement)
{
	struct seal seal;
	enum err err = seal_decode(statement, &seal);

	if (err != ERR_NONE)
		return err;
	return is_self(keys, &seal.org, seal.serial) && is_time_sane(keys, seal.time_ms)
		   ? ERR_NONE
		   : ERR_REFUSED;
}

static enum err
check_header(const struct keys *keys, struct bytes_view statement)
{
	struct header *header = malloc(sizeof(*header));
	struct hash hash;
	enum err err;

	if (header == NULL)
		return ERR_MEMORY;
	err = header_decode(statement, header, &hash);
	if (err == ERR_NONE && (!is_self(keys, &header->sender, header->sender_serial) ||
				   !is_time_sane(keys, header->time_ms)))
		err = ERR_REFUSED;
	free(header);
	return err;
}

/* Take a head into account that is about to be signed, on top of those of the same call. */
static enum err
take_head(const struct head *head, struct head *newest, bool *has_newest)
{
	enum err err = check_head(newest, *has_newest, head);

	if (err == ERR_NONE) {
		*newest = *head;
		*has_newest = true;
	}
	return err;
}

static enum err
check_receipt(
    const struct keys *keys, struct bytes_view statement, struct head *newest, bool *has_newest)
{
	struct receipt receipt;
	enum err err = receipt_decode(statement, &receipt);

	if (err != ERR_NONE)
		return err;
	if (!is_self(keys, &receipt.recipient, receipt.recipient_serial) ||
	    !is_time_sane(keys, receipt.time_ms))
		return ERR_REFUSED;
	return take_head(&receipt.head, newest, has_newest);
}

static enum err
check_checkpoint(struct bytes_view statement, struct head *newest, bool *has_newest)
{
	struct head head;
	struct hash empty;

	if (statement.len != KEYRING_HEAD_BYTES)
		return ERR_INVALID;
	keyring_head(statement.data, &head);
	digest_sha256(bytes_view_of(NULL, 0), &empty);
	if (head.epoch > NUMBER_MAX || head.size > NUMBER_MAX)
		return ERR_RANGE;
	if (head.size == 0 && !digest_is_equal(&head.root, &empty))
		return ERR_VALUE;
	return take_head(&head, newest, has_newest);
}

static enum err
check_item(
    const struct keys *keys, const struct keyring_item *item, struct head *newest, bool *has_newest)
{
	switch (item->type) {
	case KEYRING_SEAL:
		return check_seal(keys, item->statement);
	case KEYRING_HEADER:
		return check_header(keys, item->statement);
	case KEYRING_RECEIPT:
		return check_receipt(keys, item->statement, newest, has_newest);
	case KEYRING_CHECKPOINT:
		return check_checkpoint(item->statement, newest, has_newest);
	}
	return ERR_REFUSED;
}

/* A checkpoint's text is made here: the log key signs no other bytes. */
static enum err
sign_checkpoint(const struct keys *keys, struct bytes_view statement, uint8_t signature[64])
{
	struct bytes text;
	struct head head;
	enum err err;

	keyring_head(statement.data, &head);
	bytes_init(&text, CHECKPOINT_BYTES_MAX);
	err = checkpoint_text(&keys->public.org, &head, &text);
	if (err == ERR_NONE)
		err = signer_sign(keys->log, bytes_as_view(&text), signature);
	bytes_release(&text);
	return err;
}

static enum err
sign_item(const struct keys *keys, const struct keyring_item *item, uint8_t signature[64])
{
	if (item->type == KEYRING_CHECKPOINT)
		return sign_checkpoint(keys, item->statement, signature);
	return signer_sign(keys->sign, item->statement, signature);
}

static enum err
sign(struct keyring *keyring, const struct keyring_item *items, uint32_t count,
    struct keyring_result *results)
{
	struct keys *keys = keys_of(keyring);
	struct head newest = keys->head;
	bool has_newest = keys->has_head;
	enum err err;
	uint32_t i;

	if (count == 0 || count > KEYRING_ITEMS_MAX)
		return ERR_INVALID;
	for (i = 0; i < count; i++) {
		memset(&results[i], 0, sizeof(results[i]));
		results[i].err = check_item(keys, &items[i], &newest, &has_newest);
	}
	if (has_newest && (!keys->has_head || newest.epoch != keys->head.epoch ||
			      newest.size != keys->head.size)) {
		err = note_head(keys, &newest);
		if (err != ERR_NONE)
			return err;
	}
	for (i = 0; i < count; i++) {
		if (results[i].err == ERR_NONE)
			results[i].err = sign_item(keys, &items[i], results[i].signature);
	}
	return ERR_NONE;
}

static enum err
unwrap(struct keyring *keyring, struct bytes_view statement, uint8_t content_key[32])
{
	static const uint8_t no_psk[32];
	const struct keys *keys = keys_of(keyring);
	struct header *header = malloc(sizeof(*header));
	struct hash hash;
	enum err err;

	if (header == NULL)
		return ERR_MEMORY;
	err = header_decode(statement, header, &hash);
	if (err == ERR_NONE && (!is_self(keys, &header->recipient, header->recipient_serial) ||
				   header->is_certified || header->has_psk))
		err = ERR_REFUSED;
	if (err == ERR_NONE)
		err = envelope_unwrap(secret_bytes(keys->envelope), header->ephemeral, no_psk,
		    &hash, header->wrap_nonce, header->wrap, content_key);
	free(header);
	return err;
}

static enum err
state(struct keyring *keyring, struct head *head, bool *has_head)
{
	const struct keys *keys = keys_of(keyring);

	*head = keys->head;
	*has_head = keys->has_head;
	return ERR_NONE;
}

static enum err
public_keys(struct keyring *keyring, struct keyring_public *out)
{
	*out = keys_of(keyring)->public;
	return ERR_NONE;
}

/* ---------------------------------------------------------------- assembling */

static void
close_keys(struct keyring *keyring)
{
	struct keys *keys = keys_of(keyring);

	if (keys == NULL)
		return;
	signer_free(keys->sign);
	signer_free(keys->log);
	secret_free(keys->envelope);
	if (keys->journal.free != NULL)
		keys->journal.free(keys->journal.context);
	free(keys);
}

/* The keys must be those that our own card names. */
static enum err
take_keys(struct keys *keys, const struct keyring_parts *parts)
{
	uint8_t envelope_key[32];
	enum err err = signer_open(parts->sign, &keys->sign);

	if (err == ERR_NONE)
		err = signer_open(parts->log, &keys->log);
	if (err == ERR_NONE)
		err = secret_open(parts->envelope, &keys->envelope);
	if (err == ERR_NONE)
		err = secret_public(keys->envelope, KEY_ENVELOPE, envelope_key);
	if (err != ERR_NONE)
		return err;
	if (memcmp(signer_public(keys->sign), parts->public.sign_key, 32) != 0 ||
	    memcmp(signer_public(keys->log), parts->public.log_key, 32) != 0 ||
	    memcmp(envelope_key, parts->public.envelope_key, 32) != 0)
		return ERR_KEY;
	return ERR_NONE;
}

static enum err
take_head_of_journal(struct keys *keys)
{
	enum err err = keys->journal.load(keys->journal.context, &keys->head);

	keys->has_head = err == ERR_NONE;
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
keyring_assemble(const struct keyring_parts *parts, struct keyring **out)
{
	struct keys *keys = calloc(1, sizeof(*keys));
	enum err err;

	if (keys == NULL) {
		if (parts->journal.free != NULL)
			parts->journal.free(parts->journal.context);
		return ERR_MEMORY;
	}
	keys->keyring = (struct keyring){.sign = sign,
	    .unwrap = unwrap,
	    .state = state,
	    .public_keys = public_keys,
	    .free = close_keys};
	keys->public = parts->public;
	keys->journal = parts->journal;
	keys->now_ms = parts->now_ms;
	keys->now_context = parts->now_context;
	err = take_keys(keys, parts);
	if (err == ERR_NONE)
		err = take_head_of_journal(keys);
	if (err != ERR_NONE) {
		close_keys(&keys->keyring);
		return err;
	}
	*out = &keys->keyring;
	return ERR_NONE;
}

/* ---------------------------------------------------------------- opening */

/* The secrets of a home, until a keyring has taken them over. */
struct secrets {
	struct secret *sign;
	struct secret *log;
	struct secret *witness;
	struct secret *envelope;
};

static enum err
read_key(const struct home *home, enum key_purpose purpose, struct bytes_view passphrase,
    struct secret **out)
{
	char path[HOME_FILE_MAX];
	enum err err;

	home_key(home, key_purpose_name(purpose), path);
	err = keyfile_read(path, purpose, passphrase, out);
	if (err != ERR_NONE)
		log_line(LOG_ERROR, "%s: %s", path, err_text(err));
	return err;
}

static enum err
read_secrets(const struct home *home, struct bytes_view passphrase, struct secrets *secrets)
{
	enum err err = read_key(home, KEY_SIGN, passphrase, &secrets->sign);

	if (err == ERR_NONE)
		err = read_key(home, KEY_LOG, passphrase, &secrets->log);
	if (err == ERR_NONE)
		err = read_key(home, KEY_WITNESS, passphrase, &secrets->witness);
	if (err == ERR_NONE)
		err = read_key(home, KEY_ENVELOPE, passphrase, &secrets->envelope);
	return err;
}

static void
free_secrets(struct secrets *secrets)
{
	secret_free(secrets->sign);
	secret_free(secrets->log);
	secret_free(secrets->witness);
	secret_free(secrets->envelope);
}

/* Nothing asks for a witness's signature: its key is looked at, as a card that names another one
   is wrong, and not kept. */
static enum err
match_witness(const struct secrets *secrets, const struct keyring_public *public)
{
	uint8_t witness_key[32];
	enum err err = secret_public(secrets->witness, KEY_WITNESS, witness_key);

	if (err != ERR_NONE)
		return err;
	return memcmp(witness_key, public->witness_key, 32) == 0 ? ERR_NONE : ERR_KEY;
}

static void
public_of_card(const struct card *card, struct keyring_public *public)
{
	public->org = card->org;
	public->serial = card->serial;
	memcpy(public->sign_key, card->sign_key, 32);
	memcpy(public->envelope_key, card->envelope_key, 32);
	memcpy(public->log_key, card->log_key, 32);
	memcpy(public->witness_key, card->witness_key, 32);
}

static enum err
read_card(const char *path, struct keyring_public *public)
{
	struct card_package *package = malloc(sizeof(*package));
	struct bytes bytes;
	struct card card;
	enum err err = package != NULL ? ERR_NONE : ERR_MEMORY;

	bytes_init(&bytes, CARD_FILE_BYTES_MAX);
	if (err == ERR_NONE)
		err = card_file_read(path, &bytes);
	if (err == ERR_NONE)
		err = card_package_open(bytes_as_view(&bytes), package, &card);
	if (err == ERR_NONE)
		public_of_card(&card, public);
	bytes_release(&bytes);
	free(package);
	return err;
}

static uint64_t
real_time(void *context)
{
	(void)context;
	return clock_now_ms();
}

/* Card, head and rules around the secrets. */
static enum err
open_around(const struct home *home, const struct secrets *secrets, struct keyring **out)
{
	struct keyring_parts parts = {.sign = secret_bytes(secrets->sign),
	    .log = secret_bytes(secrets->log),
	    .envelope = secret_bytes(secrets->envelope),
	    .now_ms = real_time};
	char path[HOME_FILE_MAX];
	enum err err;

	home_file(home, "org", path);
	err = read_card(path, &parts.public);
	if (err == ERR_NONE)
		err = match_witness(secrets, &parts.public);
	if (err == ERR_NONE) {
		home_file(home, "keyring.state", path);
		err = head_journal_open(path, &parts.journal);
	}
	if (err == ERR_NONE) {
		home_file(home, "org", path); /* what it says is what can be wrong now */
		err = keyring_assemble(&parts, out);
	}
	if (err != ERR_NONE)
		log_line(LOG_ERROR, "%s: %s", path, err_text(err));
	return err;
}

enum err
keyring_open(const struct home *home, struct bytes_view passphrase, struct keyring **out)
{
	struct secrets secrets = {0};
	enum err err = read_secrets(home, passphrase, &secrets);

	if (err == ERR_NONE)
		err = open_around(home, &secrets, out);
	free_secrets(&secrets);
	return err;
}

/* ---------------------------------------------------------------- the process */

/* The items of a SIGN request; false: it is not well formed. */
static bool
decode_items(struct bytes_view in, struct keyring_item *items, uint32_t *count)
{
	size_t at = 1, len;
	uint32_t i;

	if (in.len < 1 || in.data[0] == 0 || in.data[0] > KEYRING_ITEMS_MAX)
		return false;
	*count = in.data[0];
	for (i = 0; i < *count; i++) {
		if (in.len - at < 5)
			return false;
		items[i].type = (enum keyring_type)in.data[at];
		len = bytes_get_u32(in.data + at + 1);
		at += 5;
		if (in.len - at < len)
			return false;
		items[i].statement = bytes_view_of(in.data + at, len);
		at += len;
	}
	return at == in.len;
}

static void
serve_sign(struct keyring *keyring, struct bytes_view in, struct bytes *out)
{
	struct keyring_item items[KEYRING_ITEMS_MAX];
	struct keyring_result results[KEYRING_ITEMS_MAX];
	uint32_t count = 0, i;
	enum err err = decode_items(in, items, &count) ? ERR_NONE : ERR_INVALID;

	if (err == ERR_NONE)
		err = sign(keyring, items, count, results);
	bytes_append_u8(out, (uint8_t)err);
	for (i = 0; i < count && err == ERR_NONE; i++) {
		bytes_append_u8(out, (uint8_t)results[i].err);
		bytes_append(out, results[i].signature, sizeof(results[i].signature));
	}
}

static void
serve_public(const struct keyring_public *public, struct bytes *out)
{
	bytes_append_u8(out, ERR_NONE);
	bytes_append(out, public->org.bytes, sizeof(public->org.bytes));
	bytes_append_u64(out, public->serial);
	bytes_append(out, public->sign_key, 32);
	bytes_append(out, public->envelope_key, 32);
	bytes_append(out, public->log_key, 32);
	bytes_append(out, public->witness_key, 32);
}

static void
serve(struct keyring *keyring, struct bytes_view in, struct bytes *out)
{
	struct bytes_view rest = bytes_view_of(in.data + 1, in.len - 1);
	const struct keys *keys = keys_of(keyring);
	uint8_t content_key[32] = {0}, head[KEYRING_HEAD_BYTES];

	switch (in.data[0]) {
	case KEYRING_SIGN:
		serve_sign(keyring, rest, out);
		return;
	case KEYRING_UNWRAP:
		bytes_append_u8(out, (uint8_t)unwrap(keyring, rest, content_key));
		bytes_append(out, content_key, sizeof(content_key));
		digest_wipe(content_key, sizeof(content_key));
		return;
	case KEYRING_STATE:
		keyring_client_head(&keys->head, head);
		bytes_append_u8(out, ERR_NONE);
		bytes_append_u8(out, keys->has_head);
		bytes_append(out, head, sizeof(head));
		return;
	case KEYRING_PUBLIC:
		serve_public(&keys->public, out);
		return;
	default: /* the number comes from another process */
		bytes_append_u8(out, ERR_INVALID);
	}
}

bool
keyring_is_broken(const struct keyring *keyring)
{
	return ((const struct keys *)(const void *)keyring)->is_broken;
}

int
keyring_run(int core_fd, const struct home *home, uint8_t *passphrase, size_t len)
{
	static uint8_t buffer[CHANNEL_BYTES_MAX];
	struct keyring *keyring;
	struct bytes_view request;
	struct bytes answer;
	enum err err = keyring_open(home, bytes_view_of(passphrase, len), &keyring);

	if (len > 0)
		digest_wipe(passphrase, len);
	if (err != ERR_NONE)
		return err_exit_code(err);
	sandbox_enter(SANDBOX_KEYRING);
	bytes_init(&answer, CHANNEL_BYTES_MAX);
	while ((err = channel_receive(core_fd, buffer, true, &request)) == ERR_NONE) {
		bytes_clear(&answer);
		serve(keyring, request, &answer);
		err = channel_send(core_fd, bytes_as_view(&answer));
		digest_wipe(answer.data, answer.len);
		/* after a failed write nobody knows what is on the disk: the next one reads it */
		if (err == ERR_NONE && keyring_is_broken(keyring))
			err = ERR_STORAGE;
		if (err != ERR_NONE)
			break;
	}
	bytes_release(&answer);
	keyring->free(keyring);
	return err == ERR_UNREACHABLE ? 0 : err_exit_code(err);
}
