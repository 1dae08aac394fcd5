/*
 * lookup store DB RATE TEXT | lookup node HOME TEXT: how long questions about single records take.
 *
 * store: the code of store/ on the database of a node that does not run, beside a bare SQLite
 * lookup by primary key in the same file, one after the other, while this process puts RATE records
 * a second into it. node:  a running node's answers, as a client gets them; `bare` is a page of one
 * row by its number. TEXT:  a question about a word, with %s for it: words = "%s".
 *
 * Command: how many of each.  Answer: for each kind the median and the 99th percentile in us and
 * the records found in the mean; null where the language has no such question.
 */
#include "tests/bench/lookup.h"

#include "crypto/digest.h"
#include "policy/parse.h"
#include "tests/bench/measure.h"
#include "wire/observable.h"

#define EACH_MAX 5000u
#define TRIES_MAX 200u

struct lookup {
	struct lookup_back back;
	const char *text_question;
	bool is_known[LOOKUP_COUNT]; /* the language has it */
	uint64_t random;
	struct record record;
	struct bytes body;
	struct lookup_question questions[LOOKUP_COUNT];
	double samples[LOOKUP_COUNT][EACH_MAX];
	uint64_t found[LOOKUP_COUNT];
};

static const char *const names[] = {
#define LOOKUP_NAME(symbol, name) name,
    LOOKUP_TABLE(LOOKUP_NAME)
#undef LOOKUP_NAME
};

static uint64_t
next_random(struct lookup *lookup)
{
	return lookup->random = measure_mix(lookup->random);
}

static int64_t
random_seq(struct lookup *lookup)
{
	uint64_t last = (uint64_t)lookup->back.last_seq(lookup->back.context);

	return (int64_t)(next_random(lookup) % last);
}

/* A record anywhere in the store whose first observable is of this type; 0: of any. */
static void
pick(struct lookup *lookup, enum observable_type type, int64_t *seq)
{
	uint32_t tries;

	for (tries = 0; tries < TRIES_MAX; tries++) {
		bytes_clear(&lookup->body);
		if (!lookup->back.row_after(
			lookup->back.context, random_seq(lookup), &lookup->body, seq))
			continue;
		if (record_decode(bytes_as_view(&lookup->body), false, &lookup->record, NULL) !=
		    ERR_NONE)
			measure_die("lookup", "a record cannot be read");
		if (lookup->record.observables_count > 0 && lookup->record.body.text.len > 0 &&
		    (type == 0 || lookup->record.observables[0].type == type))
			return;
	}
	measure_die("lookup", "no record of the kind that is asked for");
}

/* The words of the question, about the record that was picked. */
static void
write_words(const struct lookup *lookup, enum lookup_kind kind, char *out, size_t size)
{
	struct bytes_view value = lookup->record.observables[0].value;
	struct bytes_view text = lookup->record.body.text;
	const char *start = (const char *)value.data;
	size_t len = value.len, i;

	if (kind == LOOKUP_VALUE) {
		(void)snprintf(out, size, "value = \"%.*s\"", (int)len, start);
	} else if (kind == LOOKUP_CIDR) {
		while (len > 0 && start[len - 1] != '.')
			len--;
		(void)snprintf(out, size, "value in %.*s0/24", (int)len, start);
	} else if (kind == LOOKUP_PARENT) {
		for (i = 0; i < len && start[i] != '.'; i++)
			;
		(void)snprintf(out, size, "value under %.*s", (int)(len - i - 1), start + i + 1);
	} else {
		char word[64];

		for (i = text.len; i > 0 && text.data[i - 1] != ' '; i--)
			;
		(void)snprintf(
		    word, sizeof(word), "%.*s", (int)(text.len - i), (const char *)text.data + i);
		for (i = 0; lookup->text_question[i] != '\0' && i + 1 < size; i++) {
			out[i] = lookup->text_question[i];
			if (strncmp(lookup->text_question + i, "%s", 2) == 0) {
				(void)snprintf(
				    out + i, size - i, "%s%s", word, lookup->text_question + i + 2);
				return;
			}
		}
		out[i] = '\0';
	}
}

