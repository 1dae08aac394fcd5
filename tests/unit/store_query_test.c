/* Predicates in SQL against the same predicates tried on every record, one by one. */
#include "tests/unit/store_fixture.h"

#include "store/keys.h"
#include "store/search.h"

#include "wire/glob.h"
#include "wire/predicate.h"
#include "wire/words.h"

#define RECORDS 240u
#define PREDICATES 1500u
#define NOW (FIXTURE_TIME + 1000000)

static struct fixture_scratch scratch;
static struct record_row rows[RECORDS];
static struct record *decoded[RECORDS];
static struct bytes bodies[RECORDS];
static struct fixture fixture;

static const struct {
	enum observable_type type;
	const char *text;
} VALUES[] = {
    {OBSERVABLE_IPV4, "192.0.2.7"},
    {OBSERVABLE_IPV4, "192.0.2.200"},
    {OBSERVABLE_IPV4, "198.51.100.255"},
    {OBSERVABLE_IPV4, "0.0.0.0"},
    {OBSERVABLE_IPV4, "255.255.255.255"},
    {OBSERVABLE_IPV6, "2001:db8::1"},
    {OBSERVABLE_IPV6, "2001:db8:ffff::1"},
    {OBSERVABLE_IPV6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {OBSERVABLE_IPV6, "::"},
    {OBSERVABLE_CIDR, "192.0.2.0/24"},
    {OBSERVABLE_CIDR, "192.0.2.128/25"},
    {OBSERVABLE_CIDR, "192.0.0.0/16"},
    {OBSERVABLE_CIDR, "2001:db8::/32"},
    {OBSERVABLE_CIDR, "ffff::/16"},
    {OBSERVABLE_DOMAIN, "other.test"},
    {OBSERVABLE_DOMAIN, "evil.example"},
    {OBSERVABLE_DOMAIN, "a.evil.example"},
    {OBSERVABLE_DOMAIN, "b.a.evil.example"},
    {OBSERVABLE_DOMAIN, "notevil.example"},
    {OBSERVABLE_DOMAIN, "evil.example.org"},
    {OBSERVABLE_DOMAIN, "evil-x.example"},
    {OBSERVABLE_DOMAIN, "evil0.example"},
    {OBSERVABLE_URL, "https://a.evil.example/path?x=1"},
    {OBSERVABLE_URL, "http://evil.example/"},
    {OBSERVABLE_URL, "http://192.0.2.7/evil.example"},
    {OBSERVABLE_URL, "http://notevil.example/a.evil.example"},
    {OBSERVABLE_EMAIL, "user@evil.example"},
    {OBSERVABLE_EMAIL, "evil.example@notevil.example"},
    {OBSERVABLE_FILENAME, "evil.example"},
    {OBSERVABLE_FILENAME, "192.0.2.7"},
    {OBSERVABLE_FILENAME, "d41d8cd98f00b204e9800998ecf8427e"},
    {OBSERVABLE_FILENAME, "[x].exe"},
    {OBSERVABLE_MD5, "d41d8cd98f00b204e9800998ecf8427e"},
    {OBSERVABLE_ASN, "AS64496"},
    {OBSERVABLE_CVE, "CVE-2026-12345"},
};
#define VALUES_COUNT (sizeof(VALUES) / sizeof(*VALUES))
static const char *const DOMAINS[] = {"other.test", "evil.example", "a.evil.example", "example.org",
    "vil.example", "nowhere.example"};
static const char *const NETWORKS[] = {"192.0.2.0/24", "192.0.2.128/25", "192.0.0.0/8", "0.0.0.0/0",
    "2001:db8::/32", "2001:db8::/48", "::/0", "255.255.255.255/32", "192.0.2.7/32", "ffff::/16"};
static const char *const VALUE_PATTERNS[] = {"*evil*", "192.0.2.*", "*.example", "?vil.example",
    "*/*", "[x]*", "*", "a.*", "CVE-*-1?3*", "2001:*", "d41d8cd98f00b204e9800998ecf8427e"};
static const char *const LABELS[] = {"phishing", "malware", "ransomware", "español", "x"};
static const char *const LABEL_PATTERNS[] = {"*ware", "?", "espa?ol", "ph*", "*", "[a-z]"};
static const char *const TITLES[] = {
    "Campaña de phishing", "New loader seen", "loader", "A kit against banks, seen again", "..."};
static const char *const TITLE_PATTERNS[] = {"*loader*", "?oader", "*", "Campa*", "*seen"};
static const char *const WORDS[] = {
    "loader", "campana PHISHING", "seen loader", "banks", "...", "some text", "kit of", "title"};
static const char *const LANGUAGES[] = {"es", "es-MX", "en"};
static const char *const LANGUAGE_PATTERNS[] = {"es*", "e?", "*"};
#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof(*(array))))

static uint32_t
chance(uint32_t below)
{
	static uint64_t state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 11) % below;
}

/* ------------------------------------------------------------------ records */

