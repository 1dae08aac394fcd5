/*
 * privacy_corpus FILE...: what the privacy gate stops of feeds that nobody here wrote: each file is
 * read as `malla import` would, and every indicator it makes is given to the gate.  Ends with how
 * many, and with code 1 where it is one in a hundred or more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/detect.h"
#include "formats/list.h"
#include "formats/stix.h"
#include "policy/privacy_record.h"

struct tally {
	struct drafts drafts;
	struct record record;
	uint64_t indicators, stopped;
	uint64_t kinds[PRIVACY_KIND_COUNT];
	bool tells;
};

static enum err
judge(void *context, struct bytes_view draft, const struct draft_place *place)
{
	static const struct privacy_own nothing;
	static struct privacy_report report;
	struct tally *tally = context;
	enum err err = record_decode(draft, true, &tally->record, NULL);
	int kind;

	if (err != ERR_NONE || tally->record.kind != RECORD_INDICATOR)
		return err;
	memset(&report, 0, sizeof(report));
	privacy_record_scan(&tally->record, draft, &nothing, &report);
	tally->indicators++;
	tally->stopped += report.count > 0;
	for (kind = 0; kind < PRIVACY_KIND_COUNT; kind++)
		tally->kinds[kind] += report.counts[kind] > 0;
	if (tally->tells && report.count > 0)
		printf("  line %llu %.*s: %s %s %s\n", (unsigned long long)place->line,
		    (int)place->id.len, (const char *)place->id.data,
		    privacy_place_name(report.hits[0].place),
		    privacy_kind_name(report.hits[0].kind), report.hits[0].excerpt);
	return ERR_NONE;
}

static void
say_nothing(void *context, const struct draft_place *place, enum reason reason, const char *words)
{
	(void)context;
	(void)place;
	(void)reason;
	(void)words;
}

/* What cannot be read is counted elsewhere (formats_corpus_test). */
static enum err
read_file(const char *path, struct tally *tally)
{
	struct org_id org = {{1}};
	uint8_t head[4096];
	FILE *file = fopen(path, "rb");
	enum err err;
	size_t len;

	if (file == NULL)
		return ERR_SYSTEM;
	len = fread(head, 1, sizeof(head), file);
	rewind(file);
	err = drafts_init(&tally->drafts);
	if (err == ERR_NONE)
		err = audience_add_org(&tally->drafts.defaults.audience, &org);
	tally->drafts.defaults.has_tlp = true;
	tally->drafts.put = judge;
	tally->drafts.note = say_nothing;
	tally->drafts.context = tally;
	if (err == ERR_NONE) {
		switch (detect_format(bytes_view_of(head, len), path)) {
		case FORMAT_STIX:
			err = stix_read(file, &tally->drafts);
			break;
		case FORMAT_CSV:
			err = csv_read(file, 0, &tally->drafts);
			break;
		case FORMAT_LIST:
			err = list_read(file, 0, &tally->drafts);
			break;
		case FORMAT_MARKDOWN:
			break;
		}
	}
	drafts_release(&tally->drafts);
	(void)fclose(file);
	return err;
}

int
main(int argc, char **argv)
{
	struct tally *tally = calloc(1, sizeof(*tally));
	int kind, i;

	if (tally == NULL || argc < 2)
		return 2;
	tally->tells = getenv("PRIVACY_SHOW") != NULL;
	for (i = 1; i < argc; i++) {
		enum err err = read_file(argv[i], tally);

		if (err != ERR_NONE && err != ERR_FORMAT)
			fprintf(stderr, "%s: %s\n", argv[i], err_text(err));
	}
	for (kind = 0; kind < PRIVACY_KIND_COUNT; kind++) {
		if (tally->kinds[kind] > 0)
			printf("  %-12s %llu\n", privacy_kind_name((enum privacy_kind)kind),
			    (unsigned long long)tally->kinds[kind]);
	}
	printf("%llu of %llu indicators of the corpus are stopped (%.2f %%)\n",
	    (unsigned long long)tally->stopped, (unsigned long long)tally->indicators,
	    100.0 * (double)tally->stopped /
		(double)(tally->indicators > 0 ? tally->indicators : 1));
	i = tally->indicators < 1000 || 100 * tally->stopped >= tally->indicators;
	free(tally);
	return i;
}
