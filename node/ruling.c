#include "node/ruling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "node/delivery.h"
#include "node/relate.h"
#include "wire/request_policy.h"

#define HEX_DIGITS_LEAST 8u

static const char shut_text[] = "policy \"unreadable\"\n"
				"\n"
				"outbound {\n"
				"  deny everything\n"
				"}\n"
				"\n"
				"inbound {\n"
				"  refuse everything\n"
				"}\n";

/* ---------------------------------------------------------------- what names mean */

/* A meaning: u8 kind, u16 length, name, 32 bytes of id. */
enum meaning_kind { MEANING_ORG = 1, MEANING_COMMUNITY = 2 };

struct meanings {
	struct core *core;
	struct bytes_view
	    known; /* from which names are read; empty: they mean what they mean now */
	bool is_fixed;
	struct bytes *out; /* to which they are written; or NULL */
	enum err err;      /* why the last one was not found */
};

static void
note_meaning(
    struct meanings *meanings, enum meaning_kind kind, struct bytes_view name, const uint8_t id[32])
{
	if (meanings->out == NULL)
		return;
	bytes_append_u8(meanings->out, (uint8_t)kind);
	bytes_append_u16(meanings->out, (uint16_t)name.len);
	bytes_append(meanings->out, name.data, name.len);
	bytes_append(meanings->out, id, 32);
}

/* As it was written down.  The walk is bounded by what is left. */
static enum err
recall(
    const struct meanings *meanings, enum meaning_kind kind, struct bytes_view name, uint8_t id[32])
{
	struct bytes_view left = meanings->known;

	while (left.len >= 3) {
		size_t len = bytes_get_u16(left.data + 1);

		if (left.len - 3 < len + 32)
			break;
		if (left.data[0] == kind &&
		    bytes_view_is_equal(bytes_view_of(left.data + 3, len), name)) {
			memcpy(id, left.data + 3 + len, 32);
			return ERR_NONE;
		}
		left = bytes_view_of(left.data + 3 + len + 32, left.len - 3 - len - 32);
	}
	return ERR_NOT_FOUND;
}

/* The first digits of an id, in small letters. */
static bool
is_prefix_of_id(const struct org_id *org, struct bytes_view text)
{
	char id[65];

	if (text.len < HEX_DIGITS_LEAST || text.len > 64)
		return false;
	hex_encode(org->bytes, sizeof(org->bytes), id);
	return memcmp(id, text.data, text.len) == 0;
}

static bool
is_named(const char *label, const struct org_id *org, struct bytes_view name)
{
	return bytes_view_is_equal(bytes_view_str(label), name) || is_prefix_of_id(org, name);
}

/* Whom this node's operators call so: a peer by its label, which is its card's unless they gave it
   another, or ourselves. */
static enum err
find_org(const struct core *core, struct bytes_view name, struct org_id *out)
{
	uint32_t found = 0, i;

	if (is_named(core->card.name, &core->org, name)) {
		*out = core->org;
		found++;
	}
	for (i = 0; i < core->members_count; i++) {
		const struct member *member = core->members[i];
		const char *label = member->name[0] != '\0' ? member->name : member->card.name;

		if (!is_named(label, &member->org, name))
			continue;
		*out = member->org;
		found++;
	}
	if (found > 1)
		return ERR_VALUE;
	return found == 1 ? ERR_NONE : ERR_NOT_FOUND;
}

static enum err
resolve_org(void *context, struct bytes_view name, struct org_id *out)
{
	struct meanings *meanings = context;

	meanings->err = meanings->is_fixed ? recall(meanings, MEANING_ORG, name, out->bytes)
					   : find_org(meanings->core, name, out);
	if (meanings->err == ERR_NONE)
		note_meaning(meanings, MEANING_ORG, name, out->bytes);
	return meanings->err;
}

static enum err
resolve_community(void *context, struct bytes_view name, struct community_id *out)
{
	struct meanings *meanings = context;

	meanings->err = meanings->is_fixed ? recall(meanings, MEANING_COMMUNITY, name, out->bytes)
					   : relate_community(meanings->core, name, out);
	if (meanings->err == ERR_NONE)
		note_meaning(meanings, MEANING_COMMUNITY, name, out->bytes);
	return meanings->err;
}

/* ---------------------------------------------------------------- lists */

/* The hash that a request gives for the list of this name. */
static enum err
hash_of_list(struct schema_list lists, const char *name, struct hash *out)
{
	struct policy_list_name entry;
	enum err err;

	while ((err = schema_list_next(&lists, &request_policy_name_schema, &entry)) == ERR_NONE) {
		if (bytes_view_is_equal(entry.name, bytes_view_str(name))) {
			memcpy(out->bytes, entry.hash, sizeof(out->bytes));
			return ERR_NONE;
		}
	}
	return err;
}