static void
fill_times(struct record *record)
{
	record->created_ms = NOW - 500000 + chance(20) * 50000;
	if (chance(2))
		record->valid_from_ms = NOW - 300000 + chance(4) * 100000;
	if (chance(2))
		record->valid_until_ms = NOW + 200000 + chance(4) * 100000;
}

static void
fill_observables(struct record *record)
{
	uint32_t count = 1 + chance(3);

	for (; count > 0; count--) {
		size_t n = chance((uint32_t)VALUES_COUNT);
		struct observable observable = {VALUES[n].type, bytes_view_str(VALUES[n].text)};

		ck_assert_msg(observable_check(observable.type, observable.value) == ERR_NONE, "%s",
		    VALUES[n].text);
		ck_assert(record_add_observable(record, &observable) == ERR_NONE);
	}
	if (record->observables_count > 1)
		record->body.combine = RECORD_COMBINE_ANY;
}

static void
make_record(uint32_t n, uint8_t author)
{
	struct record *record = &scratch.record;
	uint32_t i;

	fixture_note(record, n);
	record->author = fixture_org(author);
	record->marking.tlp = (enum tlp)chance(4);
	fill_times(record);
	record->body.title = bytes_view_str(TITLES[chance(COUNT(TITLES))]);
	if (chance(4) != 0) {
		record->kind = RECORD_INDICATOR;
		record->body = (struct record_body){.title = record->body.title};
		fill_observables(record);
	}
	if (chance(5) == 0) {
		/* nothing else but `as` and `target` tells it from what it amends */
		record->body.as = record->kind;
		record->kind = RECORD_AMENDMENT;
		memset(record->body.target.bytes, 0x7a, sizeof(record->body.target.bytes));
	}
	if (chance(2))
		record->confidence = (uint8_t)(chance(5) * 25);
	record->severity = (enum severity)chance(5);
	for (i = chance(3); i > 0; i--)
		ck_assert(record_add_text(&record->labels,
			      bytes_view_str(LABELS[chance(COUNT(LABELS))])) == ERR_NONE);
	if (chance(2))
		record->language = bytes_view_str(LANGUAGES[chance(COUNT(LANGUAGES))]);
	if (chance(3) == 0) {
		struct org_id org = fixture_org(9);

		ck_assert(audience_add_org(&record->audience, &org) == ERR_NONE);
	}
}

/* Sixteen records a batch, by authors 1 to 3. */
static void
fill_store(void)
{
	struct batch_row batch;
	bool is_new;
	uint32_t i;

	fixture_start(&fixture);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	for (i = 0; i < RECORDS; i++) {
		uint8_t author = (uint8_t)(1 + i / 16 % 3);

		if (i % 16 == 0) {
			batch = fixture_batch(2, 16);
			batch.author = fixture_org(author);
			ck_assert(records_batch_put(fixture.store, &batch) == ERR_NONE);
		}
		make_record(i, author);
		bytes_init(&bodies[i], RECORD_BYTES_MAX);
		ck_assert(record_encode(&scratch.record, &bodies[i]) == ERR_NONE);
		decoded[i] = malloc(sizeof(*decoded[i]));
		ck_assert_ptr_nonnull(decoded[i]);
		ck_assert(
		    record_decode(bytes_as_view(&bodies[i]), false, decoded[i], NULL) == ERR_NONE);
		rows[i] = (struct record_row){.batch = batch.seq,
		    .position = i % 16,
		    .body = bytes_as_view(&bodies[i]),
		    .received_ms = NOW - 100000 + i * 1000};
		record_id_of(rows[i].body, &rows[i].id);
		ck_assert(
		    fixture_put_decoded(fixture.store, &rows[i], decoded[i], &is_new) == ERR_NONE);
		ck_assert(is_new);
	}
	ck_assert(store_commit(fixture.store) == ERR_NONE);
}

static void
empty_store(void)
{
	uint32_t i;

	for (i = 0; i < RECORDS; i++) {
		free(decoded[i]);
		bytes_release(&bodies[i]);
	}
	fixture_done(&fixture);
}

/* ------------------------------------------------------------------ the slow way */

static bool
orders(enum predicate_op op, uint64_t a, uint64_t b)
{
	switch (op) {
	case PREDICATE_EQUAL:
		return a == b;
	case PREDICATE_LESS:
		return a < b;
	case PREDICATE_AT_MOST:
		return a <= b;
	case PREDICATE_GREATER:
		return a > b;
	case PREDICATE_AT_LEAST:
		return a >= b;
	case PREDICATE_AND:
	case PREDICATE_OR:
	case PREDICATE_NOT:
	case PREDICATE_SOME:
	case PREDICATE_LIKE:
	case PREDICATE_UNDER:
	case PREDICATE_WITHIN:
	case PREDICATE_LISTED:
		break;
	}
	ck_abort_msg("op %d", (int)op);
	return false;
}

static bool
is_text(enum predicate_op op, struct bytes_view wanted, struct bytes_view text)
{
	return op == PREDICATE_LIKE ? glob_match(wanted, text) : bytes_view_is_equal(wanted, text);
}

