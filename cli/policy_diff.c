/*
 * policy_diff: which stored records another policy would let reach, hold from, or keep from, whom.
 * The node decides, part after part of its store; here the parts are put together.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hex.h"
#include "cli/commands.h"
#include "cli/decision_out.h"
#include "cli/options.h"
#include "cli/policy_send.h"
#include "wire/request_policy.h"

#define FIRST_IDS 3u
#define PEERS_NAMED 3u
#define BUCKETS 4096u

/* One peer for whom records are decided differently, in one way. */
struct change {
	uint8_t peer[32];
	uint32_t before, after; /* decisions */
	uint64_t count;
	uint64_t mix;      /* of which records: the same for the same ones */
	uint32_t *records; /* indices; without --all the first ones */
	uint32_t kept, cap;
	uint32_t next; /* of the same bucket, from 1; 0: none */
	bool is_told;
};

struct side {
	const char *what; /* as it was named */
	uint8_t hash[32];
	char name[129];
};

struct diff {
	struct cli *cli;
	struct client *client;
	struct names names;
	const struct names_entry *only;
	bool is_whole; /* all ids are wanted */
	struct side sides[2];
	struct bytes *decisions; /* struct decision_body, each once */
	uint32_t decisions_count, decisions_cap;
	struct change *changes;
	uint32_t changes_count, changes_cap;
	uint32_t buckets[BUCKETS]; /* indices from 1 */
	struct record_id *ids;     /* of records that are decided differently for anybody */
	uint32_t ids_count, ids_cap;
	uint64_t changed; /* such records */
	uint64_t examined;
};

/* ---------------------------------------------------------------- putting together */

/* The array with room for one more, or NULL: it stays as it was. */
static void *
grow(void *array, uint32_t count, uint32_t *cap, size_t size)
{
	uint32_t more = *cap == 0 ? 64 : *cap * 2;
	void *grown;

	if (count < *cap)
		return array;
	grown = realloc(array, more * size);
	if (grown != NULL)
		*cap = more;
	return grown;
}

/* UINT32_MAX: no memory. */
static uint32_t
find_decision(struct diff *diff, struct bytes_view decision)
{
	struct bytes *copy, *grown;
	uint32_t i;

	for (i = 0; i < diff->decisions_count; i++) {
		if (bytes_view_is_equal(bytes_as_view(&diff->decisions[i]), decision))
			return i;
	}
	grown = grow(
	    diff->decisions, diff->decisions_count, &diff->decisions_cap, sizeof(*diff->decisions));
	if (grown == NULL)
		return UINT32_MAX;
	diff->decisions = grown;
	copy = &diff->decisions[diff->decisions_count];
	bytes_init(copy, 512);
	bytes_append(copy, decision.data, decision.len);
	if (copy->err != ERR_NONE)
		return UINT32_MAX;
	return diff->decisions_count++;
}

static struct change *
find_change(struct diff *diff, const uint8_t peer[32], uint32_t before, uint32_t after)
{
	uint32_t *bucket =
	    &diff->buckets[(bytes_get_u32(peer) ^ before * 31u ^ after * 977u) % BUCKETS];
	struct change *change, *grown;
	uint32_t at;

	for (at = *bucket; at != 0; at = diff->changes[at - 1].next) {
		change = &diff->changes[at - 1];
		if (memcmp(change->peer, peer, sizeof(change->peer)) == 0 &&
		    change->before == before && change->after == after)
			return change;
	}
	grown =
	    grow(diff->changes, diff->changes_count, &diff->changes_cap, sizeof(*diff->changes));
	if (grown == NULL)
		return NULL;
	diff->changes = grown;
	change = &diff->changes[diff->changes_count++];
	*change = (struct change){.before = before, .after = after, .next = *bucket};
	memcpy(change->peer, peer, sizeof(change->peer));
	*bucket = diff->changes_count;
	return change;
}

