/* Markdown: a note and an advisory, good or refused once. */
#include "formats/markdown.h"

#include "tests/fuzz/formats_sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_view in = bytes_view_of(data, size);
	struct sink *sink = sink_start(true);
	enum err note = markdown_read(in, RECORD_NOTE, &sink->drafts);
	enum err advisory = markdown_read(in, RECORD_ADVISORY, &sink->drafts);

	assert(note == ERR_NONE || note == ERR_FORMAT);
	assert(note != ERR_NONE || advisory == ERR_NONE); /* which may have more */
	assert(sink->count + sink->drafts.refused == 2);
	sink_check(sink);
	return 0;
}
