/*
 * What a node keeps: quarantine, erasing, legal holds, retention, and where a person's data is.
 */
#include "tests/unit/node_fixture.h"

#include "base/hex.h"
#include "policy/parse.h"
#include "store/standing.h"
#include "wire/predicate.h"
#include "wire/request_keeping.h"

enum { A, B, C };

#define SECRET "persona-7731.example"

/* ---------------------------------------------------------------- asking */

static enum err
find_nobody(void *context, struct bytes_view name, struct org_id *out)
{
	(void)context;
	(void)name;
	(void)out;
	return ERR_NOT_FOUND;
}

static enum err
find_no_community(void *context, struct bytes_view name, struct community_id *out)
{
	(void)context;
	(void)name;
	(void)out;
	return ERR_NOT_FOUND;
}

static void
rule_by(struct net *net, uint32_t at, const char *inbound, const char *retain)
{
	struct core *core = net->nodes[at].core;
	char text[1024];

	(void)snprintf(text, sizeof(text),
	    "policy \"test\"\noutbound {\nshare all to anybody\n}\ninbound {\n%s\n}\nretain "
	    "{\n%s\n}\n",
	    inbound, retain);
	policy_free(core->policy);
	ck_err(policy_open(bytes_view_str(text), NULL, &core->policy, NULL), ERR_NONE);
	ck_err(policy_resolve(core->policy, find_nobody, find_no_community, NULL, NULL), ERR_NONE);
	core->policy_is_default = false;
}

/* Ask as the founder; the body is decoded into *body, which borrows from net->answer. */
static enum reason
ask(struct net *net, uint32_t at, uint64_t command, const struct schema *schema,
    const void *arguments, const struct schema *body_schema, void *body)
{
	struct net_request request = {
	    .command = command, .uid = NODE_UID, .signer = net->nodes[at].founder};
	struct bytes encoded;
	struct answer answer;
	uint32_t roles;
	bool changes, is_signed;

	bytes_init(&encoded, REQUEST_BYTES_MAX);
	ck_err(schema_encode(schema, arguments, &encoded), ERR_NONE);
	request.arguments = bytes_as_view(&encoded);
	ck_assert(request_command_needs(command, &roles, &changes, &is_signed));
	if (!is_signed)
		request.signer = NULL;
	answer = net_request(net, at, &request);
	bytes_release(&encoded);
	if (answer.reason == REASON_STORED)
		ck_err(schema_decode(body_schema, answer.body, body), ERR_NONE);
	return answer.reason;
}

/* One id, one outcome. */
static struct keep_outcome
keep(struct net *net, uint32_t at, uint64_t command, const struct record_id *id, bool is_dry_run)
{
	struct keep_arguments arguments = {
	    .note = bytes_view_str("a reason"), .is_dry_run = is_dry_run};
	struct keep_outcome outcome;
	struct keep_body body;
	struct bytes items;
	char hex[65];

	hex_encode(id->bytes, sizeof(id->bytes), hex);
	bytes_init(&items, 1024);
	ck_err(schema_list_add_bin(&arguments.ids, &items, bytes_view_of(hex, 64)), ERR_NONE);
	ck_reason(ask(net, at, command, &request_keeping_schema, &arguments,
		      &request_keeping_body_schema, &body),
	    REASON_STORED);
	ck_assert_uint_eq(body.outcomes.count, 1);
	ck_err(
	    schema_list_next(&body.outcomes, &request_keeping_outcome_schema, &outcome), ERR_NONE);
	bytes_release(&items);
	return outcome;
}

static uint32_t
query(struct net *net, uint32_t at, bool is_quarantined)
{
	struct query_arguments arguments = {.limit = 256, .is_quarantined = is_quarantined};
	struct query_body body;

	ck_reason(ask(net, at, REQUEST_QUERY, &request_query_schema, &arguments,
		      &request_query_body_schema, &body),
	    REASON_STORED);
	return body.rows.count;
}

static uint64_t
count(struct net *net, uint32_t at)
{
	struct query_arguments arguments = {.limit = 1, .is_count = true};
	struct query_body body;

	ck_reason(ask(net, at, REQUEST_QUERY, &request_query_schema, &arguments,
		      &request_query_body_schema, &body),
	    REASON_STORED);
	return body.count;
}