static bool
add_record(const struct diff *diff, struct change *change, uint32_t index)
{
	uint32_t *grown;
	uint64_t mixed = (index + UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xbf58476d1ce4e5b9);

	change->count++;
	change->mix += mixed ^ mixed >> 31;
	if (!diff->is_whole && change->kept == FIRST_IDS)
		return true;
	grown = grow(change->records, change->kept, &change->cap, sizeof(*change->records));
	if (grown == NULL)
		return false;
	change->records = grown;
	change->records[change->kept++] = index;
	return true;
}

static bool
take_group(struct diff *diff, const struct diff_group *group, uint32_t first, size_t records)
{
	uint32_t before = find_decision(diff, group->before);
	uint32_t after = find_decision(diff, group->after);
	size_t at, i;

	if (before == UINT32_MAX || after == UINT32_MAX)
		return false;
	for (at = 0; at + 32 <= group->peers.len; at += 32) {
		struct change *change = find_change(diff, group->peers.data + at, before, after);

		for (i = 0; change != NULL && i < records && i < 8 * group->records.len; i++) {
			if ((group->records.data[i / 8] >> i % 8 & 1) != 0 &&
			    !add_record(diff, change, first + (uint32_t)i))
				return false;
		}
		if (change == NULL)
			return false;
	}
	return true;
}

static enum err
take_part(struct diff *diff, const struct diff_body *body)
{
	struct schema_list groups = body->groups;
	struct diff_group group;
	uint32_t first = diff->ids_count;
	size_t i, records = body->ids.len / sizeof(struct record_id);

	for (i = 0; i < records; i++) {
		struct record_id *grown =
		    grow(diff->ids, diff->ids_count, &diff->ids_cap, sizeof(*diff->ids));

		if (grown == NULL)
			return ERR_MEMORY;
		diff->ids = grown;
		memcpy(diff->ids[diff->ids_count++].bytes, body->ids.data + 32 * i, 32);
	}
	while (schema_list_next(&groups, &request_preview_diff_group_schema, &group) == ERR_NONE) {
		if (!take_group(diff, &group, first, records))
			return ERR_MEMORY;
	}
	diff->changed += records;
	diff->examined += body->examined;
	return ERR_NONE;
}

/* ---------------------------------------------------------------- asking */

static int
ask(struct diff *diff, const struct diff_arguments *arguments, struct diff_body *body)
{
	return client_ask(diff->cli, diff->client, REQUEST_POLICY_DIFF,
	    &request_preview_diff_schema, arguments, &request_preview_diff_body_schema, body);
}

static bool
is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

/* Whether the digits begin the hash of the policy that is in force until somebody sets one. */
static bool
is_default(const char *digits, uint8_t out[32])
{
	struct policy *policy;
	char text[65];

	if (policy_open_default(&policy) != ERR_NONE)
		return false;
	memcpy(out, policy->hash.bytes, 32);
	policy_free(policy);
	hex_encode(out, 32, text);
	return strcmp(digits, "default") == 0 ||
	       (strlen(digits) >= 8 && strncmp(text, digits, strlen(digits)) == 0);
}

/* The one in the history whose hash begins like this. */
static int
find_hash(struct diff *diff, const char *digits, uint8_t out[32])
{
	struct policy_history_arguments arguments = {.limit = 100};
	struct policy_history_body body;
	struct policy_entry entry;
	char text[65];
	bool is_found = false;
	int code;

	if (is_default(digits, out) ||
	    (strlen(digits) == 64 && hex_decode(digits, out, 32) == ERR_NONE))
		return 0;
	do {
		code = client_ask(diff->cli, diff->client, REQUEST_POLICY_HISTORY,
		    &request_policy_history_schema, &arguments, &request_policy_history_body_schema,
		    &body);
		while (code == 0 && strlen(digits) >= 8 &&
		       schema_list_next(&body.entries, &request_policy_entry_schema, &entry) ==
			   ERR_NONE) {
			hex_encode(entry.hash, sizeof(entry.hash), text);
			if (strncmp(text, digits, strlen(digits)) != 0)
				continue;
			memcpy(out, entry.hash, sizeof(entry.hash));
			is_found = true;
		}
		arguments.before = body.next;
	} while (code == 0 && body.next != 0);
	if (code == 0 && !is_found) {
		cli_complain(_("%s: neither a file, nor `current` or `default`, nor the hash of a "
			       "policy that was set: see malla policy history"),
		    digits);
		code = err_exit_code(ERR_NOT_FOUND);
	}
	return code;
}

