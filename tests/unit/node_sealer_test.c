#include "node_fixture.h"

#include "crypto/digest.h"
#include "crypto/tree.h"
#include "node/sealer.h"

/* What one request says, and what came of it. */
struct said {
	struct bytes items;
	struct schema_list drafts;
	struct submit_body body;
	struct submit_outcome outcomes[BATCH_COUNT_MAX];
};

static struct said said;

static void
said_clear(void)
{
	bytes_clear(&said.items);
	said.drafts = (struct schema_list){0};
}

static void
said_init(void)
{
	bytes_init(&said.items, REQUEST_BYTES_MAX);
	said_clear();
}

static void
add(enum tlp tlp, const char *title, net_change_fn change, void *context)
{
	struct bytes draft;

	bytes_init(&draft, RECORD_BYTES_MAX);
	net_draft(tlp, title, change, context, &draft);
	ck_err(schema_list_add_bin(&said.drafts, &said.items, bytes_as_view(&draft)), ERR_NONE);
	bytes_release(&draft);
}

/* Ask, and keep the outcomes. */
static void
submit_as(struct net *net, bool is_dry_run, bool is_brief)
{
	struct submit_arguments arguments = {
	    .drafts = said.drafts, .is_dry_run = is_dry_run, .is_brief = is_brief};
	struct bytes encoded;
	struct answer answer;
	uint32_t i;

	bytes_init(&encoded, REQUEST_BYTES_MAX);
	ck_err(schema_encode(&request_submit_schema, &arguments, &encoded), ERR_NONE);
	answer = net_request(net, 0,
	    &(struct net_request){
		.command = REQUEST_SUBMIT, .arguments = bytes_as_view(&encoded), .uid = NODE_UID});
	bytes_release(&encoded);
	ck_reason(answer.reason, REASON_STORED);
	ck_err(schema_decode(&request_submit_body_schema, answer.body, &said.body), ERR_NONE);
	ck_assert_uint_eq(said.body.outcomes.count, said.drafts.count);
	for (i = 0; i < said.drafts.count; i++)
		ck_err(schema_list_next(
			   &said.body.outcomes, &request_outcome_schema, &said.outcomes[i]),
		    ERR_NONE);
}

static void
submit(struct net *net, bool is_dry_run)
{
	submit_as(net, is_dry_run, false);
}

/* The record of an outcome as it is stored; its views last until the store's next call. */
static const struct record *
stored(struct net *net, uint32_t i, struct record_row *row)
{
	static struct record record;
	struct record_id id;

	memcpy(id.bytes, said.outcomes[i].id, sizeof(id.bytes));
	ck_err(records_get(net->nodes[0].core->store, &id, row), ERR_NONE);
	ck_err(record_decode(row->body, false, &record, NULL), ERR_NONE);
	return &record;
}

static void
expect_verified(struct net *net, int64_t batch)
{
	enum err finding = ERR_CORRUPT;

	ck_err(records_verify_batch(net->nodes[0].core->store, batch, &finding), ERR_NONE);
	ck_err(finding, ERR_NONE);
}

/* ---------------------------------------------------------------- what is sealed together */

START_TEST(completes_each_draft_under_one_seal)
{
	static const char *const titles[] = {"first", "second", "third"};
	struct net *net = net_open(1);
	const struct record *record;
	struct record_row row;
	struct nonce nonces[3];
	uint32_t i;

	said_init();
	for (i = 0; i < 3; i++)
		add(TLP_GREEN, titles[i], NULL, NULL);
	submit(net, false);
	ck_assert_uint_eq(said.body.seals, 1);
	for (i = 0; i < 3; i++) {
		ck_reason(said.outcomes[i].reason, REASON_STORED);
		record = stored(net, i, &row);
		ck_assert_uint_eq(row.position, i);
		ck_assert(bytes_view_is_equal(record->body.title, bytes_view_str(titles[i])));
		ck_assert(memcmp(&record->author, &net->nodes[0].org, sizeof(record->author)) == 0);
		ck_assert_uint_eq(record->created_ms, net->now_ms);
		nonces[i] = record->nonce;
		ck_assert(i == 0 || memcmp(&nonces[i - 1], &nonces[i], sizeof(*nonces)) != 0);
	}
	ck_assert(memcmp(&nonces[0], &nonces[2], sizeof(*nonces)) != 0);
	expect_verified(net, row.batch);
	bytes_release(&said.items);
	net_close(net);
}
END_TEST