static uint32_t
quarantine(struct net *net, uint32_t at)
{
	struct quarantine_arguments arguments = {.limit = 256};
	struct quarantine_body body;

	ck_reason(ask(net, at, REQUEST_QUARANTINE_LIST, &request_keeping_quarantine_schema,
		      &arguments, &request_keeping_quarantine_body_schema, &body),
	    REASON_STORED);
	return body.rows.count;
}

static bool
is_stored(struct net *net, uint32_t at, const struct record_id *id)
{
	struct record_row row;
	enum err err = records_get(net->nodes[at].core->store, id, &row);

	ck_assert(err == ERR_NONE || err == ERR_NOT_FOUND);
	return err == ERR_NONE;
}

static uint64_t
hold(struct net *net, uint32_t at, const struct record_id *id, struct bytes_view predicate)
{
	struct hold_add_arguments arguments = {
	    .predicate = predicate, .reason = bytes_view_str("expediente 12/2026")};
	struct hold_body body;
	char hex[65];

	if (id != NULL) {
		hex_encode(id->bytes, sizeof(id->bytes), hex);
		arguments.id = bytes_view_of(hex, 64);
	}
	ck_reason(ask(net, at, REQUEST_HOLD_ADD, &request_keeping_hold_add_schema, &arguments,
		      &request_keeping_hold_schema, &body),
	    REASON_STORED);
	return body.number;
}

static enum reason
end_hold(struct net *net, uint32_t at, uint64_t number)
{
	struct hold_remove_arguments arguments = {
	    .number = number, .reason = bytes_view_str("closed")};
	struct hold_body body;

	return ask(net, at, REQUEST_HOLD_REMOVE, &request_keeping_hold_remove_schema, &arguments,
	    &request_keeping_hold_schema, &body);
}

/* ---------------------------------------------------------------- quarantine */

static struct net *
open_line(const char *inbound)
{
	struct net *net = net_open(3);

	net_befriend(net, A, B);
	net_befriend(net, B, C);
	rule_by(net, B, inbound, "");
	return net;
}