static bool
is_under(struct bytes_view name, struct bytes_view host)
{
	if (host.len < name.len || host.len == 0 ||
	    memcmp(host.data + host.len - name.len, name.data, name.len) != 0)
		return false;
	return host.len == name.len || host.data[host.len - name.len - 1] == '.';
}

static bool
is_within(const struct predicate_value *value, const struct observable *observable)
{
	uint8_t first[16], last[16];

	return observable_range(observable, first, last) && memcmp(first, value->first, 16) >= 0 &&
	       memcmp(last, value->last, 16) <= 0;
}

static bool
observable_holds(const struct predicate *predicate, const struct predicate_node *node,
    const struct predicate_value *value, const struct observable *observable)
{
	struct bytes_view text = predicate_text(predicate, value);

	if (node->field == PREDICATE_TYPE)
		return value->number == (uint64_t)observable->type;
	if (node->op == PREDICATE_UNDER)
		return is_under(text, observable_host(observable));
	if (node->op == PREDICATE_WITHIN)
		return is_within(value, observable);
	return is_text(node->op, text, observable->value);
}

static bool
number_holds(const struct predicate_node *node, bool is_stated, uint64_t number, uint64_t wanted)
{
	return is_stated && orders(node->op, number, wanted);
}

static bool
label_holds(const struct record *record, enum predicate_op op, struct bytes_view text)
{
	uint32_t i;

	for (i = 0; i < record->labels.count; i++) {
		if (is_text(op, text, record->labels.at[i]))
			return true;
	}
	return false;
}

static bool
value_holds(const struct predicate *predicate, const struct predicate_node *node,
    const struct predicate_value *value, uint32_t n)
{
	const struct record *record = decoded[n];
	struct bytes_view text = predicate_text(predicate, value);
	uint64_t time = predicate_time(value, NOW);

	switch (node->field) {
	case PREDICATE_KIND:
		return number_holds(node, true, record_form(record), value->number);
	case PREDICATE_TLP:
		return number_holds(node, true, record->marking.tlp, value->number);
	case PREDICATE_AUTHOR:
		return memcmp(text.data, record->author.bytes, 32) == 0;
	case PREDICATE_CREATED:
		return number_holds(node, true, record->created_ms, time);
	case PREDICATE_RECEIVED:
		return number_holds(node, true, rows[n].received_ms, time);
	case PREDICATE_CONFIDENCE:
		return number_holds(node, record->confidence != CONFIDENCE_UNSTATED,
		    record->confidence, value->number);
	case PREDICATE_SEVERITY:
		return number_holds(
		    node, record->severity != SEVERITY_UNSTATED, record->severity, value->number);
	case PREDICATE_LABEL:
		return label_holds(record, node->op, text);
	case PREDICATE_VALID_FROM:
		return number_holds(node, record->valid_from_ms != 0, record->valid_from_ms, time);
	case PREDICATE_VALID_UNTIL:
		return number_holds(
		    node, record->valid_until_ms != 0, record->valid_until_ms, time);
	case PREDICATE_LANGUAGE:
		return record->language.len > 0 && is_text(node->op, text, record->language);
	case PREDICATE_AUDIENCE:
		return audience_is_empty(&record->audience);
	case PREDICATE_WORDS:
		return words_record_has(record, text);
	case PREDICATE_TITLE:
		return record->body.title.len > 0 && is_text(node->op, text, record->body.title);
	case PREDICATE_BODY:
		return record->body.text.len > 0 && is_text(node->op, text, record->body.text);
	case PREDICATE_TYPE:
	case PREDICATE_VALUE:
	case PREDICATE_PURPOSE:
	case PREDICATE_BASIS:
	case PREDICATE_PERMITTED:
	case PREDICATE_ATTRIBUTION:
	case PREDICATE_NOTIFICATION:
	case PREDICATE_RESALE:
	case PREDICATE_TERMS_FROM:
	case PREDICATE_TERMS_UNTIL:
	case PREDICATE_AFFECTS_SECTOR:
	case PREDICATE_AFFECTS_SERVICE:
	case PREDICATE_AFFECTS_PRODUCT:
	case PREDICATE_AFFECTS_ENVIRONMENT:
	case PREDICATE_REFERENCE:
	case PREDICATE_LINK:
	case PREDICATE_PATTERN:
	case PREDICATE_IDENTIFIER:
	case PREDICATE_TARGET:
	case PREDICATE_OUTCOME:
	case PREDICATE_FIRST_SEEN:
	case PREDICATE_LAST_SEEN:
	case PREDICATE_COUNT:
	case PREDICATE_COMBINE:
	case PREDICATE_SOURCE_FORMAT:
	case PREDICATE_SOURCE_MAPPING:
	case PREDICATE_SOURCE_ID:
	case PREDICATE_DERIVED_AUTHOR:
	case PREDICATE_DERIVED_TLP:
	case PREDICATE_AUDIENCE_ORG:
	case PREDICATE_AUDIENCE_PERSON:
	case PREDICATE_AUDIENCE_COMMUNITY:
	case PREDICATE_REASON:
	case PREDICATE_AS:
	case PREDICATE_RELATION:
	case PREDICATE_STATE:
	case PREDICATE_SUBJECT:
	case PREDICATE_OBJECT:
	case PREDICATE_COMMUNITY:
	case PREDICATE_GRANT_ORG:
	case PREDICATE_GRANT_COMMUNITY:
	case PREDICATE_GRANT_SECTOR:
	case PREDICATE_GRANT_TLP:
	case PREDICATE_SERIAL:
	case PREDICATE_THRESHOLD:
	case PREDICATE_STEWARD:
	case PREDICATE_MEMBER:
	case PREDICATE_PEER:
	case PREDICATE_PEER_SECTOR:
	case PREDICATE_PEER_COUNTRY:
	case PREDICATE_PEER_MEMBER:
	case PREDICATE_PEER_ROLE:
		break;
	}
	ck_abort_msg("field %d outside of an observable", (int)node->field);
	return false;
}

