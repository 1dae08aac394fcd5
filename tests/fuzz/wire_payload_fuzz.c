/* Payloads, and seals: what decodes encodes to the same bytes. */
#include "wire/payload.h"

#include <assert.h>

#include "wire/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_seal(struct bytes_view statement)
{
	struct bytes again;
	struct seal seal;

	if (seal_decode(statement, &seal) != ERR_NONE || seal.unknown > 0)
		return;
	bytes_init(&again, SEAL_BYTES_MAX);
	assert(seal_encode(&seal, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), statement));
	bytes_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct payload payload;
	struct bytes_view in = bytes_view_of(data, size);
	struct bytes again;
	uint8_t sum = 0;
	uint32_t i;

	if (payload_decode(in, &payload) != ERR_NONE)
		return 0;
	try_seal(payload.seal.statement);
	for (i = 0; i < payload.count; i++) {
		/* touch the ends of what was borrowed */
		sum ^= payload.entries[i].record.data[payload.entries[i].record.len - 1];
		if (payload.entries[i].path_count > 0)
			sum ^= payload.entries[i].path[payload.entries[i].path_count * 32 - 1];
	}
	if (payload.unknown > 0)
		return sum & 0;
	bytes_init(&again, PAYLOAD_BYTES_MAX);
	assert(payload_encode(&payload, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), in));
	bytes_release(&again);
	return 0;
}
