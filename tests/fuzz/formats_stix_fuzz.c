/* STIX: whatever the document, its drafts are good, with a label given and without. */
#include "formats/stix.h"

#include "tests/fuzz/formats_sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_view in = bytes_view_of(data, size);
	struct sink *sink = sink_start(true);
	enum err err = stix_read_bytes(in, &sink->drafts);
	uint64_t given = sink->count;

	assert(err == ERR_NONE || err == ERR_FORMAT);
	sink_check(sink);
	sink = sink_start(false);
	assert(stix_read_bytes(in, &sink->drafts) == err);
	assert(sink->count <= given);
	sink_check(sink);
	return 0;
}