static bool
comparison_holds(const struct predicate *predicate, const struct predicate_node *node, uint32_t n,
    const struct observable *observable)
{
	uint32_t i;

	for (i = 0; i < node->values; i++) {
		const struct predicate_value *value = predicate_value_at(predicate, node, i);

		if (observable != NULL ? observable_holds(predicate, node, value, observable)
				       : value_holds(predicate, node, value, n))
			return true;
	}
	return false;
}

/* Inside a SOME the observable is given. */
static bool
holds(
    const struct predicate *predicate, uint16_t at, uint32_t n, const struct observable *observable)
{
	const struct predicate_node *node = &predicate->nodes[at];
	uint16_t child;
	uint32_t i;

	if (!predicate_op_is_group(node->op))
		return comparison_holds(predicate, node, n, observable);
	if (node->op == PREDICATE_NOT)
		return !holds(predicate, (uint16_t)(at + 1), n, observable);
	if (node->op == PREDICATE_SOME && observable == NULL) {
		for (i = 0; i < decoded[n]->observables_count; i++) {
			if (holds(predicate, at, n, &decoded[n]->observables[i]))
				return true;
		}
		return false;
	}
	for (child = (uint16_t)(at + 1); child < node->end; child = predicate->nodes[child].end) {
		if (holds(predicate, child, n, observable) == (node->op == PREDICATE_OR))
			return node->op == PREDICATE_OR;
	}
	return node->op != PREDICATE_OR;
}

/* ------------------------------------------------------------------ comparing */

struct result {
	const struct predicate *predicate;
	uint32_t rows; /* those that only may satisfy it included */
	uint32_t count;
	uint32_t at[RECORDS];
	int64_t last;
};

static bool
is_wanted(const struct predicate *predicate, uint32_t n)
{
	return predicate == NULL || predicate->nodes_count == 0 || holds(predicate, 0, n, NULL);
}

static enum err
collect(void *context, const struct record_row *row)
{
	struct result *result = context;

	ck_assert_mem_eq(&row->id, &rows[row->seq - 1].id, 32);
	result->last = row->seq;
	result->rows++;
	if (!row->is_certain && !is_wanted(result->predicate, (uint32_t)(row->seq - 1)))
		return ERR_NONE;
	ck_assert_uint_lt(result->count, RECORDS);
	result->at[result->count++] = (uint32_t)(row->seq - 1);
	return ERR_NONE;
}

/* The number of records that match, the same in every way of asking. */
static uint32_t
check(const struct predicate *predicate)
{
	struct search_query query = {.predicate = predicate, .now_ms = NOW, .most = RECORDS};
	struct result up = {predicate, 0, 0, {0}, 0}, down = up, paged = up;
	uint32_t n, expected = 0, before;
	uint64_t count;
	bool is_certain;

	ck_assert_msg(search_records(fixture.store, &query, collect, &up) == ERR_NONE, "%s",
	    store_message(fixture.store));
	for (n = 0; n < RECORDS; n++) {
		if (!is_wanted(predicate, n))
			continue;
		ck_assert_msg(expected < up.count && up.at[expected] == n, "record %u", n);
		expected++;
	}
	ck_assert_uint_eq(up.count, expected);
	ck_assert(search_count(fixture.store, predicate, NOW, &count, &is_certain) == ERR_NONE);
	ck_assert_uint_eq(count, is_certain ? expected : 0);
	query.is_descending = true;
	ck_assert(search_records(fixture.store, &query, collect, &down) == ERR_NONE);
	ck_assert_uint_eq(down.count, expected);
	for (n = 0; n < expected; n++)
		ck_assert_uint_eq(down.at[n], up.at[expected - 1 - n]);
	query.is_descending = chance(2) != 0;
	query.most = 7;
	do {
		before = paged.rows;
		query.after = paged.last;
		ck_assert(search_records(fixture.store, &query, collect, &paged) == ERR_NONE);
		ck_assert_uint_le(paged.rows - before, 7);
	} while (paged.rows > before && paged.rows < RECORDS);
	ck_assert_uint_eq(paged.count, expected);
	ck_assert_mem_eq(
	    paged.at, query.is_descending ? down.at : up.at, expected * sizeof(*up.at));
	return expected;
}

