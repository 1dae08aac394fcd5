/*
 * vectors: the list of the files of test vectors, and how each is made.
 */
#ifndef MALLA_TESTS_VECTORS_H
#define MALLA_TESTS_VECTORS_H

#include "tests/vectors/vectors_refused.h"

struct vectors_file {
	const char *name; /* tests/vectors/NAME.json */
	void (*make)(struct vectors *vectors);
};

static const struct vectors_file vectors_files[] = {
    {"encoding", vectors_encoding},
    {"records", vectors_records},
    {"parties", vectors_parties},
    {"seals", vectors_seals},
    {"payloads", vectors_payloads},
    {"envelopes", vectors_envelopes},
    {"receipts", vectors_receipts},
    {"frames", vectors_frames},
    {"log", vectors_log},
    {"keyfiles", vectors_keyfiles},
    {"requests", vectors_requests},
    {"predicates", vectors_predicates},
    {"refused", vectors_refused},
};
#define VECTORS_FILES (sizeof(vectors_files) / sizeof(*vectors_files))

/* The whole text of a file; the caller releases it. */
static void
vectors_make(const struct vectors_file *file, struct bytes *out)
{
	struct vectors vectors = {0};

	assert(digest_start() == ERR_NONE);
	bytes_init(&vectors.text, VECTORS_BYTES_MAX);
	put(&vectors, "[");
	file->make(&vectors);
	put(&vectors, "\n]\n");
	assert(vectors.text.err == ERR_NONE);
	*out = vectors.text;
}

#endif
