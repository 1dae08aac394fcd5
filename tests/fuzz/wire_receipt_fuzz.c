/* Receipts: what decodes encodes to the same bytes. */
#include "wire/receipt.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_view in = bytes_view_of(data, size);
	struct receipt receipt;
	struct bytes again;

	if (receipt_decode(in, &receipt) != ERR_NONE || receipt.unknown > 0)
		return 0;
	bytes_init(&again, RECEIPT_BYTES_MAX);
	assert(receipt_encode(&receipt, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), in));
	bytes_release(&again);
	return 0;
}