/* ------------------------------------------------------------------ predicates */

static void
finish(struct predicate *predicate)
{
	enum err err = predicate_finish(predicate);

	ck_assert_msg(err == ERR_NONE, "predicate_finish: %s", err_name(err));
}

static enum predicate_op
some_order(enum predicate_field field)
{
	static const enum predicate_op ops[] = {PREDICATE_EQUAL, PREDICATE_LESS, PREDICATE_AT_MOST,
	    PREDICATE_GREATER, PREDICATE_AT_LEAST};
	enum predicate_op op;

	do
		op = ops[chance(COUNT(ops))];
	while (!predicate_op_fits(op, field));
	return op;
}

static uint64_t
some_number(enum predicate_field field)
{
	static const uint64_t types[] = {1, 2, 3, 4, 5, 6, 7, 11, 12, 17};

	if (field == PREDICATE_KIND)
		return 1 + chance(3);
	if (field == PREDICATE_TLP)
		return chance(TLP_COUNT);
	if (field == PREDICATE_CONFIDENCE)
		return chance(5) * 25;
	if (field == PREDICATE_SEVERITY)
		return 1 + chance(4);
	return field == PREDICATE_TYPE ? types[chance(COUNT(types))] : PREDICATE_NOBODY;
}

static void
add_number(struct predicate *predicate, enum predicate_field field)
{
	enum predicate_op op = some_order(field);
	uint32_t count = op == PREDICATE_EQUAL ? 1 + chance(3) : 1;

	predicate_add_comparison(predicate, op, field);
	for (; count > 0; count--) {
		uint32_t base = chance(3);

		if (predicate_field_form(field) == PREDICATE_FORM_NUMBER)
			predicate_add_number(predicate, some_number(field));
		else if (base == PREDICATE_ABSOLUTE)
			predicate_add_time(
			    predicate, PREDICATE_ABSOLUTE, NOW - 300000 + chance(16) * 50000);
		else
			predicate_add_time(
			    predicate, (enum predicate_base)base, 50000 + chance(8) * 50000);
	}
}

static void
add_texts(struct predicate *predicate, enum predicate_op op, enum predicate_field field,
    const char *const *texts, uint32_t texts_count)
{
	uint32_t count = 1 + chance(3);

	predicate_add_comparison(predicate, op, field);
	for (; count > 0; count--)
		predicate_add_text(predicate, bytes_view_str(texts[chance(texts_count)]));
}

static void
add_observable_value(struct predicate *predicate)
{
	uint32_t count = 1 + chance(3);

	switch (chance(4)) {
	case 0:
		predicate_add_comparison(predicate, PREDICATE_EQUAL, PREDICATE_VALUE);
		for (; count > 0; count--)
			predicate_add_text(
			    predicate, bytes_view_str(VALUES[chance((uint32_t)VALUES_COUNT)].text));
		break;
	case 1:
		add_texts(predicate, PREDICATE_LIKE, PREDICATE_VALUE, VALUE_PATTERNS,
		    COUNT(VALUE_PATTERNS));
		break;
	case 2:
		add_texts(predicate, PREDICATE_UNDER, PREDICATE_VALUE, DOMAINS, COUNT(DOMAINS));
		break;
	default:
		add_texts(predicate, PREDICATE_WITHIN, PREDICATE_VALUE, NETWORKS, COUNT(NETWORKS));
	}
}

static void
add_observable(struct predicate *predicate)
{
	if (chance(3) == 0)
		add_number(predicate, PREDICATE_TYPE);
	else
		add_observable_value(predicate);
}

static void
add_some(struct predicate *predicate)
{
	uint32_t children = 1 + chance(3);

	predicate_add_group(predicate, PREDICATE_SOME, children);
	for (; children > 0; children--) {
		if (children >= 2 && chance(4) == 0) {
			predicate_add_group(predicate, PREDICATE_OR, 2);
			add_observable(predicate);
			add_observable(predicate);
		} else {
			add_observable(predicate);
		}
	}
}

static void
add_author(struct predicate *predicate)
{
	uint32_t count = 1 + chance(2);

	predicate_add_comparison(predicate, PREDICATE_EQUAL, PREDICATE_AUTHOR);
	for (; count > 0; count--) {
		struct org_id org = fixture_org((uint8_t)(1 + chance(4)));

		predicate_add_org(predicate, &org);
	}
}