static enum err
give_list(struct core *core, struct policy *policy, uint32_t i, struct schema_list lists)
{
	struct bytes canonical;
	struct hash hash, found;
	uint64_t have = 0;
	bool is_whole = false;
	enum err err = hash_of_list(lists, policy->lists[i].name, &hash);

	if (err == ERR_NONE)
		err = policies_list_have(core->store, &hash, &have, &is_whole);
	if (err == ERR_NONE && !is_whole)
		err = ERR_NOT_FOUND;
	if (err != ERR_NONE)
		return err;
	bytes_init(&canonical, LIST_BYTES_MAX);
	err = policies_list_read(core->store, &hash, &canonical);
	if (err == ERR_NONE)
		err = policy_give_list(policy, i, bytes_as_view(&canonical));
	bytes_release(&canonical);
	if (err != ERR_NONE)
		return err;
	list_hash(policy->lists[i].list, &found);
	return digest_is_equal(&found, &hash) ? ERR_NONE : ERR_PROOF;
}

static enum err
give_lists(struct core *core, struct policy *policy, struct schema_list lists, const char **name)
{
	enum err err = ERR_NONE;
	uint32_t i;

	for (i = 0; i < policy->lists_count && err == ERR_NONE; i++) {
		*name = policy->lists[i].name;
		err = give_list(core, policy, i, lists);
	}
	return err;
}

/* ---------------------------------------------------------------- reading */

/* The words of the first error; the rest is for whoever checks the file. */
static void
write_error(const struct policy_errors *errors, char *words, size_t words_size)
{
	struct bytes text;

	bytes_init(&text, 4096);
	if (errors->count > 0)
		parse_error_write(&errors->at[0], "policy", &text);
	(void)snprintf(words, words_size, "%.*s", (int)text.len, (const char *)text.data);
	bytes_release(&text);
}

static enum reason
complain_of_list(enum err err, const char *name, char *words, size_t words_size)
{
	if (err == ERR_NOT_FOUND || err == ERR_PROOF)
		(void)snprintf(words, words_size, "list '%s': %s", name,
		    err == ERR_PROOF ? "it is not the one whose hash the policy states"
				     : "this node does not have it");
	else
		(void)snprintf(words, words_size, "list '%s': %s", name, err_text(err));
	return REASON_BAD_FIELD;
}

static enum reason
complain_of_name(enum err err, struct bytes_view name, char *words, size_t words_size)
{
	(void)snprintf(words, words_size, "'%.*s': %s", (int)name.len, (const char *)name.data,
	    err == ERR_VALUE ? "more than one is called so here: write the id"
			     : "no organisation or community is called so here");
	return REASON_BAD_FIELD;
}

/* Lists and names of a policy that was parsed. */
static enum reason
complete(struct core *core, struct policy *policy, struct schema_list lists,
    struct meanings *meanings, char *words, size_t words_size)
{
	struct bytes_view unresolved = {0};
	const char *list = "";
	enum err err = give_lists(core, policy, lists, &list);

	if (err == ERR_STORAGE || err == ERR_MEMORY || err == ERR_CORRUPT) {
		(void)core_failed(core, err);
		return REASON_STORAGE;
	}
	if (err != ERR_NONE)
		return complain_of_list(err, list, words, words_size);
	err = policy_resolve(policy, resolve_org, resolve_community, meanings, &unresolved);
	if (err != ERR_NONE)
		return complain_of_name(err, unresolved, words, words_size);
	if (meanings->out != NULL && meanings->out->err != ERR_NONE) {
		(void)snprintf(words, words_size, "it names too many organisations");
		return REASON_OVERSIZED;
	}
	return REASON_STORED;
}

enum reason
ruling_read(struct core *core, struct bytes_view text, struct schema_list lists,
    struct policy **out, struct bytes *meanings_out, char *words, size_t words_size)
{
	struct meanings meanings = {.core = core, .out = meanings_out};
	struct policy *policy = NULL;
	struct policy_errors *errors = calloc(1, sizeof(*errors));
	enum reason reason;
	enum err err = errors == NULL ? ERR_MEMORY : policy_open(text, NULL, &policy, errors);

	if (err == ERR_MEMORY) {
		(void)core_failed(core, err);
		reason = REASON_STORAGE;
	} else if (err != ERR_NONE) {
		write_error(errors, words, words_size);
		reason = REASON_BAD_FIELD;
	} else {
		reason = complete(core, policy, lists, &meanings, words, words_size);
	}
	free(errors);
	if (reason == REASON_STORED)
		*out = policy;
	else
		policy_free(policy);
	return reason;
}