static void
make_question(struct lookup *lookup, enum lookup_kind kind)
{
	static const enum observable_type types[LOOKUP_COUNT] = {
	    [LOOKUP_CIDR] = OBSERVABLE_IPV4, [LOOKUP_PARENT] = OBSERVABLE_DOMAIN};
	struct lookup_question *question = &lookup->questions[kind];
	char words[512];

	question->kind = kind;
	if (kind == LOOKUP_BARE) {
		question->seq = random_seq(lookup);
		return;
	}
	if (kind == LOOKUP_MISS) {
		digest_random(question->id.bytes, sizeof(question->id.bytes));
		return;
	}
	pick(lookup, types[kind], &question->seq);
	if (kind == LOOKUP_ID) {
		record_id_of(bytes_as_view(&lookup->body), &question->id);
		return;
	}
	write_words(lookup, kind, words, sizeof(words));
	lookup->is_known[kind] =
	    parse_predicate(bytes_view_str(words), &question->predicate, NULL) == ERR_NONE;
	if (!lookup->is_known[kind] && kind != LOOKUP_TEXT)
		measure_die(words, "not understood");
}

static void
ask_each(struct lookup *lookup, uint32_t nth)
{
	double begin;
	unsigned kind;

	for (kind = 0; kind < LOOKUP_COUNT; kind++)
		make_question(lookup, (enum lookup_kind)kind);
	lookup->back.meanwhile(lookup->back.context);
	for (kind = 0; kind < LOOKUP_COUNT; kind++) {
		uint32_t found;

		if (!lookup->is_known[kind])
			continue;
		begin = measure_now();
		found = lookup->back.ask(lookup->back.context, &lookup->questions[kind]);
		lookup->samples[kind][nth] = (measure_now() - begin) * 1e6;
		lookup->found[kind] += found;
		if (found == 0 && kind != LOOKUP_MISS)
			measure_die(names[kind], "what is there was not found");
	}
}

static void
run_round(struct lookup *lookup, uint32_t count)
{
	unsigned kind;
	uint32_t i;

	memset(lookup->found, 0, sizeof(lookup->found));
	for (i = 0; i < count; i++)
		ask_each(lookup, i);
	for (kind = 0; kind < LOOKUP_COUNT; kind++) {
		(void)printf("%s\"%s\": ", kind == 0 ? "{" : ", ", names[kind]);
		if (!lookup->is_known[kind]) {
			(void)printf("null");
			continue;
		}
		(void)measure_median(lookup->samples[kind], count);
		(void)printf("{\"us\": %.2f, \"us_99\": %.2f, \"found\": %.2f}",
		    lookup->samples[kind][count / 2], lookup->samples[kind][count * 99 / 100],
		    (double)lookup->found[kind] / count);
	}
	(void)printf("}\n");
	(void)fflush(stdout);
}

int
main(int argc, char **argv)
{
	static struct lookup lookup;
	char line[MEASURE_LINE_BYTES];
	unsigned kind;

	if (digest_start() != ERR_NONE)
		measure_die("lookup", "no randomness");
	if (argc == 5 && strcmp(argv[1], "store") == 0)
		lookup_store_open(&lookup.back, argv[2], strtod(argv[3], NULL));
	else if (argc == 4 && strcmp(argv[1], "node") == 0)
		lookup_node_open(&lookup.back, argv[2]);
	else
		measure_die("lookup", "usage: lookup store DB RATE TEXT | lookup node HOME TEXT");
	lookup.text_question = argv[argc - 1];
	bytes_init(&lookup.body, RECORD_BYTES_MAX);
	digest_random(&lookup.random, sizeof(lookup.random));
	for (kind = 0; kind < LOOKUP_COUNT; kind++)
		lookup.is_known[kind] = true;
	while (measure_command(line)) {
		uint32_t count = (uint32_t)strtoul(line, NULL, 10);

		run_round(&lookup, count < 1 ? 1 : count > EACH_MAX ? EACH_MAX : count);
	}
	return 0;
}