static void
add_leaf(struct predicate *predicate)
{
	static const enum predicate_field numbers[] = {PREDICATE_KIND, PREDICATE_TLP,
	    PREDICATE_CREATED, PREDICATE_RECEIVED, PREDICATE_CONFIDENCE, PREDICATE_SEVERITY,
	    PREDICATE_VALID_FROM, PREDICATE_VALID_UNTIL, PREDICATE_AUDIENCE};

	switch (chance(8)) {
	case 0:
		add_author(predicate);
		break;
	case 6:
		add_texts(predicate, PREDICATE_EQUAL, PREDICATE_WORDS, WORDS, COUNT(WORDS));
		break;
	case 7:
		if (chance(2))
			add_texts(
			    predicate, PREDICATE_EQUAL, PREDICATE_TITLE, TITLES, COUNT(TITLES));
		else
			add_texts(predicate, PREDICATE_LIKE, PREDICATE_TITLE, TITLE_PATTERNS,
			    COUNT(TITLE_PATTERNS));
		break;
	case 1:
		if (chance(2))
			add_texts(
			    predicate, PREDICATE_EQUAL, PREDICATE_LABEL, LABELS, COUNT(LABELS));
		else
			add_texts(predicate, PREDICATE_LIKE, PREDICATE_LABEL, LABEL_PATTERNS,
			    COUNT(LABEL_PATTERNS));
		break;
	case 2:
		if (chance(2))
			add_texts(predicate, PREDICATE_EQUAL, PREDICATE_LANGUAGE, LANGUAGES,
			    COUNT(LANGUAGES));
		else
			add_texts(predicate, PREDICATE_LIKE, PREDICATE_LANGUAGE, LANGUAGE_PATTERNS,
			    COUNT(LANGUAGE_PATTERNS));
		break;
	case 3:
		add_some(predicate);
		break;
	default:
		add_number(predicate, numbers[chance(COUNT(numbers))]);
	}
}

static void
add_tree(struct predicate *predicate, uint32_t depth, enum predicate_op parent)
{
	enum predicate_op op = (enum predicate_op)(PREDICATE_AND + chance(3));
	uint32_t children = op == PREDICATE_NOT ? 1 : 2 + chance(2);

	if (depth == 0 || op == parent || chance(4) == 0) {
		add_leaf(predicate);
		return;
	}
	predicate_add_group(predicate, op, children);
	for (; children > 0; children--)
		add_tree(predicate, depth - 1, op);
}

START_TEST(answers_as_trying_every_record_does)
{
	static struct predicate predicate;
	uint32_t i, some = 0, count;

	fill_store();
	for (i = 0; i < PREDICATES; i++) {
		predicate_init(&predicate);
		add_tree(&predicate, i % 4, PREDICATE_SOME);
		finish(&predicate);
		count = check(&predicate);
		some += count > 0 && count < RECORDS;
	}
	/* most of them are worth asking */
	ck_assert_uint_gt(some, PREDICATES / 2);
	empty_store();
}
END_TEST

START_TEST(answers_each_field_and_operator)
{
	static struct predicate predicate;
	uint32_t field, op, i, tried = 0;

	fill_store();
	for (field = 1; field < PREDICATE_TYPE; field++) {
		for (op = PREDICATE_EQUAL; op <= PREDICATE_OP_MAX; op++) {
			enum predicate_field f = (enum predicate_field)field;
			uint32_t some = 0;

			if (!predicate_op_fits((enum predicate_op)op, f))
				continue;
			tried++;
			for (i = 0; i < 40; i++) {
				do {
					predicate_init(&predicate);
					add_leaf(&predicate);
				} while (predicate.nodes[0].field != f ||
					 (uint32_t)predicate.nodes[0].op != op);
				finish(&predicate);
				some += check(&predicate) > 0;
			}
			ck_assert_msg(some > 0, "nothing matched field %u, op %u", field, op);
		}
	}
	/* author, kind and audience have equality; label and language patterns too; the others
	 * order */
	ck_assert_uint_eq(tried, 3 + 2 * 2 + 7 * 5);
	empty_store();
}
END_TEST

/* ------------------------------------------------------------------ by hand */

static uint32_t
ask_value(enum predicate_op op, const char *text)
{
	static struct predicate predicate;

	predicate_init(&predicate);
	predicate_add_group(&predicate, PREDICATE_SOME, 1);
	predicate_add_comparison(&predicate, op, PREDICATE_VALUE);
	predicate_add_text(&predicate, bytes_view_str(text));
	finish(&predicate);
	return check(&predicate);
}

/* How many records have the n-th value of the table. */
static uint32_t
having(const char *text)
{
	uint32_t n, i, count = 0;

	for (n = 0; n < RECORDS; n++) {
		for (i = 0; i < decoded[n]->observables_count; i++) {
			if (bytes_view_is_equal(
				decoded[n]->observables[i].value, bytes_view_str(text))) {
				count++;
				break;
			}
		}
	}
	return count;
}

