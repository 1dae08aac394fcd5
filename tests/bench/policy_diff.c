/*
 * policy_diff DIR RECORDS ROUNDS
 *
 * What `malla policy diff` costs beside reading the same rows once.  Fills a store in DIR with so
 * many records of our own and of a peer, makes 20 peers of four sectors, three countries and two
 * roles, and two policies of 20 rules each that differ in seven.  Then, in turns, in each round,
 * all over the same rows in parts of the same size, one thread:
 *
 *     read      every row is fetched by the store's walk; nothing else
 *     decoded   likewise, and decoded and checked as a record
 *     compared  node/compare: fetched, decoded, and decided for 20 peers under both policies
 *
 * and a line of JSON: medians, least and most, the ratios round by round, and how much differed.
 */
#include <sys/stat.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "node/compare.h"
#include "node/relate.h"
#include "node/ruling.h"
#include "store/search.h"
#include "tests/bench/measure.h"

#define BATCH 500u
#define PEERS 20u
#define ROUNDS_MAX 25u
#define NAMED_PEERS 4u

struct bench {
	struct core core;
	struct member members[PEERS];
	struct member *list[PEERS];
	struct policy *policies[2];
	struct record record, decoded;
	struct bytes body;
	struct extract_keys keys;
	uint64_t put;
};

static struct bench bench;

static void
must(enum err err, const char *what)
{
	if (err != ERR_NONE)
		measure_die(what, err_text(err));
}

/* ---------------------------------------------------------------- policies and peers */

/* What both begin with; the rest differs. */
static const char common[] =
    "  hold(1) personal  where type in (phone, email, card) to anybody\n"
    "  hold(2) open-personal where type = clabe to anybody\n"
    "  deny    stale     where valid_until < now and kind = indicator\n"
    "  deny    noise     where label = noise\n"
    "  deny    weak      where kind = indicator and confidence < 20\n"
    "  share   to-cert   where kind = advisory to sector(government)\n"
    "  share   named     where tlp >= amber to audience\n"
    "  deny    amber     where tlp >= amber\n"
    "  share   es        where language = es and kind = note to country(MX)\n"
    "  deny    spam      where value under spam.example\n"
    "  share   critical  where severity = critical to anybody\n"
    "  share   banks     where label = fraud and confidence >= 50 to sector(bank)\n"
    "  deny    old       where created < now - 3650d\n";
static const char *const ends[2] = {
    "  share   telecom   where confidence >= 60 and tlp <= green to sector(telecom)\n"
    "  share   bank      where confidence >= 40 and kind = indicator to sector(bank)\n"
    "  redact  thin      (description) where confidence >= 30 to sector(retail)\n"
    "  deny    seen      where label ~ \"seen*\"\n"
    "  share   urls      where type = url and confidence >= 70 to anybody\n"
    "  share   clear     where tlp = clear and confidence >= 80 to anybody\n"
    "  deny    rest\n",
    "  share   telecom   where confidence >= 65 and tlp <= green to sector(telecom)\n"
    "  share   bank      where confidence >= 40 and not label ~ \"seen*\" to sector(bank)\n"
    "  redact  thin      (description) where confidence >= 35 to sector(retail)\n"
    "  hold(1) seen      where label ~ \"seen*\" to anybody\n"
    "  share   urls      where type = url and confidence >= 72 to country(MX)\n"
    "  share   clear     where tlp = clear and confidence >= 80 to anybody\n"
    "  deny    rest\n"};

static enum err
find_org(void *context, struct bytes_view name, struct org_id *out)
{
	(void)context, (void)name, (void)out;
	return ERR_NOT_FOUND;
}

static void
make_policies(void)
{
	static char text[8192];
	struct policy_errors errors;
	struct bytes_view name;
	uint32_t i;

	for (i = 0; i < 2; i++) {
		(void)snprintf(text, sizeof(text),
		    "policy \"%s\"\noutbound {\n%s%s}\ninbound {\n  accept all\n}\n",
		    i == 0 ? "before" : "after", common, ends[i]);
		if (policy_open(bytes_view_str(text), NULL, &bench.policies[i], &errors) !=
		    ERR_NONE)
			measure_die(text, errors.at[0].expected);
		must(policy_resolve(
			 bench.policies[i], find_org, relate_community, &bench.core, &name),
		    "a name");
		measure_need(bench.policies[i]->outbound.count == 20, "20 rules");
	}
	bench.core.policy = bench.policies[0];
}

static void
make_peers(void)
{
	static const char *const sectors[] = {"bank", "telecom", "retail", "government"};
	static const char *const countries[] = {"MX", "US", "CO"};
	uint32_t i;

	for (i = 0; i < PEERS; i++) {
		struct member *member = &bench.members[i];

		member->org.bytes[0] = (uint8_t)(10 + i);
		member->is_peer = true;
		member->card.org = member->org;
		member->card.serial = 1;
		(void)snprintf(
		    member->card.sector, sizeof(member->card.sector), "%s", sectors[i % 4]);
		(void)snprintf(
		    member->card.country, sizeof(member->card.country), "%s", countries[i % 3]);
		bench.list[i] = member;
	}
	bench.core.members = bench.list;
	bench.core.members_count = PEERS;
}