START_TEST(seals_what_has_another_label_or_audience_apart)
{
	struct net *net = net_open(2);
	struct record_row row;
	enum tlp tlps[4];
	struct batch_row batch;
	int64_t batches[5];
	uint32_t i;

	said_init();
	net_befriend(net, 0, 1);
	add(TLP_GREEN, "one", NULL, NULL);
	add(TLP_CLEAR, "two", NULL, NULL);
	add(TLP_GREEN, "three", NULL, NULL);
	add(TLP_GREEN, "four", net_to, &net->nodes[1].org);
	add(TLP_CLEAR, "five", NULL, NULL);
	submit(net, false);
	ck_assert_uint_eq(said.body.seals, 3);
	for (i = 0; i < 5; i++) {
		ck_reason(said.outcomes[i].reason, REASON_STORED);
		(void)stored(net, i, &row);
		batches[i] = row.batch;
		expect_verified(net, row.batch);
	}
	ck_assert_int_eq(batches[0], batches[2]);
	ck_assert_int_eq(batches[1], batches[4]);
	ck_assert(batches[0] != batches[1] && batches[0] != batches[3] && batches[1] != batches[3]);
	for (i = 0; i < 4; i++) {
		ck_err(records_batch_get(net->nodes[0].core->store, batches[i], &batch), ERR_NONE);
		tlps[i] = batch.tlp;
	}
	/* the row's label is its own records', whichever came last */
	ck_assert(tlps[0] == TLP_GREEN && tlps[1] == TLP_CLEAR && tlps[3] == TLP_GREEN);
	bytes_release(&said.items);
	net_close(net);
}
END_TEST

static void
lengthen(struct record *record, void *context)
{
	record->body.text = *(const struct bytes_view *)context;
}