/* As it was set.  ERR_FORMAT: that cannot be done any more, and words say why. */
static enum err
read_row(struct core *core, const struct policies_row *row, struct policy **out, char *words,
    size_t words_size)
{
	struct policy_set_arguments arguments;
	struct meanings meanings = {.core = core, .is_fixed = true};
	struct policy *policy = NULL;
	struct bytes kept;
	enum reason reason = REASON_BAD_FIELD;
	enum err err;

	/* reading the lists ends what the row borrows */
	bytes_init(&kept, REQUEST_BYTES_MAX + RULING_MEANINGS_BYTES_MAX);
	bytes_append(&kept, row->arguments.data, row->arguments.len);
	bytes_append(&kept, row->meanings.data, row->meanings.len);
	err = kept.err;
	if (err == ERR_NONE) {
		meanings.known = bytes_view_of(kept.data + row->arguments.len, row->meanings.len);
		err = schema_decode(&request_policy_set_schema,
		    bytes_view_of(kept.data, row->arguments.len), &arguments);
	}
	if (err == ERR_NONE)
		err = policy_open(arguments.text, NULL, &policy, NULL);
	if (err == ERR_NONE)
		reason = complete(core, policy, arguments.lists, &meanings, words, words_size);
	else
		(void)snprintf(words, words_size, "%s", err_text(err));
	bytes_release(&kept);
	if (reason == REASON_STORED) {
		*out = policy;
		return ERR_NONE;
	}
	policy_free(policy);
	if (err == ERR_MEMORY || reason == REASON_STORAGE)
		return core->failed != ERR_NONE ? core->failed : ERR_MEMORY;
	return ERR_FORMAT;
}

static enum err
open_shut(struct policy **out)
{
	return policy_open(bytes_view_str(shut_text), NULL, out, NULL);
}

/* ---------------------------------------------------------------- the one in force */

static void
put_in_force(struct core *core, struct policy *policy)
{
	struct hash default_hash;

	digest_sha256(policy_default_text(), &default_hash);
	core->policy = policy;
	core->policy_is_default = digest_is_equal(&policy->hash, &default_hash);
}

enum err
ruling_load(struct core *core)
{
	struct policies_row row;
	struct policy *policy = NULL;
	char words[sizeof(core->policy_problem)] = "";
	enum err err = policies_newest(core->store, &row);

	if (err == ERR_NOT_FOUND)
		err = policy_open_default(&policy);
	else if (err == ERR_NONE)
		err = read_row(core, &row, &policy, words, sizeof(words));
	if (err == ERR_FORMAT) {
		memcpy(core->policy_problem, words, sizeof(words));
		log_line(LOG_ERROR,
		    "the policy that was set last cannot be read any more, so "
		    "that nothing is shared or accepted: %s",
		    words);
		err = open_shut(&policy);
	}
	if (err == ERR_NONE)
		put_in_force(core, policy);
	return err;
}

void
ruling_free(struct core *core)
{
	policy_free(core->policy);
	policy_free(core->policy_before);
	core->policy = NULL;
	core->policy_before = NULL;
}

void
ruling_replace(struct core *core, struct policy *policy)
{
	if (core->policy_before == NULL) {
		core->policy_before = core->policy;
		memcpy(core->problem_before, core->policy_problem, sizeof(core->problem_before));
	} else {
		policy_free(core->policy);
	}
	put_in_force(core, policy);
	core->policy_problem[0] = '\0';
	delivery_reconsider_all(core);
}

void
ruling_turn_end(struct core *core, bool is_committed)
{
	if (core->policy_before == NULL)
		return;
	if (is_committed) {
		policy_free(core->policy_before);
	} else {
		policy_free(core->policy);
		put_in_force(core, core->policy_before);
		memcpy(core->policy_problem, core->problem_before, sizeof(core->policy_problem));
	}
	core->policy_before = NULL;
}

/* ---------------------------------------------------------------- those before */

/* What nobody has to set: its text, or NULL. */
static const char *
built_in(const struct hash *hash)
{
	const char *const texts[] = {(const char *)policy_default_text().data, shut_text};
	struct hash found;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		digest_sha256(bytes_view_str(texts[i]), &found);
		if (digest_is_equal(&found, hash))
			return texts[i];
	}
	return NULL;
}

enum err
ruling_open_at(struct core *core, const struct hash *hash, uint64_t leaf, struct policy **out)
{
	const char *text = built_in(hash);
	struct policies_row row;
	char words[128];
	enum err err;

	if (text != NULL)
		return policy_open(bytes_view_str(text), NULL, out, NULL);
	err = policies_at(core->store, hash, leaf, &row);
	return err == ERR_NONE ? read_row(core, &row, out, words, sizeof(words)) : err;
}

int64_t
ruling_setting(struct core *core, const struct hash *hash, uint64_t leaf)
{
	struct policies_row row;
	enum err err = policies_at(core->store, hash, leaf, &row);

	if (err == ERR_NOT_FOUND || core_failed(core, err))
		return 0;
	return row.seq;
}

enum err
ruling_text(struct core *core, const struct hash *hash, struct bytes_view *text,
    struct policies_row *row, bool *is_set)
{
	struct policy_set_arguments arguments;
	const char *built = built_in(hash);
	enum err err = policies_at(core->store, hash, NUMBER_MAX, row);

	*is_set = err == ERR_NONE;
	if (err == ERR_NOT_FOUND && built != NULL) {
		*text = bytes_view_str(built);
		return ERR_NONE;
	}
	if (err == ERR_NONE)
		err = schema_decode(&request_policy_set_schema, row->arguments, &arguments);
	if (err == ERR_NONE)
		*text = arguments.text;
	return err;
}