/* ---------------------------------------------------------------- records */

static void
add_observable(uint64_t mixed, char *value, size_t size)
{
	struct observable observable = {.type = OBSERVABLE_DOMAIN};

	if (mixed % 10 < 6) {
		(void)snprintf(value, size, "h%llx.evil%llu.example",
		    (unsigned long long)(mixed >> 20), (unsigned long long)(mixed % 100000));
	} else if (mixed % 10 < 9) {
		observable.type = OBSERVABLE_IPV4;
		(void)snprintf(value, size, "198.%u.%u.%u", (unsigned)(mixed >> 8 & 255),
		    (unsigned)(mixed >> 16 & 255), (unsigned)(mixed >> 24 & 255));
	} else {
		observable.type = OBSERVABLE_URL;
		(void)snprintf(value, size, "https://u%llu.example/%llx",
		    (unsigned long long)(mixed % 100000), (unsigned long long)(mixed >> 20));
	}
	observable.value = bytes_view_str(value);
	must(record_add_observable(&bench.record, &observable), "an observable");
}

/* About 350 bytes; marking and audience are the batch's. */
static void
make_record(uint64_t batch)
{
	static const enum tlp labels[] = {TLP_CLEAR, TLP_GREEN, TLP_GREEN, TLP_AMBER};
	uint64_t mixed = measure_mix(bench.put);
	struct record *record = &bench.record;
	char value[96], text[201];
	uint32_t i;

	record_init(record, RECORD_INDICATOR, labels[batch % 4]);
	record->is_draft = false;
	record->author = batch % 5 == 4 ? bench.members[0].org : bench.core.org;
	record->created_ms = clock_now_ms();
	record->confidence =
	    (uint8_t)(mixed >> 32 & 127) > 100 ? 100 : (uint8_t)(mixed >> 32 & 127);
	record->severity = (enum severity)(mixed >> 40 & 3);
	memcpy(record->nonce.bytes, &mixed, sizeof(mixed));
	for (i = 0; i < NAMED_PEERS && batch % 4 == 3; i++)
		must(audience_add_org(&record->audience, &bench.members[3 * i].org), "an audience");
	if ((mixed >> 48) % 8 == 0)
		must(record_add_text(&record->labels, bytes_view_str("seen-twice")), "a label");
	must(record_add_text(&record->labels, bytes_view_str((mixed & 16) != 0 ? "fraud" : "feed")),
	    "a label");
	add_observable(mixed >> 3, value, sizeof(value));
	for (i = 0; i < sizeof(text) - 1; i++)
		text[i] = "mail relay "[i % 11];
	text[i] = '\0';
	record->body.text = bytes_view_str(text);
	bytes_clear(&bench.body);
	must(record_encode(record, &bench.body), "a record");
	must(record_decode(bytes_as_view(&bench.body), false, &bench.decoded, NULL), "a record");
}

static void
put_record(struct batch_row *batch, uint64_t number, uint32_t position)
{
	struct record_row row = {.batch = batch->seq,
	    .position = position,
	    .author = batch->author,
	    .via = batch->via,
	    .received_ms = batch->received_ms,
	    .tlp = batch->tlp};
	struct extract extract;
	bool is_new;

	make_record(number);
	row.created_ms = bench.record.created_ms;
	row.body = bytes_as_view(&bench.body);
	record_id_of(row.body, &row.id);
	digest_random(row.salt.bytes, sizeof(row.salt.bytes));
	bench.keys.count = 0;
	must(extract_record(store_seed(bench.core.store), &bench.decoded, &bench.keys, &extract),
	    "a record");
	must(records_put(bench.core.store, &row, &extract, &bench.keys, &is_new), "a record");
	bench.put++;
}

static void
put_batch(uint64_t number)
{
	struct batch_row batch = {.serial = 1,
	    .sealed_ms = clock_now_ms(),
	    .received_ms = clock_now_ms(),
	    .size = BATCH,
	    .seal = bytes_view_str("a seal")};
	uint32_t i;

	make_record(number);
	batch.author = bench.record.author;
	batch.via = batch.author;
	batch.tlp = bench.record.marking.tlp;
	batch.marking = bench.decoded.marking_bytes;
	batch.audience = bench.decoded.audience_bytes;
	digest_random(batch.root.bytes, sizeof(batch.root.bytes));
	must(store_begin(bench.core.store), "a transaction");
	must(records_batch_put(bench.core.store, &batch), "a batch");
	for (i = 0; i < BATCH; i++)
		put_record(&batch, number, i);
	must(records_batch_stored(bench.core.store, batch.seq, BATCH), "a batch");
	must(store_commit(bench.core.store), "a commit");
}

/* ---------------------------------------------------------------- what is measured */

