/*
 * codec: what a record costs on its way through the node without the store: decoding, encoding,
 * its id, sealing, taking in.  Each beside the least that the same bytes could cost: reading or
 * copying them once, and the hashes and the decryption that the format asks for.  CPU time of one
 * thread, ours and the least in turns, medians of ROUNDS rounds.
 *
 * The store's functions about one record are wrapped (see the Makefile) and do nothing while
 * `is_storing` is false; what is done once a batch is done.
 */
/* Check is not linked here: what the fixture asserts aborts. */
#define MALLA_TESTS_SUITE_H
#define ck_assert(condition)                                                                       \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)
#define ck_assert_msg(condition, ...) ck_assert(condition)
#define ck_abort_msg(...) abort()
#define ck_assert_ptr_nonnull(pointer) ck_assert((pointer) != NULL)
#define ck_assert_int_eq(a, b) ck_assert((a) == (b))
#define ck_assert_uint_eq(a, b) ck_assert((a) == (b))
#define ck_assert_uint_lt(a, b) ck_assert((a) < (b))

#include "tests/unit/node_fixture.h"

#include <time.h>

#include "crypto/envelope.h"
#include "crypto/tree.h"
#include "node/delivery.h"
#include "node/intake.h"
#include "node/sealer.h"

#define ROUNDS 15u
#define COUNT 420u /* records of about 450 bytes in one batch and one request */
#define TEXT_BYTES 210u

enum { A, B }; /* who shares, who receives */

static bool is_storing = true;

/* ---------------------------------------------------------------- the store, not there */

enum err __real_records_put(struct store *store, struct record_row *row,
    const struct extract *extract, const struct extract_keys *keys, bool *is_new);
enum err __wrap_records_put(struct store *store, struct record_row *row,
    const struct extract *extract, const struct extract_keys *keys, bool *is_new);
enum err __real_records_has(struct store *store, const struct record_id *id, bool *has);
enum err __wrap_records_has(struct store *store, const struct record_id *id, bool *has);
enum err __real_records_content_put(
    struct store *store, const struct hash *content, const struct record_id *id);
enum err __wrap_records_content_put(
    struct store *store, const struct hash *content, const struct record_id *id);
enum err __real_records_content_get(
    struct store *store, const struct hash *content, struct record_id *id);
enum err __wrap_records_content_get(
    struct store *store, const struct hash *content, struct record_id *id);
void __real_delivery_enqueue(struct core *core, int64_t batch);
void __wrap_delivery_enqueue(struct core *core, int64_t batch);

enum err
__wrap_records_put(struct store *store, struct record_row *row, const struct extract *extract,
    const struct extract_keys *keys, bool *is_new)
{
	if (is_storing)
		return __real_records_put(store, row, extract, keys, is_new);
	*is_new = true;
	return ERR_NONE;
}

enum err
__wrap_records_has(struct store *store, const struct record_id *id, bool *has)
{
	if (is_storing)
		return __real_records_has(store, id, has);
	*has = false;
	return ERR_NONE;
}

enum err
__wrap_records_content_put(
    struct store *store, const struct hash *content, const struct record_id *id)
{
	return is_storing ? __real_records_content_put(store, content, id) : ERR_NONE;
}

enum err
__wrap_records_content_get(struct store *store, const struct hash *content, struct record_id *id)
{
	return is_storing ? __real_records_content_get(store, content, id) : ERR_NOT_FOUND;
}

void
__wrap_delivery_enqueue(struct core *core, int64_t batch)
{
	if (is_storing)
		__real_delivery_enqueue(core, batch);
}

/* ---------------------------------------------------------------- what is measured */

struct bench {
	struct net *net;
	struct bytes items; /* the drafts, as a request has them */
	struct schema_list drafts;
	struct bytes frame; /* the envelope with all of them, as A sends it */
	struct bytes plaintext, ciphertext;
	struct content_key key;
	struct bytes draft, record; /* one of them */
	struct record decoded;
	struct bytes out;
	struct exchange_message message;
	struct sealer_outcome outcomes[BATCH_COUNT_MAX];
};

static struct bench bench;
static volatile uint64_t sink; /* so that nothing is thought away */

static double
now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
read_once(struct bytes_view bytes)
{
	uint64_t sum = 0, word;
	size_t i;

	for (i = 0; i + sizeof(word) <= bytes.len; i += sizeof(word)) {
		memcpy(&word, bytes.data + i, sizeof(word));
		sum += word;
	}
	sink += sum;
}

static void
hash_bytes(size_t len)
{
	struct hash hash;

	digest_sha256(bytes_view_of(bench.plaintext.data, len), &hash);
	sink += hash.bytes[0];
}

