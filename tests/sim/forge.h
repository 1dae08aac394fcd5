/*
 * forge: envelopes, receipts and greetings made by hand with an organisation's keys, as right or
 * as wrong as the caller wants them.
 */
#ifndef MALLA_TESTS_SIM_FORGE_H
#define MALLA_TESTS_SIM_FORGE_H

#include "tests/sim/choice.h"
#include "tests/sim/party.h"
#include "wire/exchange.h"
#include "wire/header.h"
#include "wire/payload.h"
#include "wire/record.h"

/* A record as its author would complete it. */
struct forge_record {
	uint32_t author; /* as it says */
	enum tlp tlp;
	uint32_t named;
	uint64_t created_ms;
	const char *value; /* a domain */
};
MUST_CHECK enum err forge_record(
    const struct forge_record *facts, struct choice *choice, struct bytes *out);

/* A seal by one under the name of another (or its own) over the entries of a payload, which has
   its records and salts; `sealed` owns it. */
MUST_CHECK enum err forge_seal(const struct party *by, const struct party *author,
    uint64_t time_ms, struct payload *payload, struct bytes *sealed);

struct forge_envelope {
	const struct party *from;
	uint32_t to;
	uint64_t number;
	uint64_t time_ms;
	const struct payload *payload;
	uint32_t count; /* as the header says; 0: as many as there are */
	uint32_t voided_count;
	uint64_t voided[VOIDED_MAX];
};
/* The whole frame, appended. */
MUST_CHECK enum err forge_envelope(
    const struct forge_envelope *facts, struct choice *choice, struct bytes *frame);

/* The frame of a receipt, by the party's sign key. */
MUST_CHECK enum err forge_receipt(
    const struct party *by, const struct receipt *receipt, struct bytes *frame);

#endif
