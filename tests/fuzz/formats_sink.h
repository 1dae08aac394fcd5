/*
 * formats_sink: where the fuzz targets of formats/ put their drafts: each must be one that the
 * node takes, and encode to the same bytes again; and what was offered is counted once.
 */
#ifndef MALLA_TESTS_FORMATS_SINK_H
#define MALLA_TESTS_FORMATS_SINK_H

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "formats/draft.h"

struct sink {
	struct drafts drafts;
	struct record record;
	struct bytes again;
	uint64_t count, notes;
};

static enum err
sink_put(void *context, struct bytes_view draft, const struct draft_place *place)
{
	struct sink *sink = context;

	assert(place->line > 0 || place->id.len > 0);
	assert(record_decode(draft, true, &sink->record, NULL) == ERR_NONE);
	assert(sink->record.unknown == 0);
	bytes_clear(&sink->again);
	assert(record_encode(&sink->record, &sink->again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&sink->again), draft));
	if (sink->drafts.defaults.has_tlp)
		assert(sink->record.marking.tlp >= sink->drafts.defaults.tlp);
	sink->count++;
	return ERR_NONE;
}

static void
sink_note(void *context, const struct draft_place *place, enum reason reason, const char *words)
{
	struct sink *sink = context;

	(void)place;
	assert(words[0] != '\0' && strlen(words) < DRAFT_WORDS_BYTES);
	sink->notes += reason != REASON_STORED;
}

/* The sink lives as long as the program. */
static struct sink *
sink_start(bool has_tlp)
{
	static struct sink sink;
	static bool is_ready;

	if (!is_ready) {
		bytes_init(&sink.again, RECORD_BYTES_MAX);
		assert(drafts_init(&sink.drafts) == ERR_NONE);
		is_ready = true;
	}
	sink.drafts.put = sink_put;
	sink.drafts.note = sink_note;
	sink.drafts.context = &sink;
	sink.drafts.defaults.has_tlp = has_tlp;
	sink.drafts.defaults.tlp = TLP_GREEN;
	sink.drafts.understood = sink.drafts.kept = sink.drafts.refused = sink.drafts.left_out = 0;
	sink.count = sink.notes = 0;
	return &sink;
}

static void
sink_check(const struct sink *sink)
{
	assert(sink->count == sink->drafts.understood + sink->drafts.kept);
	assert(sink->notes == sink->drafts.refused);
}

/* The input as a file. */
static inline FILE *
sink_file(const uint8_t *data, size_t size)
{
	FILE *file =
	    size == 0 ? fopen("/dev/null", "rb") : fmemopen((void *)(uintptr_t)data, size, "rb");

	assert(file != NULL);
	return file;
}

#endif