static void
decode_ours(void)
{
	ck_err(record_decode(bytes_as_view(&bench.record), false, &bench.decoded, NULL), ERR_NONE);
}

static void
decode_least(void)
{
	read_once(bytes_as_view(&bench.record));
}

static void
encode_ours(void)
{
	bytes_clear(&bench.out);
	ck_err(record_encode(&bench.decoded, &bench.out), ERR_NONE);
}

static void
encode_least(void)
{
	bytes_clear(&bench.out);
	bytes_append(&bench.out, bench.record.data, bench.record.len);
}

static void
id_ours(void)
{
	struct record_id id;

	record_id_of(bytes_as_view(&bench.record), &id);
	sink += id.bytes[0];
}

static void
id_least(void)
{
	hash_bytes(bench.record.len + 1);
}

/* A turn that ends as if the disk were full, so that the next one finds everything as it was. */
static void
begin(uint32_t at)
{
	uint8_t seed[32] = {1};

	core_turn_begin(bench.net->nodes[at].core, bench.net->now_ms, seed);
	is_storing = false;
}

static void
end(uint32_t at)
{
	struct core *core = bench.net->nodes[at].core;

	is_storing = true;
	ck_err(core->failed, ERR_NONE);
	core->failed = ERR_FULL;
	ck_err(core_turn_end(core), ERR_FULL);
	core_actions_clear(core);
}

static double
seal_ours(void)
{
	const struct sealer_request request = {
	    .drafts = bench.drafts, .writer = bytes_view_str(FOUNDER)};
	uint32_t count, seals;
	double start, took;

	begin(A);
	start = now_us();
	sealer_submit(bench.net->nodes[A].core, &request, bench.outcomes, &count, &seals);
	took = now_us() - start;
	ck_assert(
	    count == COUNT && seals == 1 && bench.outcomes[COUNT - 1].reason == REASON_STORED);
	end(A);
	return took;
}

/* Keyed hash of the draft, one copy, id, leaf, node; leaf and node of the log's details. */
static double
seal_least(void)
{
	double start = now_us();
	struct hash hash;
	uint32_t i;

	for (i = 0; i < COUNT; i++) {
		digest_keyed(
		    bytes_view_of(bench.plaintext.data, 32), bytes_as_view(&bench.draft), &hash);
		encode_least();
		hash_bytes(bench.record.len + 1);
		hash_bytes(49);
		hash_bytes(65);
		hash_bytes(35);
		hash_bytes(65);
	}
	return now_us() - start;
}

static double
intake_ours(void)
{
	struct core *core = bench.net->nodes[B].core;
	struct member *member;
	double start, took;

	begin(B);
	member = net_member(bench.net, B, A);
	member->state = SESSION_OPEN;
	start = now_us();
	ck_err(exchange_decode(bytes_as_view(&bench.frame), &bench.message), ERR_NONE);
	intake_envelope(core, member, &bench.message);
	took = now_us() - start;
	ck_assert(core->receipts_count == 1 &&
		  bytes_get_u16(core->receipts[0]->outcomes + 2 * (COUNT - 1)) == REASON_STORED);
	end(B);
	return took;
}

/* The ciphertext's hash and its decryption; id, leaf, node; leaf and node of the log's details. */
static double
intake_least(void)
{
	static const struct hash root;
	double start = now_us();
	uint32_t i;

	hash_bytes(bench.plaintext.len);
	bytes_clear(&bench.out);
	ck_err(envelope_decrypt(
		   &bench.key, SUITE_1, &root, bytes_as_view(&bench.ciphertext), &bench.out),
	    ERR_NONE);
	for (i = 0; i < COUNT; i++) {
		hash_bytes(bench.record.len + 1);
		hash_bytes(49);
		hash_bytes(65);
		hash_bytes(35);
		hash_bytes(65);
	}
	return now_us() - start;
}

/* ---------------------------------------------------------------- what it is measured on */

static enum net_verdict
catch_envelope(struct net *net, uint32_t from, uint32_t to, struct bytes *frame)
{
	(void)net;
	(void)to;
	if (from != A || frame->data[1] != EXCHANGE_ENVELOPE)
		return NET_PASS;
	bytes_clear(&bench.frame);
	bytes_append(&bench.frame, frame->data, frame->len);
	return NET_DROP;
}

static void
make_draft(uint32_t i, struct bytes *out)
{
	char value[64], text[TEXT_BYTES + 1];
	struct record *record = &bench.decoded;
	struct observable observable = {.type = OBSERVABLE_DOMAIN};

	(void)snprintf(value, sizeof(value), "host%u.evil%u.example", i, i % 977);
	memset(text, 'x', TEXT_BYTES);
	text[TEXT_BYTES] = '\0';
	record_init(record, RECORD_INDICATOR, TLP_GREEN);
	record->confidence = (uint8_t)(i % 101);
	observable.value = bytes_view_str(value);
	ck_err(record_add_observable(record, &observable), ERR_NONE);
	record->body.text = bytes_view_str(text);
	record->source.format = bytes_view_str("csv");
	record->source.mapping = bytes_view_str("malla-csv/1");
	record->source.original = bytes_view_str("domain,host12345.evil678.example,50,from a feed");
	bytes_clear(out);
	ck_err(record_encode(record, out), ERR_NONE);
}