/* Five of 39 KB: one more than a batch holds. */
START_TEST(cuts_a_batch_where_the_next_record_does_not_fit)
{
	static char text[39500];
	struct bytes_view view = bytes_view_of(text, sizeof(text));
	struct net *net = net_open(1);
	struct record_row row;
	char title[16];
	uint32_t i;

	said_init();
	memset(text, 'x', sizeof(text));
	for (i = 0; i < 5; i++) {
		(void)snprintf(title, sizeof(title), "note %u", i);
		add(TLP_GREEN, title, lengthen, &view);
	}
	submit(net, false);
	ck_assert_uint_eq(said.body.seals, 2);
	for (i = 0; i < 5; i++) {
		(void)stored(net, i, &row);
		ck_assert_uint_eq(row.position, i < 4 ? i : 0);
		expect_verified(net, row.batch);
	}
	bytes_release(&said.items);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- what is not sealed */

START_TEST(every_draft_has_its_outcome_at_its_place)
{
	struct net *net = net_open(1);

	said_init();
	add(TLP_GREEN, "good", NULL, NULL);
	bytes_append_u8(&said.items, 5); /* no bytes at all */
	said.drafts.count++;
	ck_err(schema_list_add_bin(&said.drafts, &said.items, bytes_view_of(NULL, 0)), ERR_NONE);
	ck_err(schema_list_add_bin(&said.drafts, &said.items, bytes_view_str("\x81")), ERR_NONE);
	add(TLP_GREEN, "good as well", NULL, NULL);
	submit(net, false);
	ck_reason(said.outcomes[0].reason, REASON_STORED);
	ck_assert(!reason_is_good((enum reason)said.outcomes[1].reason));
	ck_assert(!reason_is_good((enum reason)said.outcomes[2].reason));
	ck_assert(!reason_is_good((enum reason)said.outcomes[3].reason));
	ck_reason(said.outcomes[4].reason, REASON_STORED);
	ck_assert_uint_eq(said.body.seals, 1);
	ck_assert_uint_eq(net_records(net, 0), 2);
	bytes_release(&said.items);
	net_close(net);
}
END_TEST

START_TEST(the_same_draft_is_stored_once_within_a_submission_and_after_it)
{
	struct net *net = net_open(1);

	said_init();
	add(TLP_GREEN, "again", NULL, NULL);
	add(TLP_GREEN, "other", NULL, NULL);
	add(TLP_GREEN, "again", NULL, NULL);
	submit(net, false);
	ck_reason(said.outcomes[0].reason, REASON_STORED);
	ck_reason(said.outcomes[1].reason, REASON_STORED);
	ck_reason(said.outcomes[2].reason, REASON_DUPLICATE);
	ck_assert(memcmp(said.outcomes[0].id, said.outcomes[2].id, 32) == 0);
	said_clear();
	add(TLP_GREEN, "again", NULL, NULL);
	add(TLP_CLEAR, "again", NULL, NULL);
	submit(net, false);
	ck_reason(said.outcomes[0].reason, REASON_DUPLICATE);
	ck_reason(said.outcomes[1].reason, REASON_STORED); /* another label is another draft */
	ck_assert_uint_eq(net_records(net, 0), 3);
	bytes_release(&said.items);
	net_close(net);
}
END_TEST

START_TEST(a_dry_run_says_who_would_get_it_and_stores_nothing)
{
	static const uint8_t no_id[32];
	struct net *net = net_open(2);

	said_init();
	net_befriend(net, 0, 1);
	add(TLP_GREEN, "tried", NULL, NULL);
	submit(net, true);
	ck_reason(said.outcomes[0].reason, REASON_STORED);
	ck_assert_uint_eq(said.outcomes[0].peers, 1);
	ck_assert_mem_eq(said.outcomes[0].id, no_id, sizeof(no_id));
	ck_assert_uint_eq(said.body.seals, 0);
	ck_assert_uint_eq(net_records(net, 0), 0);
	submit(net, false);
	ck_reason(said.outcomes[0].reason, REASON_STORED);
	ck_assert_uint_eq(said.outcomes[0].peers, 1);
	bytes_release(&said.items);
	net_close(net);
}
END_TEST

START_TEST(a_brief_answer_says_all_but_the_ids)
{
	static const uint8_t no_id[32];
	struct net *net = net_open(2);
	size_t brief;

	said_init();
	net_befriend(net, 0, 1);
	add(TLP_GREEN, "one", NULL, NULL);
	add(TLP_GREEN, "two", NULL, NULL);
	add(TLP_GREEN, "one", NULL, NULL);
	submit_as(net, false, true);
	ck_reason(said.outcomes[0].reason, REASON_STORED);
	ck_reason(said.outcomes[1].reason, REASON_STORED);
	ck_reason(said.outcomes[2].reason, REASON_DUPLICATE);
	ck_assert_uint_eq(said.outcomes[1].peers, 1);
	ck_assert_mem_eq(said.outcomes[0].id, no_id, sizeof(no_id));
	ck_assert_mem_eq(said.outcomes[2].id, no_id, sizeof(no_id));
	ck_assert_uint_eq(said.body.seals, 1);
	ck_assert_uint_eq(net_records(net, 0), 2);
	brief = net->answer.len;
	submit_as(net, false, false);
	ck_assert_uint_gt(net->answer.len, brief + 3 * sizeof(no_id));
	bytes_release(&said.items);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- what the log says of a batch */

struct named {
	enum event_type type;
	uint32_t count;
	struct hash roots[4];
	uint64_t records[4];
};

static enum err
note_roots(void *context, const struct event_row *row)
{
	struct named *named = context;
	struct event_details details;
	struct event event;

	ck_err(event_leaf_decode(row->leaf, &event), ERR_NONE);
	if (event.type != named->type)
		return ERR_NONE;
	ck_err(event_details_decode(row->details, &details), ERR_NONE);
	ck_assert(details.has_records);
	ck_assert_uint_lt(named->count, 4);
	named->roots[named->count] = details.records;
	named->records[named->count++] = details.count;
	return ERR_NONE;
}

/* The leaves of one type say, in this order, that these records were stored: three and two. */
static void
expect_named(struct net *net, uint32_t at, enum event_type type, const struct record_id ids[5])
{
	static const uint32_t counts[] = {3, 2};
	struct named named = {.type = type};
	uint8_t leaf[sizeof(ids->bytes) + 2] = {0}; /* the outcome: stored is 0 */
	struct hash leaves[3], root;
	uint32_t batch, i, next = 0;

	ck_err(events_each(net->nodes[at].core->store, 0, 1000, note_roots, &named), ERR_NONE);
	ck_assert_uint_eq(named.count, 2);
	for (batch = 0; batch < 2; batch++) {
		for (i = 0; i < counts[batch]; i++) {
			memcpy(leaf, ids[next++].bytes, sizeof(ids->bytes));
			digest_sha256_prefixed(0, bytes_view_of(leaf, sizeof(leaf)), &leaves[i]);
		}
		tree_root(leaves, counts[batch], &root);
		ck_assert_uint_eq(named.records[batch], counts[batch]);
		ck_assert_mem_eq(&named.roots[batch], &root, sizeof(root));
	}
}

/* One submission that is a batch as it stands, and one that is not. */
START_TEST(the_log_names_the_records_that_were_sealed_sent_and_received)
{
	struct net *net = net_open(2);
	struct record_id ids[5];
	uint32_t i;

	said_init();
	net_befriend(net, 0, 1);
	add(TLP_GREEN, "one", NULL, NULL);
	add(TLP_GREEN, "two", NULL, NULL);
	add(TLP_GREEN, "three", NULL, NULL);
	submit(net, false);
	for (i = 0; i < 3; i++)
		memcpy(ids[i].bytes, said.outcomes[i].id, sizeof(ids[i].bytes));
	said_clear();
	add(TLP_GREEN, "four", NULL, NULL);
	add(TLP_GREEN, "two", NULL, NULL);
	add(TLP_GREEN, "five", NULL, NULL);
	submit(net, false);
	ck_reason(said.outcomes[1].reason, REASON_DUPLICATE);
	memcpy(ids[3].bytes, said.outcomes[0].id, sizeof(ids[3].bytes));
	memcpy(ids[4].bytes, said.outcomes[2].id, sizeof(ids[4].bytes));
	net_run(net);
	expect_named(net, 0, EVENT_SEALED, ids);
	expect_named(net, 0, EVENT_ENVELOPE_SENT, ids);
	expect_named(net, 1, EVENT_ENVELOPE_RECEIVED, ids);
	bytes_release(&said.items);
	net_close(net);
}
END_TEST

SUITE_MAIN("node/sealer", completes_each_draft_under_one_seal,
    seals_what_has_another_label_or_audience_apart, cuts_a_batch_where_the_next_record_does_not_fit,
    every_draft_has_its_outcome_at_its_place,
    the_same_draft_is_stored_once_within_a_submission_and_after_it,
    a_dry_run_says_who_would_get_it_and_stores_nothing, a_brief_answer_says_all_but_the_ids,
    the_log_names_the_records_that_were_sealed_sent_and_received)
