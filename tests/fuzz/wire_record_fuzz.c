/* records: what decodes encodes to the same bytes, and has what its kind must have.  The first
   byte says whether it is a draft. */
#include "wire/record.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct record record; /* large */

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
	if (record.kind == RECORD_INDICATOR)
		assert(record.observables_count > 0 || record.body.pattern.len > 0);
	else
		assert(record.body.text.len > 0 || record.kind == RECORD_SIGHTING);
}

/* A draft becomes the record that encoding would write, and that record decodes. */
static void
expect_completes(struct bytes_view draft)
{
	struct bytes completed, again;

	memset(record.author.bytes, 0xa1, sizeof(record.author.bytes));
	memset(record.nonce.bytes, 0x17, sizeof(record.nonce.bytes));
	record.created_ms = TIME_MS_MAX;
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