/* A file, a hash of the history, `current` or `default`. */
static int
send_side(struct diff *diff, struct side *side, enum diff_step step)
{
	struct diff_arguments arguments = {.step = step};
	struct policy_load *load = calloc(1, sizeof(*load));
	struct diff_body body;
	struct bytes items;
	bool is_current = strcmp(side->what, "current") == 0;
	int code = 0;

	if (load == NULL)
		return cli_fail(ERR_MEMORY, side->what);
	bytes_init(&items, REQUEST_BYTES_MAX);
	if (!is_current && is_file(side->what)) {
		code = policy_send(
		    diff->cli, diff->client, side->what, load, &arguments.lists, &items);
		arguments.text = bytes_as_view(&load->text);
	} else if (!is_current) {
		code = find_hash(diff, side->what, arguments.hash);
	}
	if (code == 0)
		code = ask(diff, &arguments, &body);
	if (code == 0) {
		memcpy(side->hash, body.policy, sizeof(side->hash));
		(void)snprintf(side->name, sizeof(side->name), "%.*s", (int)body.policy_name.len,
		    (const char *)body.policy_name.data);
	}
	policy_load_release(load);
	bytes_release(&items);
	free(load);
	return code;
}

static int
walk(struct diff *diff)
{
	struct diff_arguments arguments = {.step = DIFF_WALK};
	struct diff_body body;
	int code;

	if (diff->only != NULL)
		memcpy(arguments.org, diff->only->org.bytes, sizeof(arguments.org));
	do {
		code = ask(diff, &arguments, &body);
		if (code == 0 && take_part(diff, &body) != ERR_NONE)
			code = cli_fail(ERR_MEMORY, "policy diff");
		if (code == 0)
			output_progress(
			    diff->cli, _("records compared:"), diff->examined, body.total);
		arguments.after = body.next;
	} while (code == 0 && body.next != 0);
	output_progress_end(diff->cli);
	return code;
}

/* ---------------------------------------------------------------- telling */

static bool
get_decision(const struct diff *diff, uint32_t at, struct decision_body *out)
{
	return schema_decode(&request_preview_decision_schema, bytes_as_view(&diff->decisions[at]),
		   out) == ERR_NONE;
}

/* For the same records in the same way. */
static bool
is_same(const struct change *a, const struct change *b)
{
	return a->before == b->before && a->after == b->after && a->count == b->count &&
	       a->mix == b->mix;
}