START_TEST(finds_what_lies_in_a_network_and_under_a_domain)
{
	uint32_t single, wider;

	fill_store();
	single = ask_value(PREDICATE_WITHIN, "198.51.100.255/32");
	ck_assert_uint_eq(single, having("198.51.100.255"));
	ck_assert_uint_gt(single, 0);
	ck_assert_uint_eq(ask_value(PREDICATE_WITHIN, "198.51.100.0/24"), single);
	ck_assert_uint_eq(ask_value(PREDICATE_WITHIN, "198.51.100.0/25"), 0);
	ck_assert_uint_eq(
	    ask_value(PREDICATE_WITHIN, "2001:db8:ffff::/48"), having("2001:db8:ffff::1"));
	/* a network is inside itself and inside a wider one, not inside a narrower one */
	ck_assert_uint_ge(ask_value(PREDICATE_WITHIN, "192.0.2.128/25"), having("192.0.2.128/25"));
	wider = ask_value(PREDICATE_WITHIN, "192.0.0.0/16");
	ck_assert_uint_ge(wider, having("192.0.0.0/16"));
	ck_assert_uint_gt(wider, ask_value(PREDICATE_WITHIN, "192.0.2.0/24"));

	ck_assert_uint_eq(ask_value(PREDICATE_UNDER, "vil.example"), 0);
	ck_assert_uint_eq(
	    ask_value(PREDICATE_UNDER, "b.a.evil.example"), having("b.a.evil.example"));
	ck_assert_uint_eq(ask_value(PREDICATE_UNDER, "example.org"), having("evil.example.org"));
	ck_assert_uint_gt(ask_value(PREDICATE_UNDER, "evil.example"), having("evil.example"));
	ck_assert_uint_eq(ask_value(PREDICATE_EQUAL, "nothing of the kind"), 0);
	empty_store();
}
END_TEST

static enum err
note_row(void *context, const struct record_row *row)
{
	struct result *result = context;

	result->rows++;
	result->last = row->seq;
	return ERR_NONE;
}

/* What the index tells leaves hardly anything to look at. */
START_TEST(looks_at_candidates_only)
{
	static const struct {
		enum predicate_op op;
		const char *text;
		uint32_t others; /* that share a key, or a block, with what is asked for */
	} cases[] = {
	    {PREDICATE_EQUAL, "CVE-2026-12345", 0},
	    {PREDICATE_EQUAL, "192.0.2.7", 0},
	    {PREDICATE_UNDER, "evil.example", 12}, /* file names of that name */
	    {PREDICATE_UNDER, "a.evil.example", 0},
	    {PREDICATE_UNDER, "other.test", 0},
	    {PREDICATE_WITHIN, "198.51.100.0/24", 0},
	    {PREDICATE_WITHIN, "2001:db8:ffff::/48", 0},
	};
	static struct predicate predicate;
	size_t i;

	fill_store();
	for (i = 0; i < COUNT(cases); i++) {
		struct search_query query = {
		    .predicate = &predicate, .now_ms = NOW, .most = RECORDS};
		struct result result = {.predicate = &predicate};

		predicate_init(&predicate);
		predicate_add_group(&predicate, PREDICATE_SOME, 1);
		predicate_add_comparison(&predicate, cases[i].op, PREDICATE_VALUE);
		predicate_add_text(&predicate, bytes_view_str(cases[i].text));
		finish(&predicate);
		ck_assert(search_records(fixture.store, &query, collect, &result) == ERR_NONE);
		ck_assert_uint_gt(result.count, 0);
		ck_assert_uint_lt(result.count, RECORDS);
		ck_assert_msg(result.rows <= result.count + cases[i].others, "%s: %u of %u",
		    cases[i].text, result.count, result.rows);
	}
	empty_store();
}
END_TEST

/* A text may have more words than the index takes of it: all of them are found. */
START_TEST(finds_the_last_word_of_a_long_text)
{
	static struct predicate predicate;
	static char text[40000];
	struct search_query query = {.predicate = &predicate, .now_ms = NOW, .most = RECORDS};
	struct result result = {0};
	struct batch_row batch;
	struct record_row row;
	size_t at = 0;
	uint32_t n;
	bool is_new;

	fill_store();
	for (n = 0; n < KEYS_TEXT_WORDS_MAX + 500; n++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "w%u ", n);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	batch = fixture_batch(2, 1);
	ck_assert(records_batch_put(fixture.store, &batch) == ERR_NONE);
	fixture_note(&scratch.record, RECORDS + 7);
	scratch.record.body.text = bytes_view_str(text);
	ck_assert(fixture_put(&fixture, &scratch, batch.seq, 0, &row, &is_new) == ERR_NONE);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	for (n = 0; n < KEYS_TEXT_WORDS_MAX + 500; n += 250) {
		char word[16];

		(void)snprintf(word, sizeof(word), "w%u", n);
		predicate_init(&predicate);
		predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_WORDS);
		predicate_add_text(&predicate, bytes_view_str(word));
		finish(&predicate);
		result = (struct result){0};
		ck_assert(search_records(fixture.store, &query, note_row, &result) == ERR_NONE);
		ck_assert_msg(result.last == row.seq, "%s", word);
		ck_assert_uint_le(result.rows, KEYS_BLOCK);
	}
	bytes_release(&scratch.body);
	empty_store();
}
END_TEST

START_TEST(gives_all_without_a_predicate)
{
	static struct predicate none;

	fill_store();
	predicate_init(&none);
	ck_assert(predicate_finish(&none) == ERR_NONE);
	ck_assert_uint_eq(check(NULL), RECORDS);
	ck_assert_uint_eq(check(&none), RECORDS);
	empty_store();
}
END_TEST

