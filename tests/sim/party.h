/*
 * party: the organisations of every world: keys, root document, card and founder, made once per
 * process, the same in every process.
 */
#ifndef MALLA_TESTS_SIM_PARTY_H
#define MALLA_TESTS_SIM_PARTY_H

#include "crypto/signer.h"
#include "node/keyring.h"
#include "wire/card.h"
#include "wire/request.h"

#define PARTIES 5u
#define PARTY_TIME UINT64_C(1767600000000) /* 2026-01-05: about when worlds begin */
#define PARTY_UID 1000u

struct party {
	uint32_t index;
	struct org_id org;
	struct card card; /* its texts are static */
	struct signer *sign;
	struct signer *log;
	struct signer *founder;
	uint8_t sign_seed[32], log_seed[32], envelope_secret[32];
	struct bytes package;
	struct bytes founder_entry;
};

/* Once per process. */
MUST_CHECK enum err party_start(void);
const struct party *party_at(uint32_t index);
/* PARTIES: nobody's. */
uint32_t party_of_org(const struct org_id *org);
uint32_t party_of_key(const struct transport_key *key);
/* A keyring of its keys, with somebody's journal and clock. */
MUST_CHECK enum err party_keyring(const struct party *party, const struct keyring_journal *journal,
    uint64_t (*now_ms)(void *context), void *context, struct keyring **out);
/* The act by which its founder permits a request: the whole signed thing, appended. */
MUST_CHECK enum err party_act(const struct party *party, const struct request *request,
    uint64_t now_ms, struct bytes *out);

#endif