static void
prepare(void)
{
	struct bytes *const all[] = {&bench.items, &bench.frame, &bench.plaintext,
	    &bench.ciphertext, &bench.draft, &bench.record, &bench.out};
	static const struct hash root;
	uint32_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		bytes_init(all[i], 2 * FRAME_BYTES_MAX);
	for (i = 0; i < COUNT; i++) {
		make_draft(i, &bench.draft);
		ck_err(
		    schema_list_add_bin(&bench.drafts, &bench.items, bytes_as_view(&bench.draft)),
		    ERR_NONE);
	}
	bench.net = net_open(2);
	net_befriend(bench.net, A, B);
	bench.net->hook = catch_envelope;
	ck_assert(net_submit(bench.net, A, bench.drafts, NULL) == REASON_STORED);
	net_run(bench.net);
	ck_assert(bench.frame.len > COUNT * 400);
	log_init("bench", (enum log_level)0, 0); /* each turn that is rolled back is a line */
	ck_err(record_decode(bytes_as_view(&bench.draft), true, &bench.decoded, NULL), ERR_NONE);
	bench.decoded.created_ms = NODE_TIME;
	ck_err(
	    record_complete(&bench.decoded, bytes_as_view(&bench.draft), &bench.record), ERR_NONE);
	/* as much as the payload of the frame */
	ck_assert_ptr_nonnull(bytes_extend(&bench.plaintext, bench.frame.len - 700));
	memset(bench.plaintext.data, 7, bench.plaintext.len);
	ck_err(envelope_encrypt(
		   &bench.key, SUITE_1, &root, bytes_as_view(&bench.plaintext), &bench.ciphertext),
	    ERR_NONE);
}

static void
finish(void)
{
	net_close(bench.net);
	bytes_release(&bench.items);
	bytes_release(&bench.frame);
	bytes_release(&bench.plaintext);
	bytes_release(&bench.ciphertext);
	bytes_release(&bench.draft);
	bytes_release(&bench.record);
	bytes_release(&bench.out);
}

/* ---------------------------------------------------------------- rounds */

/* A batch of one thing at a time, or the batch at once; µs a record. */
struct measure {
	const char *name;
	void (*ours)(void);
	void (*least)(void);
	double (*batch_ours)(void);
	double (*batch_least)(void);
	double ours_us[ROUNDS], least_us[ROUNDS];
};

static struct measure measures[] = {
    {.name = "decode", .ours = decode_ours, .least = decode_least},
    {.name = "encode", .ours = encode_ours, .least = encode_least},
    {.name = "id", .ours = id_ours, .least = id_least},
    {.name = "seal", .batch_ours = seal_ours, .batch_least = seal_least},
    {.name = "take in", .batch_ours = intake_ours, .batch_least = intake_least},
};
#define MEASURES_COUNT (sizeof(measures) / sizeof(*measures))

static double
many(void (*run)(void))
{
	double start = now_us();
	uint32_t i;

	for (i = 0; i < 20 * COUNT; i++)
		run();
	return (now_us() - start) / 20;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(void)
{
	uint32_t round, i;

	prepare();
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < MEASURES_COUNT; i++) {
			struct measure *m = &measures[i];

			m->ours_us[round] =
			    (m->ours != NULL ? many(m->ours) : m->batch_ours()) / COUNT;
			m->least_us[round] =
			    (m->least != NULL ? many(m->least) : m->batch_least()) / COUNT;
		}
	}
	printf("| a record of %zu bytes | ours, us | least and most | the least possible, us | "
	       "ratio |\n"
	       "|---|---|---|---|---|\n",
	    bench.record.len);
	for (i = 0; i < MEASURES_COUNT; i++) {
		struct measure *m = &measures[i];

		qsort(m->ours_us, ROUNDS, sizeof(*m->ours_us), compare);
		qsort(m->least_us, ROUNDS, sizeof(*m->least_us), compare);
		printf("| %s | %.3f | %.3f-%.3f | %.3f | %.1f |\n", m->name, m->ours_us[ROUNDS / 2],
		    m->ours_us[0], m->ours_us[ROUNDS - 1], m->least_us[ROUNDS / 2],
		    m->ours_us[ROUNDS / 2] / m->least_us[ROUNDS / 2]);
	}
	finish();
	return 0;
}