START_TEST(refuses_a_name_that_is_not_resolved)
{
	static struct predicate predicate;
	struct search_query query = {.predicate = &predicate, .most = 1};
	struct result result = {0};
	uint64_t count;
	bool is_certain;

	fill_store();
	predicate_init(&predicate);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_AUTHOR);
	predicate_add_name(&predicate, bytes_view_str("Banco"));
	finish(&predicate);
	ck_assert(search_records(fixture.store, &query, collect, &result) == ERR_MISSING);
	ck_assert(search_count(fixture.store, &predicate, NOW, &count, &is_certain) == ERR_MISSING);
	empty_store();
}
END_TEST

/* The largest that the limits allow: deep, wide, and with every value. */
START_TEST(compiles_the_largest_predicates)
{
	static struct predicate predicate;
	uint32_t i;
	char text[40];

	fill_store();
	predicate_init(&predicate);
	predicate_add_group(&predicate, PREDICATE_SOME, 1);
	predicate_add_comparison(&predicate, PREDICATE_LIKE, PREDICATE_VALUE);
	for (i = 0; i < PREDICATE_VALUES_MAX; i++) {
		(void)snprintf(text, sizeof(text), "*%03u*", i);
		predicate_add_text(&predicate, bytes_view_str(text));
	}
	finish(&predicate);
	(void)check(&predicate);

	predicate_init(&predicate);
	predicate_add_group(&predicate, PREDICATE_SOME, 1);
	predicate_add_comparison(&predicate, PREDICATE_WITHIN, PREDICATE_VALUE);
	for (i = 0; i < PREDICATE_VALUES_MAX; i++) {
		(void)snprintf(text, sizeof(text), "192.0.%u.0/24", i);
		predicate_add_text(&predicate, bytes_view_str(text));
	}
	finish(&predicate);
	ck_assert_uint_gt(check(&predicate), 0);

	predicate_init(&predicate);
	predicate_add_group(&predicate, PREDICATE_SOME, 1);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_VALUE);
	for (i = 0; i < PREDICATE_VALUES_MAX; i++) {
		(void)snprintf(text, sizeof(text), "%032u", i); /* md5, card and file names */
		predicate_add_text(&predicate, bytes_view_str(text));
	}
	finish(&predicate);
	(void)check(&predicate);

	predicate_init(&predicate);
	for (i = 0; i < PREDICATE_DEPTH_MAX; i++) {
		predicate_add_group(&predicate, i % 2 ? PREDICATE_OR : PREDICATE_AND, 2);
		add_author(&predicate);
	}
	add_author(&predicate);
	finish(&predicate);
	(void)check(&predicate);

	predicate_init(&predicate);
	predicate_add_group(&predicate, PREDICATE_OR, PREDICATE_NODES_MAX - 1);
	for (i = 0; i < PREDICATE_NODES_MAX - 1; i++) {
		predicate_add_comparison(&predicate, PREDICATE_GREATER, PREDICATE_CREATED);
		predicate_add_time(&predicate, PREDICATE_ABSOLUTE, NOW + i);
	}
	finish(&predicate);
	(void)check(&predicate);
	empty_store();
}
END_TEST

static enum err
stop(void *context, const struct record_row *row)
{
	(void)row;
	++*(uint32_t *)context;
	return ERR_NO;
}

START_TEST(sees_what_is_committed_and_holds_no_lock)
{
	struct search_query query = {.most = RECORDS};
	struct record_row row;
	uint32_t calls = 0;
	uint64_t count;
	bool is_new, is_certain;

	fill_store();
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	fixture_note(&scratch.record, RECORDS + 1);
	{
		struct batch_row batch = fixture_batch(2, 1);

		ck_assert(records_batch_put(fixture.store, &batch) == ERR_NONE);
		ck_assert(fixture_put(&fixture, &scratch, batch.seq, 0, &row, &is_new) == ERR_NONE);
	}
	ck_assert(search_count(fixture.store, NULL, NOW, &count, &is_certain) == ERR_NONE);
	ck_assert_uint_eq(count, RECORDS);
	ck_assert(search_records(fixture.store, &query, stop, &calls) == ERR_NO);
	ck_assert_uint_eq(calls, 1);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	/* a reader that was left open would still see the old state */
	ck_assert(search_count(fixture.store, NULL, NOW, &count, &is_certain) == ERR_NONE);
	ck_assert_uint_eq(count, RECORDS + 1);
	bytes_release(&scratch.body);
	empty_store();
}
END_TEST

SUITE_MAIN("store/query", answers_as_trying_every_record_does, answers_each_field_and_operator,
    finds_what_lies_in_a_network_and_under_a_domain, looks_at_candidates_only,
    finds_the_last_word_of_a_long_text, gives_all_without_a_predicate,
    refuses_a_name_that_is_not_resolved, compiles_the_largest_predicates,
    sees_what_is_committed_and_holds_no_lock)
