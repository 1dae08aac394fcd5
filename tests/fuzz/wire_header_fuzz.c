/* Envelope headers: what decodes encodes to the same bytes and has the same hash. */
#include "wire/header.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_view in = bytes_view_of(data, size);
	struct header header;
	struct bytes head, again;
	struct hash hash, expected;

	if (header_decode(in, &header, &hash) != ERR_NONE || header.unknown > 0)
		return 0;
	bytes_init(&head, ENVELOPE_BYTES_MAX);
	bytes_init(&again, ENVELOPE_BYTES_MAX);
	assert(header_encode_head(&header, &head) == ERR_NONE);
	assert(header_encode(bytes_as_view(&head), &header, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), in));
	header_hash(bytes_as_view(&head), &expected);
	assert(memcmp(&hash, &expected, sizeof(hash)) == 0);
	bytes_release(&head);
	bytes_release(&again);
	return 0;
}
