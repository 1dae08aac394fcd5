#include "node/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "node/greeting.h"
#include "node/journal.h"

static void
copy_text(char *to, size_t size, struct bytes_view text)
{
	size_t len = text.len < size - 1 ? text.len : size - 1;

	if (len > 0)
		memcpy(to, text.data, len);
	to[len] = '\0';
}

void
directory_facts(const struct card *card, struct card_facts *out)
{
	uint32_t i;

	*out = (struct card_facts){
	    .org = card->org,
	    .serial = card->serial,
	    .issued_ms = card->issued_ms,
	    .expires_ms = card->expires_ms,
	    .is_revocation = card->is_revocation,
	    .cutoff_ms = card->revocation_cutoff_ms,
	    .suite_min = card->suite_min,
	    .transport_key = card->transport_key,
	    .endpoints_count = card->endpoints_count,
	};
	memcpy(out->sign_key, card->sign_key, sizeof(out->sign_key));
	memcpy(out->envelope_key, card->envelope_key, sizeof(out->envelope_key));
	memcpy(out->log_key, card->log_key, sizeof(out->log_key));
	memcpy(out->witness_key, card->witness_key, sizeof(out->witness_key));
	for (i = 0; i < card->endpoints_count; i++)
		copy_text(out->endpoints[i], sizeof(out->endpoints[i]), card->endpoints[i]);
	copy_text(out->name, sizeof(out->name), card->name);
	copy_text(out->sector, sizeof(out->sector), card->sector);
	copy_text(out->country, sizeof(out->country), card->country);
}

struct member *
directory_find(const struct core *core, const struct org_id *org)
{
	uint32_t i;

	for (i = 0; i < core->members_count; i++) {
		if (memcmp(&core->members[i]->org, org, sizeof(*org)) == 0)
			return core->members[i];
	}
	return NULL;
}

struct member *
directory_by_key(const struct core *core, const struct transport_key *key)
{
	struct member *member;
	uint32_t i;

	for (i = 0; i < core->members_count; i++) {
		member = core->members[i];
		if (member->is_peer && !member->is_removed && !member->card.is_revocation &&
		    memcmp(&member->card.transport_key, key, sizeof(*key)) == 0)
			return member;
	}
	return NULL;
}

/* The member for an organisation, made if it is new; NULL: out of memory. */
static struct member *
get_member(struct core *core, const struct org_id *org)
{
	struct member *member = directory_find(core, org);
	struct member **grown;

	if (member != NULL)
		return member;
	if (core->members_count == core->members_cap) {
		uint32_t cap = core->members_cap == 0 ? 16 : core->members_cap * 2;

		grown = realloc(core->members, cap * sizeof(struct member *));
		if (grown == NULL)
			return NULL;
		core->members = grown;
		core->members_cap = cap;
	}
	member = calloc(1, sizeof(*member));
	if (member == NULL)
		return NULL;
	member->org = *org;
	core->members[core->members_count++] = member;
	return member;
}

/* Decode a package of our own store: it was verified before it was put there. */
static enum err
facts_of_package(struct bytes_view package, struct card_facts *out)
{
	struct card_package *decoded = malloc(sizeof(*decoded));
	struct bytes_view body;
	struct card card;
	enum err err;

	if (decoded == NULL)
		return ERR_MEMORY;
	err = card_package_decode(package, decoded);
	if (err == ERR_NONE)
		err = signed_body(&decoded->card, CONTEXT_CARD, &body);
	if (err == ERR_NONE)
		err = card_decode(decoded->card.statement, &card);
	if (err == ERR_NONE)
		directory_facts(&card, out);
	free(decoded);
	return err;
}

static enum err
load_card(void *context, const struct card_row *row)
{
	struct core *core = context;
	struct member *member = get_member(core, &row->org);

	if (member == NULL)
		return ERR_MEMORY;
	return facts_of_package(row->package, &member->card);
}

static enum err
load_peer(void *context, const struct peer_row *row)
{
	struct core *core = context;
	struct member *member = get_member(core, &row->org);

	if (member == NULL)
		return ERR_MEMORY;
	member->is_peer = true;
	member->is_removed = row->is_removed;
	member->added_ms = row->added_ms;
	member->has_outbox = true;
	member->state = row->is_removed ? SESSION_REMOVED : SESSION_DOWN;
	copy_text(member->name, sizeof(member->name), row->name);
	return ERR_NONE;
}

void
directory_clear(struct core *core)
{
	uint32_t i;

	for (i = 0; i < core->members_count; i++)
		free(core->members[i]);
	free(core->members);
	core->members = NULL;
	core->members_count = 0;
	core->members_cap = 0;
}

enum err
directory_load(struct core *core)
{
	enum err err;

	directory_clear(core);
	err = peers_card_each(core->store, load_card, core);
	return err == ERR_NONE ? peers_each(core->store, load_peer, core) : err;
}

bool
directory_card_at(
    struct core *core, const struct org_id *org, uint64_t serial, struct card_facts *out)
{
	const struct member *member = directory_find(core, org);
	struct card_row row;
	enum err err;

