/*
 * config: HOME/config, a few lines of "key = value".
 */
#ifndef MALLA_NODE_CONFIG_H
#define MALLA_NODE_CONFIG_H

#include "base/bytes.h"
#include "base/home.h"
#include "base/limits.h"
#include "base/log.h"

struct config {
	uint32_t listen_count;
	char listen[ENDPOINTS_MAX][ENDPOINT_BYTES_MAX + 1]; /* tcp://host:port */
	uint32_t credit;                                    /* envelopes in flight that we take */
	enum log_level log;
};

/* What is not said keeps its default; an empty text is a valid configuration.  On failure
 *out is untouched and words (of 256 bytes) say line, column and what was expected. */
MUST_CHECK enum err config_parse(struct bytes_view text, struct config *out, char words[256]);
/* HOME/config; a missing file is an empty one. */
MUST_CHECK enum err config_read(const struct home *home, struct config *out, char words[256]);

#endif