START_TEST(keeps_what_is_in_quarantine_to_itself)
{
	struct net *net = open_line("quarantine all");
	struct record_id id;

	ck_reason(net_share(net, A, TLP_CLEAR, "look at me", NULL, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(is_stored(net, B, &id));
	ck_assert(!net_has(net, C, &id));
	ck_assert_uint_eq(query(net, B, false), 0);
	ck_assert_uint_eq(count(net, B), 0);
	ck_assert_uint_eq(query(net, B, true), 1);
	ck_assert_uint_eq(quarantine(net, B), 1);
	/* the sender is told that it is stored, and no more */
	ck_assert_uint_eq(query(net, A, false), 1);
	/* not after a new session either, nor a new start */
	net_crash(net, B);
	net_start(net, B);
	net_reconnect(net, A, B);
	net_reconnect(net, B, C);
	ck_assert(!net_has(net, C, &id));
	ck_assert_uint_eq(query(net, B, false), 0);
	net_close(net);
}
END_TEST

START_TEST(releases_it_to_where_an_accepted_record_goes)
{
	struct net *net = open_line("quarantine all");
	struct record_id id;

	ck_reason(net_share(net, A, TLP_CLEAR, "look at me", NULL, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_reason(keep(net, B, REQUEST_QUARANTINE_RELEASE, &id, false).reason, REASON_STORED);
	net_pass(net, 1000);
	ck_assert(is_stored(net, C, &id));
	ck_assert_uint_eq(query(net, B, false), 1);
	ck_assert_uint_eq(count(net, B), 1);
	ck_assert_uint_eq(quarantine(net, B), 0);
	ck_assert_uint_eq(net_leaves(net, B, EVENT_QUARANTINE), 1);
	ck_reason(keep(net, B, REQUEST_QUARANTINE_RELEASE, &id, false).reason, REASON_NOT_FOUND);
	net_close(net);
}
END_TEST

START_TEST(refuses_it_for_good)
{
	struct net *net = open_line("quarantine all");
	struct record_id id;

	ck_reason(net_share(net, A, TLP_CLEAR, "look at me", NULL, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_reason(keep(net, B, REQUEST_QUARANTINE_REFUSE, &id, false).reason, REASON_STORED);
	ck_assert(!is_stored(net, B, &id));
	ck_assert(net_has(net, B, &id));
	ck_assert_uint_eq(quarantine(net, B), 0);
	net_pass(net, 1000);
	ck_assert(!net_has(net, C, &id));
	net_close(net);
}
END_TEST

/* Two of one batch: one is looked at, the other not. */
static void
add_both(struct net *net, struct record_id ids[2])
{
	struct schema_list drafts = {0};
	struct submit_arguments arguments = {0};
	struct submit_outcome outcome;
	struct submit_body body;
	struct bytes draft, items;
	uint32_t i;

	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < 2; i++) {
		bytes_init(&draft, RECORD_BYTES_MAX);
		net_draft(TLP_CLEAR, i == 0 ? "good" : "bad", NULL, NULL, &draft);
		ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&draft)), ERR_NONE);
		bytes_release(&draft);
	}
	arguments.drafts = drafts;
	ck_reason(ask(net, A, REQUEST_SUBMIT, &request_submit_schema, &arguments,
		      &request_submit_body_schema, &body),
	    REASON_STORED);
	for (i = 0; i < 2; i++) {
		ck_err(
		    schema_list_next(&body.outcomes, &request_outcome_schema, &outcome), ERR_NONE);
		memcpy(ids[i].bytes, outcome.id, sizeof(ids[i].bytes));
	}
	ck_assert_uint_eq(body.seals, 1);
	bytes_release(&items);
}

START_TEST(lets_the_rest_of_a_batch_go_at_once)
{
	struct net *net = open_line("quarantine where title = \"bad\"\naccept all");
	struct record_id ids[2];

	add_both(net, ids);
	net_pass(net, 1000);
	ck_assert(is_stored(net, C, &ids[0]));
	ck_assert(!net_has(net, C, &ids[1]));
	ck_reason(keep(net, B, REQUEST_QUARANTINE_RELEASE, &ids[1], false).reason, REASON_STORED);
	net_pass(net, 1000);
	ck_assert(is_stored(net, C, &ids[1]));
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- erasing */

/* How often the value stands in any file of a home. */
static uint32_t count_in_file_found;

static int
count_in_file(const char *path, const struct stat *status, int type, struct FTW *where)
{
	static uint8_t data[32u << 20];
	FILE *file = type == FTW_F ? fopen(path, "rb") : NULL;
	size_t size, at;

	(void)status;
	(void)where;
	if (file == NULL)
		return 0;
	size = fread(data, 1, sizeof(data), file);
	(void)fclose(file);
	for (at = 0; at + strlen(SECRET) <= size; at++)
		count_in_file_found += memcmp(data + at, SECRET, strlen(SECRET)) == 0;
	return 0;
}

static uint32_t
count_in_home(const struct net *net, uint32_t at)
{
	count_in_file_found = 0;
	ck_assert_int_eq(nftw(net->nodes[at].folder, count_in_file, 8, FTW_DEPTH | FTW_PHYS), 0);
	return count_in_file_found;
}

static void
make_personal(struct record *record, void *context)
{
	(void)context;
	record->body.text = bytes_view_str("llame a " SECRET " al 5555550100");
	ck_err(record_add_text(&record->labels, bytes_view_str(SECRET)), ERR_NONE);
}

START_TEST(erases_every_byte_of_it)
{
	struct net *net = net_open(2);
	struct keep_outcome outcome;
	struct record_id id;

	net_befriend(net, A, B);
	ck_reason(
	    net_share(net, A, TLP_GREEN, "about " SECRET, make_personal, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert_uint_gt(count_in_home(net, A), 0);
	outcome = keep(net, A, REQUEST_ERASE, &id, true);
	ck_reason(outcome.reason, REASON_STORED);
	ck_assert_uint_eq(outcome.recipients, 1);
	ck_assert(is_stored(net, A, &id));
	outcome = keep(net, A, REQUEST_ERASE, &id, false);
	ck_reason(outcome.reason, REASON_STORED);
	ck_assert_uint_eq(count_in_home(net, A), 0);
	ck_assert(!is_stored(net, A, &id));
	ck_assert(net_has(net, A, &id));
	ck_assert_uint_eq(query(net, A, false), 0);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_ERASED), 1);
	/* who has it already keeps it: that is what the dry run and `malla person` tell */
	ck_assert(is_stored(net, B, &id));
	net_close(net);
}
END_TEST

START_TEST(sends_what_was_erased_to_nobody_and_the_rest_of_its_batch_still)
{
	struct net *net = net_open(3);
	struct record_id ids[2];

	/* B is away, so that the batch waits, in memory too; C is not known yet */
	net_befriend(net, A, B);
	net_crash(net, B);
	net_run(net);
	add_both(net, ids);
	net_pass(net, 1000);
	ck_reason(keep(net, A, REQUEST_ERASE, &ids[1], false).reason, REASON_STORED);
	net_start(net, B);
	net_reconnect(net, A, B);
	net_befriend(net, A, C);
	net_pass(net, 1000);
	ck_assert(is_stored(net, B, &ids[0]) && is_stored(net, C, &ids[0]));
	ck_assert(!net_has(net, B, &ids[1]) && !net_has(net, C, &ids[1]));
	net_close(net);
}
END_TEST

static void
copy_store(const struct net *net, uint32_t at, bool is_back)
{
	static uint8_t data[8u << 20];
	char store[HOME_FILE_MAX], copy[HOME_FILE_MAX];
	FILE *from, *to;
	size_t len;

	home_file(&net->nodes[at].home, "store.db", store);
	home_file(&net->nodes[at].home, "copy", copy);
	from = fopen(is_back ? copy : store, "rb");
	to = fopen(is_back ? store : copy, "wb");
	ck_assert(from != NULL && to != NULL);
	len = fread(data, 1, sizeof(data), from);
	ck_assert_uint_eq(fwrite(data, 1, len, to), len);
	ck_assert(fclose(from) == 0 && fclose(to) == 0);
	if (is_back)
		ck_assert_int_eq(unlink(copy), 0);
}

START_TEST(erases_again_what_an_older_copy_brings_back)
{
	struct net *net = net_open(1);
	struct record_id id;

	ck_reason(
	    net_share(net, A, TLP_GREEN, "about " SECRET, make_personal, NULL, &id), REASON_STORED);
	net_crash(net, A);
	copy_store(net, A, false);
	net_start(net, A);
	ck_reason(keep(net, A, REQUEST_ERASE, &id, false).reason, REASON_STORED);
	net_crash(net, A);
	copy_store(net, A, true);
	ck_assert_uint_gt(count_in_home(net, A), 0);
	net_start(net, A);
	ck_assert(!is_stored(net, A, &id));
	ck_assert_uint_eq(count_in_home(net, A), 0);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_ERASED), 1);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- legal hold */

/* title = "TEXT", encoded. */
static void
make_predicate(const char *title, struct bytes *out)
{
	static struct predicate predicate;
	struct parse_error error;
	char text[128];

	(void)snprintf(text, sizeof(text), "title = \"%s\"", title);
	ck_err(parse_predicate(bytes_view_str(text), &predicate, &error), ERR_NONE);
	bytes_init(out, PREDICATE_BYTES_MAX);
	ck_err(predicate_encode(&predicate, out), ERR_NONE);
}

START_TEST(erases_nothing_under_a_legal_hold)
{
	struct net *net = open_line("quarantine all");
	struct keep_outcome outcome;
	struct bytes predicate;
	struct record_id ids[2];
	uint64_t first, second;

	add_both(net, ids);
	net_pass(net, 1000);
	make_predicate("bad", &predicate);
	first = hold(net, B, &ids[0], bytes_view_of(NULL, 0));
	second = hold(net, B, NULL, bytes_as_view(&predicate));
	outcome = keep(net, B, REQUEST_ERASE, &ids[0], false);
	ck_reason(outcome.reason, REASON_LEGAL_HOLD);
	ck_assert_uint_eq(outcome.hold, first);
	outcome = keep(net, B, REQUEST_QUARANTINE_REFUSE, &ids[1], false);
	ck_reason(outcome.reason, REASON_LEGAL_HOLD);
	ck_assert_uint_eq(outcome.hold, second);
	/* also after a new start */
	net_crash(net, B);
	net_start(net, B);
	ck_reason(keep(net, B, REQUEST_ERASE, &ids[1], true).reason, REASON_LEGAL_HOLD);
	rule_by(net, B, "accept all", "erase where kind = note");
	net_pass(net, 1000);
	ck_assert(is_stored(net, B, &ids[0]) && is_stored(net, B, &ids[1]));
	ck_reason(end_hold(net, B, first), REASON_STORED);
	ck_reason(end_hold(net, B, first), REASON_NOT_FOUND);
	net_pass(net, 3600000);
	ck_assert(!is_stored(net, B, &ids[0]) && is_stored(net, B, &ids[1]));
	ck_assert_uint_eq(net_leaves(net, B, EVENT_LEGAL_HOLD), 3);
	bytes_release(&predicate);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- retention */

static void
expire(struct record *record, void *context)
{
	(void)context;
	record->valid_until_ms = NODE_TIME + 600000;
}

static struct retain_body
retain(struct net *net, uint32_t at, bool is_dry_run, struct retain_row *first)
{
	struct retain_arguments arguments = {.is_dry_run = is_dry_run};
	struct retain_body body;
	struct schema_list rows;

	ck_reason(ask(net, at, REQUEST_RETAIN, &request_keeping_retain_schema, &arguments,
		      &request_keeping_retain_body_schema, &body),
	    REASON_STORED);
	rows = body.rows;
	if (first != NULL)
		ck_err(
		    schema_list_next(&rows, &request_keeping_retain_row_schema, first), ERR_NONE);
	return body;
}

START_TEST(erases_on_schedule_what_the_policy_wants_gone)
{
	struct net *net = net_open(1);
	struct record_id gone, kept;
	struct retain_row row;

	rule_by(net, A, "accept all", "erase old where valid_until < now - 60s");
	ck_reason(net_share(net, A, TLP_GREEN, "old", expire, NULL, &gone), REASON_STORED);
	ck_reason(net_share(net, A, TLP_GREEN, "new", NULL, NULL, &kept), REASON_STORED);
	net_pass(net, 1000);
	ck_assert_uint_eq(retain(net, A, true, NULL).rows.count, 0);
	net->now_ms += 700000;
	ck_assert_uint_eq(retain(net, A, true, &row).rows.count, 1);
	ck_reason(row.reason, REASON_STORED);
	ck_assert_mem_eq(row.id, gone.bytes, sizeof(row.id));
	ck_assert(bytes_view_is_equal(row.rule, bytes_view_str("old")));
	ck_assert(is_stored(net, A, &gone));
	net_pass(net, 3600000);
	ck_assert(!is_stored(net, A, &gone));
	ck_assert(is_stored(net, A, &kept));
	ck_assert_uint_eq(net_leaves(net, A, EVENT_ERASED), 1);
	net_close(net);
}
END_TEST

START_TEST(waits_with_what_is_on_its_way)
{
	struct net *net = net_open(2);
	struct retain_row row;
	struct record_id id;

	net_befriend(net, A, B);
	net_crash(net, B);
	net_run(net);
	ck_reason(net_share(net, A, TLP_GREEN, "for B", NULL, NULL, &id), REASON_STORED);
	rule_by(net, A, "accept all", "erase where kind = note");
	ck_assert_uint_eq(retain(net, A, false, &row).rows.count, 1);
	ck_reason(row.reason, REASON_BUSY);
	ck_assert(is_stored(net, A, &id));
	net_start(net, B);
	net_reconnect(net, A, B);
	net_pass(net, 1000);
	ck_assert(is_stored(net, B, &id));
	ck_assert_uint_eq(retain(net, A, false, &row).rows.count, 1);
	ck_reason(row.reason, REASON_STORED);
	ck_assert(!is_stored(net, A, &id));
	net_close(net);
}
END_TEST

/* More than one slice and more than one stretch of a turn, whichever rule wants them. */
START_TEST(goes_through_a_store_of_many)
{
	struct net *net = net_open(1);
	uint32_t i;
	char title[32];

	for (i = 0; i < 200; i++) {
		(void)snprintf(title, sizeof(title), "n%03u", i);
		ck_reason(net_share(net, A, TLP_GREEN, title, NULL, NULL, NULL), REASON_STORED);
	}
	rule_by(net, A, "accept all", "erase where title ~ \"n*5\"\nerase where title ~ \"n1*\"");
	net_pass(net, 1000);
	ck_assert_uint_eq(net_records(net, A), 90);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- a person */

static void
add_phone(struct record *record, void *context)
{
	struct observable phone = {OBSERVABLE_PHONE, bytes_view_str("+525555550100")};

	(void)context;
	record->kind = RECORD_INDICATOR;
	record->body = (struct record_body){0};
	record->marking.purpose = bytes_view_str("fraud");
	record->marking.basis = bytes_view_str("consent");
	ck_err(record_add_observable(record, &phone), ERR_NONE);
}

static struct person_body
person(struct net *net, uint32_t at, const char *value, struct person_row *first)
{
	struct person_arguments arguments = {.value = bytes_view_str(value)};
	struct person_body body;
	struct schema_list rows;

	ck_reason(ask(net, at, REQUEST_PERSON, &request_keeping_person_schema, &arguments,
		      &request_keeping_person_body_schema, &body),
	    REASON_STORED);
	rows = body.rows;
	if (first != NULL)
		ck_err(
		    schema_list_next(&rows, &request_keeping_person_row_schema, first), ERR_NONE);
	return body;
}

START_TEST(finds_every_record_that_holds_a_person)
{
	struct net *net = net_open(2);
	struct show_delivery delivery;
	struct person_row row;
	struct record_id id;

	net_befriend(net, A, B);
	rule_by(net, A, "accept all", "");
	ck_reason(
	    net_share(net, A, TLP_GREEN, "in the text", make_personal, NULL, &id), REASON_STORED);
	ck_reason(net_share(net, A, TLP_GREEN, "", add_phone, NULL, NULL), REASON_STORED);
	ck_reason(net_share(net, A, TLP_GREEN, "nobody", NULL, NULL, NULL), REASON_STORED);
	net_pass(net, 1000);
	/* a number however it is written, as observable and in a text */
	ck_assert_uint_eq(person(net, A, "+52 55 5555-0100", &row).rows.count, 1);
	ck_assert_uint_eq(row.where, PERSON_OBSERVABLE);
	ck_assert_uint_eq(person(net, A, "5555550100", &row).rows.count, 2);
	ck_assert_uint_eq(row.where, PERSON_TEXT);
	ck_assert_mem_eq(row.id, id.bytes, sizeof(row.id));
	ck_assert_uint_eq(row.deliveries.count, 1);
	ck_err(schema_list_next(&row.deliveries, &request_delivery_schema, &delivery), ERR_NONE);
	ck_assert_mem_eq(delivery.org, net->nodes[B].org.bytes, sizeof(delivery.org));
	ck_assert_uint_eq(delivery.state, DELIVERY_RECEIPTED);
	ck_assert_uint_eq(person(net, A, "PERSONA-7731.example", NULL).rows.count, 1);
	ck_assert_uint_eq(person(net, A, "somebody else", NULL).rows.count, 0);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_READ), 4);
	/* and where it came from */
	ck_assert_uint_eq(person(net, B, SECRET, &row).rows.count, 1);
	ck_assert_uint_eq(row.ways.count, 1);
	ck_assert_mem_eq(row.via, net->nodes[A].org.bytes, sizeof(row.via));
	net_close(net);
}
END_TEST

SUITE_MAIN("node/keeping", keeps_what_is_in_quarantine_to_itself,
    releases_it_to_where_an_accepted_record_goes, refuses_it_for_good,
    lets_the_rest_of_a_batch_go_at_once, erases_every_byte_of_it,
    sends_what_was_erased_to_nobody_and_the_rest_of_its_batch_still,
    erases_again_what_an_older_copy_brings_back, erases_nothing_under_a_legal_hold,
    erases_on_schedule_what_the_policy_wants_gone, waits_with_what_is_on_its_way,
    goes_through_a_store_of_many, finds_every_record_that_holds_a_person)
