/* records: what decodes encodes to the same bytes, and has what its kind must have.  The first
   byte says whether it is a draft. */
#include "wire/record.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct record record;

static void
expect_ascending(const struct org_list *list, uint32_t count_max)
{
	uint32_t i;

	assert(list->count <= count_max);
	for (i = 0; i < list->count; i++) {
		struct org_id org = org_list_at(list, i), before;

		assert(org_list_has(list, &org));
		if (i == 0)
			continue;
		before = org_list_at(list, i - 1);
		assert(memcmp(before.bytes, org.bytes, sizeof(org.bytes)) < 0);
	}
}

static void
expect_sound_statement(void)
{
	const struct charter *charter = &record.body.charter;

	if (record.kind == RECORD_DISPUTE)
		assert(dispute_name(record.body.dispute)[0] != 0);
	if (record.kind == RECORD_RELATION) {
		assert(relation_check(&record.body.relation) == ERR_NONE);
		expect_ascending(&record.body.relation.to_orgs, AUDIENCE_ORGS_MAX);
	}
	if (record.kind != RECORD_CHARTER)
		return;
	assert(charter_check(charter) == ERR_NONE && record.body_bytes.len > 0);
	assert(charter->threshold >= 1 && charter->threshold <= charter->stewards.count);
	assert(charter->members.count > 0);
	expect_ascending(&charter->stewards, STEWARDS_MAX);
	expect_ascending(&charter->members, MEMBERS_MAX);
}

/* large */

static void
expect_sound(struct bytes_view in)
{
	uint32_t i;

	assert(record.marking_bytes.len > 0 && record_headline(&record).len <= in.len);
	assert(record.marking.tlp != TLP_RED || record.audience.orgs_count > 0);
	assert(record.audience_bytes.len > 0 || audience_is_empty(&record.audience));
	assert(record.created_ms <= TIME_MS_MAX && record.valid_until_ms <= TIME_MS_MAX);
	for (i = 0; i < record.observables_count; i++)
		assert(observable_check(record.observables[i].type, record.observables[i].value) ==
		       ERR_NONE);
	if (record_form(&record) == RECORD_INDICATOR)
		assert(record.observables_count > 0 || record.body.pattern.len > 0);
	if (record_form(&record) == RECORD_NOTE || record_form(&record) == RECORD_ADVISORY)
		assert(record.body.text.len > 0 && record.body.title.len > 0);
	expect_sound_statement();
}

/* A draft becomes the record that encoding would write, and that record decodes. */
static void
expect_completes(struct bytes_view draft)
{
	struct bytes completed, again;

	memset(record.author.bytes, 0xa1, sizeof(record.author.bytes));
	memset(record.nonce.bytes, 0x17, sizeof(record.nonce.bytes));
	record.created_ms = TIME_MS_MAX;
	if (record.kind == RECORD_RELATION && record.body.relation.has_subject)
		record.author = record.body.relation.subject;
	bytes_init(&completed, RECORD_BYTES_MAX + 128);
	bytes_init(&again, RECORD_BYTES_MAX + 128);
	assert(record_complete(&record, draft, &completed) == ERR_NONE);
	assert(record_encode(&record, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&completed), bytes_as_view(&again)));
	if (completed.len <= RECORD_BYTES_MAX)
		assert(record_decode(bytes_as_view(&completed), false, &record, NULL) == ERR_NONE);
	bytes_release(&completed);
	bytes_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes again;
	struct bytes_view in;
	size_t err_at = 0;

	if (size == 0)
		return 0;
	in = bytes_view_of(data + 1, size - 1);
	if (record_decode(in, (data[0] & 1) != 0, &record, &err_at) != ERR_NONE) {
		assert(err_at <= in.len);
		return 0;
	}
	expect_sound(in);
	if (record.unknown == 0) {
		bytes_init(&again, RECORD_BYTES_MAX);
		assert(record_encode(&record, &again) == ERR_NONE);
		assert(bytes_view_is_equal(bytes_as_view(&again), in));
		bytes_release(&again);
	}
	if (record.is_draft)
		expect_completes(in);
	return 0;
}
