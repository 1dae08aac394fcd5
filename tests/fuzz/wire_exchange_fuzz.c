/* Frames of the link: what decodes encodes to the same bytes. */
#include "wire/exchange.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_view in = bytes_view_of(data, size);
	struct exchange_message message;
	struct bytes again;

	if (exchange_decode(in, &message) != ERR_NONE || message.unknown > 0)
		return 0;
	bytes_init(&again, FRAME_BYTES_MAX);
	assert(exchange_encode(&message, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), in));
	bytes_release(&again);
	return 0;
}