static void
json_peers(struct json_out *json, struct diff *diff, uint32_t at)
{
	uint32_t i;

	json_out_name(json, "peers");
	json_out_array(json);
	for (i = at; i < diff->changes_count; i++) {
		struct change *change = &diff->changes[i];

		if (change->is_told || !is_same(change, &diff->changes[at]))
			continue;
		change->is_told = true;
		json_out_object(json);
		json_out_name(json, "id");
		json_out_hex(json, change->peer, sizeof(change->peer));
		json_out_name(json, "name");
		json_out_string(json, names_of(&diff->names, change->peer));
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static void
json_change(struct json_out *json, struct diff *diff, uint32_t at)
{
	struct change *change = &diff->changes[at];
	struct decision_body before, after;
	uint32_t i;

	if (!get_decision(diff, change->before, &before) ||
	    !get_decision(diff, change->after, &after))
		return;
	json_out_object(json);
	json_out_name(json, "before");
	json_out_object(json);
	decision_out_json(json, &before);
	json_out_object_end(json);
	json_out_name(json, "after");
	json_out_object(json);
	decision_out_json(json, &after);
	json_out_object_end(json);
	json_peers(json, diff, at);
	json_out_name(json, "count");
	json_out_number(json, change->count);
	json_out_name(json, "records");
	json_out_array(json);
	for (i = 0; i < change->kept; i++)
		json_out_hex(json, diff->ids[change->records[i]].bytes, sizeof(struct record_id));
	json_out_array_end(json);
	json_out_object_end(json);
}

static void
print_json(struct diff *diff)
{
	static const char *const sides[] = {"old", "new"};
	struct json_out json;
	uint32_t i;

	json_out_open(&json, stdout);
	json_out_object(&json);
	for (i = 0; i < 2; i++) {
		json_out_name(&json, sides[i]);
		json_out_object(&json);
		json_out_name(&json, "hash");
		json_out_hex(&json, diff->sides[i].hash, sizeof(diff->sides[i].hash));
		json_out_name(&json, "name");
		json_out_string(&json, diff->sides[i].name);
		json_out_object_end(&json);
	}
	json_out_name(&json, "examined");
	json_out_number(&json, diff->examined);
	json_out_name(&json, "changed");
	json_out_number(&json, diff->changed);
	json_out_name(&json, "changes");
	json_out_array(&json);
	for (i = 0; i < diff->changes_count; i++) {
		if (!diff->changes[i].is_told)
			json_change(&json, diff, i);
	}
	json_out_array_end(&json);
	json_out_object_end(&json);
	json_out_close(&json);
}

/* The first of those for whom it is the same, and how many more; they are told then. */
static void
write_peers(struct diff *diff, uint32_t at, char *out, size_t size)
{
	uint32_t count = 0, i;
	size_t len = 0;

	out[0] = '\0';
	for (i = at; i < diff->changes_count; i++) {
		struct change *change = &diff->changes[i];

		if (change->is_told || !is_same(change, &diff->changes[at]))
			continue;
		change->is_told = true;
		if (count++ >= PEERS_NAMED || len >= size)
			continue;
		(void)snprintf(out + len, size - len, "%s%s", count > 1 ? ", " : "",
		    names_of(&diff->names, change->peer));
		len = strlen(out);
	}
	if (count > PEERS_NAMED && len < size)
		(void)snprintf(out + len, size - len, _(" and %llu more"),
		    (unsigned long long)(count - PEERS_NAMED));
}

/* "deny (no rule matches)", "share (feed, line 7)" */
static void
write_decision(const struct decision_body *decision, char *out, size_t size)
{
	char action[DECISION_OUT_BYTES], rule[DECISION_OUT_BYTES];

	decision_out_action(decision, action);
	if (decision->rule == 0)
		(void)snprintf(rule, sizeof(rule), "%s", _("no rule matches"));
	else
		decision_out_rule(decision, rule);
	(void)snprintf(out, size, "%s (%s)", action, rule);
}

static void
write_ids(const struct diff *diff, const struct change *change, char *out, size_t size)
{
	size_t len = 0;
	uint32_t i;

	out[0] = '\0';
	for (i = 0; i < change->kept && i < FIRST_IDS && len < size; i++) {
		(void)snprintf(out + len, size - len, "%s%s", i > 0 ? " " : "",
		    output_id(diff->ids[change->records[i]].bytes));
		len = strlen(out);
	}
	if (change->count > FIRST_IDS && len < size)
		(void)snprintf(out + len, size - len, " \xe2\x80\xa6");
}

static void
print_table(struct diff *diff)
{
	static const char *const heads[] = {
	    N_("PEER"), N_("RECORDS"), N_("BEFORE"), N_("AFTER"), N_("FIRST IDS"), NULL};
	char peers[4 * (NAME_BYTES_MAX + 2) + 64], ids[256];
	char before[2 * DECISION_OUT_BYTES + 8], after[2 * DECISION_OUT_BYTES + 8];
	struct decision_body decisions[2];
	struct output_table table;
	uint32_t i;

	printf(_("%s, %s -> %s, %s\n"), diff->sides[0].name, output_id(diff->sides[0].hash),
	    diff->sides[1].name, output_id(diff->sides[1].hash));
	output_table_open(&table, diff->cli, heads);
	for (i = 0; i < diff->changes_count; i++) {
		const struct change *change = &diff->changes[i];

		if (change->is_told || !get_decision(diff, change->before, &decisions[0]) ||
		    !get_decision(diff, change->after, &decisions[1]))
			continue;
		write_peers(diff, i, peers, sizeof(peers));
		write_decision(&decisions[0], before, sizeof(before));
		write_decision(&decisions[1], after, sizeof(after));
		write_ids(diff, change, ids, sizeof(ids));
		output_table_text(&table, bytes_view_str(peers), 48);
		output_table_cell(&table, "%llu", (unsigned long long)change->count);
		output_table_cell(&table, "%s", before);
		output_table_cell(&table, "%s", after);
		output_table_cell(&table, "%s", ids);
	}
	output_table_close(&table);
	printf(_("%llu of %llu records would be decided differently for somebody\n"),
	    (unsigned long long)diff->changed, (unsigned long long)diff->examined);
}

/* Every record of every change, a line each: peer, id. */
static void
print_all(const struct diff *diff)
{
	uint32_t i, n;

	for (i = 0; i < diff->changes_count; i++) {
		const struct change *change = &diff->changes[i];

		for (n = 0; n < change->kept; n++)
			printf("%s  %s\n", output_full_id(diff->ids[change->records[n]].bytes),
			    names_of(&diff->names, change->peer));
	}
}

/* ---------------------------------------------------------------- the command */

static int
run(struct diff *diff, const char *peer)
{
	int code;

	if (client_open(&diff->cli->home, &diff->client) != ERR_NONE) {
		diff->client = NULL;
		return cli_fail(ERR_UNREACHABLE, diff->cli->home.path);
	}
	code = names_load(diff->cli, diff->client, &diff->names);
	if (code == 0 && peer != NULL) {
		diff->only = names_find(&diff->names, peer);
		if (diff->only == NULL)
			return err_exit_code(ERR_NOT_FOUND);
	}
	if (code == 0)
		code = send_side(diff, &diff->sides[0], DIFF_BEFORE);
	if (code == 0)
		code = send_side(diff, &diff->sides[1], DIFF_AFTER);
	if (code == 0)
		code = walk(diff);
	if (code != 0)
		return code;
	if (diff->cli->is_json)
		print_json(diff);
	else
		print_table(diff);
	if (diff->is_whole && !diff->cli->is_json)
		print_all(diff);
	return diff->changed > 0 ? 0 : err_exit_code(ERR_NOT_FOUND);
}

static void
release(struct diff *diff)
{
	uint32_t i;

	client_close(diff->client);
	for (i = 0; i < diff->decisions_count; i++)
		bytes_release(&diff->decisions[i]);
	for (i = 0; i < diff->changes_count; i++)
		free(diff->changes[i].records);
	free(diff->decisions);
	free(diff->changes);
	free(diff->ids);
	free(diff);
}

int
policy_diff_run(struct cli *cli)
{
	const char *peer = NULL;
	bool is_whole = false;
	const struct option_spec specs[] = {
	    {"--peer", NULL, &peer, NULL, NULL},
	    {"--all", &is_whole, NULL, NULL, NULL},
	};
	struct diff *diff;
	int code;

	if (!options_take(cli, specs, sizeof(specs) / sizeof(*specs)) || cli->argc != 2)
		return cli_usage(cli);
	diff = calloc(1, sizeof(*diff));
	if (diff == NULL)
		return cli_fail(ERR_MEMORY, "policy diff");
	diff->cli = cli;
	diff->is_whole = is_whole || cli->is_json;
	diff->sides[0].what = cli->argv[0];
	diff->sides[1].what = cli->argv[1];
	code = run(diff, peer);
	release(diff);
	return code;
}