	if (memcmp(org, &core->org, sizeof(*org)) == 0 && serial == core->card.serial) {
		*out = core->card;
		return true;
	}
	if (member != NULL && member->card.serial == serial) {
		*out = member->card;
		return true;
	}
	err = peers_card_get(core->store, org, serial, &row);
	if (err == ERR_NONE)
		err = facts_of_package(row.package, out);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		(void)core_failed(core, err);
	if (err == ERR_NONE && member != NULL && member->card.is_revocation) {
		/* an older card under a newer revocation counts only up to its cut-off */
		out->is_revocation = true;
		out->cutoff_ms = member->card.cutoff_ms;
	}
	return err == ERR_NONE;
}

bool
directory_card_then(
    struct core *core, const struct org_id *org, uint64_t at_ms, struct card_facts *out)
{
	struct card_row row;
	enum err err = peers_card_at(core->store, org, at_ms, &row);

	if (err == ERR_NONE)
		err = facts_of_package(row.package, out);
	return err == ERR_NONE || (err != ERR_NOT_FOUND && !core_failed(core, err));
}

enum reason
directory_card_counts(const struct card_facts *card, uint64_t time_ms)
{
	if (card->is_revocation && time_ms >= card->cutoff_ms)
		return REASON_REVOKED;
	if (time_ms < card->issued_ms || time_ms >= card->expires_ms)
		return REASON_STALE_CARD;
	return REASON_STORED;
}

const char *
directory_name(const struct core *core, const struct org_id *org)
{
	const struct member *member;

	if (memcmp(org, &core->org, sizeof(*org)) == 0)
		return core->card.name;
	member = directory_find(core, org);
	if (member == NULL)
		return "?";
	return member->name[0] != '\0' ? member->name : member->card.name;
}

/* Decode and verify; *statement is the hash of the card's statement. */
static enum reason
check_package(
    struct core *core, struct bytes_view package, struct card_facts *facts, struct hash *statement)
{
	struct card_package *decoded = malloc(sizeof(*decoded));
	struct card card;
	enum err err;

	if (decoded == NULL)
		return REASON_STORAGE;
	err = card_package_decode(package, decoded);
	if (err == ERR_NONE) {
		err = card_package_verify(decoded, &card);
		if (err == ERR_NONE) {
			core->checked[TALLY_ROOT] += decoded->roots_count;
			core->checked[TALLY_CARD]++;
			directory_facts(&card, facts);
			digest_sha256(decoded->card.statement, statement);
		} else {
			core->bad[TALLY_CARD]++;
		}
	}
	free(decoded);
	return reason_of_err(err);
}

enum reason
directory_learn(struct core *core, struct bytes_view package, struct member **member)
{
	struct card_facts facts;
	struct event_details details = {0};
	struct card_row row;
	struct hash statement;
	struct member *found;
	enum reason reason = check_package(core, package, &facts, &statement);
	bool is_new = false;
	enum err err;

	if (reason != REASON_STORED)
		return reason;
	if (memcmp(&facts.org, &core->org, sizeof(facts.org)) == 0)
		return REASON_EXISTS;
	if (facts.issued_ms > core->now_ms + SKEW_MS)
		return REASON_FROM_FUTURE;
	found = get_member(core, &facts.org);
	if (found == NULL)
		return REASON_STORAGE;
	row = (struct card_row){.org = facts.org,
	    .serial = facts.serial,
	    .issued_ms = facts.issued_ms,
	    .expires_ms = facts.expires_ms,
	    .is_revocation = facts.is_revocation,
	    .seen_ms = core->now_ms,
	    .package = package};
	err = peers_card_put(core->store, &row, &is_new);
	if (err == ERR_NO) {
		/* two cards of one serial: the second is kept as evidence and not used */
		journal_signed(core, EVENT_EVIDENCE, &facts.org, &statement, &details, package);
		return REASON_NUMBER_REUSED;
	}
	if (core_failed(core, err))
		return REASON_STORAGE;
	if (is_new)
		journal_signed(core, EVENT_CARD, &facts.org, &statement, &details, package);
	if (facts.serial > found->card.serial)
		greeting_card_changed(core, found, &facts);
	if (member != NULL)
		*member = found;
	return REASON_STORED;
}

void
directory_add(struct core *core, struct member *member, struct bytes_view name)
{
	struct peer_row row = {.org = member->org, .name = name, .added_ms = core->now_ms};

	if (core_failed(core, peers_put(core->store, &row)))
		return;
	copy_text(member->name, sizeof(member->name), name);
	member->is_peer = true;
	member->is_removed = false;
	member->added_ms = core->now_ms;
	member->has_outbox = true;
	greeting_event(core, member, SESSION_ADD);
	member->retry_ms = core->now_ms;
	core_act(core, CORE_ALLOW, &member->card.transport_key, 0, bytes_view_of(NULL, 0));
}

void
directory_remove(struct core *core, struct member *member)
{
	if (core_failed(core, peers_remove(core->store, &member->org)))
		return;
	greeting_event(core, member, SESSION_REMOVE);
	member->is_removed = true;
	core_act(core, CORE_FORBID, &member->card.transport_key, 0, bytes_view_of(NULL, 0));
}