struct reading {
	uint32_t rows, most;
	int64_t last;
	bool decodes;
	uint64_t bytes;
};

static enum err
read_row(void *context, const struct record_row *row)
{
	struct reading *reading = context;

	if (reading->rows == reading->most)
		return ERR_NO;
	reading->rows++;
	reading->last = row->seq;
	reading->bytes += row->body.len;
	if (reading->decodes)
		must(record_decode(row->body, false, &bench.decoded, NULL), "a record");
	return ERR_NONE;
}

static double
read_all(bool decodes, uint64_t records)
{
	struct reading reading = {.most = COMPARE_ROWS_MAX, .decodes = decodes};
	double begin = measure_now();
	uint64_t rows = 0;

	do {
		struct search_query query = {.now_ms = bench.core.now_ms,
		    .after = reading.last,
		    .most = COMPARE_ROWS_MAX + 1};
		enum err err;

		reading.rows = 0;
		err = search_records(bench.core.store, &query, read_row, &reading);
		must(err == ERR_NO ? ERR_NONE : err, "the walk");
		rows += reading.rows;
	} while (reading.rows > 0);
	measure_need(rows == records, "as many rows as were put");
	return measure_now() - begin;
}

struct compared {
	uint64_t records, changed, cells;
	double longest; /* part */
};

static double
compare_all(struct compared *out)
{
	struct compare_part part = {0};
	double begin = measure_now();

	*out = (struct compared){0};
	do {
		struct compare *compare;
		double started = measure_now(), took;

		/* as for each request of a client */
		must(
		    compare_open(&bench.core, bench.policies[0], bench.policies[1], NULL, &compare),
		    "a comparison");
		must(compare_next(compare, COMPARE_ROWS_MAX, &part), "a part");
		out->records += part.examined;
		out->changed += part.ids_count;
		out->cells += part.cells_count;
		compare_free(compare);
		took = measure_now() - started;
		out->longest = took > out->longest ? took : out->longest;
	} while (part.after != 0);
	return measure_now() - begin;
}

static void
tell(const char *name, double *values, uint32_t rounds)
{
	double median = measure_median(values, rounds);

	printf(", \"%s\": {\"median\": %.3f, \"least\": %.3f, \"most\": %.3f}", name, median,
	    values[0], values[rounds - 1]);
}

static void
measure(uint64_t records, uint32_t rounds)
{
	double read[ROUNDS_MAX], decoded[ROUNDS_MAX], compared[ROUNDS_MAX];
	double to_read[ROUNDS_MAX], to_decoded[ROUNDS_MAX];
	struct compared found;
	double longest = 0;
	uint32_t i;

	(void)read_all(true, records); /* nobody begins with a cold cache */
	for (i = 0; i < rounds; i++) {
		read[i] = read_all(false, records);
		decoded[i] = read_all(true, records);
		compared[i] = compare_all(&found);
		measure_need(found.records == records, "every record is compared");
		to_read[i] = compared[i] / read[i];
		to_decoded[i] = compared[i] / decoded[i];
		longest = found.longest > longest ? found.longest : longest;
	}
	printf("{\"records\": %llu, \"rounds\": %u, \"peers\": %u, \"rules\": 20",
	    (unsigned long long)records, (unsigned)rounds, (unsigned)PEERS);
	tell("read_s", read, rounds);
	tell("decoded_s", decoded, rounds);
	tell("compared_s", compared, rounds);
	tell("compared_to_read", to_read, rounds);
	tell("compared_to_decoded", to_decoded, rounds);
	printf(", \"longest_part_ms\": %.1f, \"changed\": %llu}\n", 1000 * longest,
	    (unsigned long long)found.changed);
}

int
main(int argc, char **argv)
{
	char path[4096];
	uint64_t records, rounds, i;

	if (argc != 4) {
		fprintf(stderr, "usage: policy_diff DIR RECORDS ROUNDS\n");
		return 2;
	}
	records = strtoull(argv[2], NULL, 10) / BATCH * BATCH;
	rounds = strtoull(argv[3], NULL, 10);
	if (records == 0 || rounds == 0 || rounds > ROUNDS_MAX)
		measure_die("policy_diff", "500 records and more, 1 to 25 rounds");
	(void)mkdir(argv[1], 0700);
	(void)snprintf(path, sizeof(path), "%s/store.db", argv[1]);
	(void)remove(path);
	if (store_open(path, &bench.core.store) != ERR_NONE)
		measure_die(path, store_message(NULL));
	bench.core.org.bytes[0] = 1;
	bench.core.now_ms = clock_now_ms();
	must(relations_open(&bench.core.relations), "relations");
	bytes_init(&bench.body, RECORD_BYTES_MAX);
	extract_keys_init(&bench.keys);
	make_peers();
	make_policies();
	for (i = 0; i < records / BATCH; i++)
		put_batch(i);
	measure(records, (uint32_t)rounds);
	store_close(bench.core.store);
	return 0;
}
