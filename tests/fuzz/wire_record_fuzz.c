#include <stdlib.h>
#include <string.h>

#include "wire/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a record's decoder accepts, the encoder writes again byte for byte; the first byte says
   whether it is a draft. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct record record;
	struct bytes again;
	struct bytes_view in;

	if (size == 0)
		return 0;
	in = bytes_view_of(data + 1, size - 1);
	if (record_decode(in, (data[0] & 1) != 0, &record, NULL) != ERR_NONE || record.unknown > 0)
		return 0;
	bytes_init(&again, RECORD_BYTES_MAX);
	if (record_encode(&record, &again) != ERR_NONE ||
	    !bytes_view_is_equal(bytes_as_view(&again), in))
		abort();
	bytes_release(&again);
	return 0;
}
