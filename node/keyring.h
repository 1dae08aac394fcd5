/*
 * keyring: the process that holds every secret key but CURVE's.  It answers a closed table of
 * requests, parses what it signs, and refuses to sign a head of our log that is smaller than,
 * or unlike, one it signed before.
 *
 * request  = u8 operation, then for SIGN: u8 count, count * (u8 type, u32 length, statement);
 *            for UNWRAP: the envelope's statement; for STATE and PUBLIC: nothing
 * answer   = u8 err, and then, for SIGN (nothing unless err is 0): count * (u8 err, 64 bytes);
 *            for UNWRAP: 32 bytes; for STATE: u8 has head, u64 epoch, u64 size, 32 bytes root;
 *            for PUBLIC: 32 bytes organisation, u64 serial, 4 * 32 bytes sign, envelope, log
 *            and witness key
 */
#ifndef MALLA_NODE_KEYRING_H
#define MALLA_NODE_KEYRING_H

#include "node/keyring_client.h"

enum keyring_operation {
	KEYRING_SIGN = 1,
	KEYRING_UNWRAP = 2,
	KEYRING_STATE = 3,
	KEYRING_PUBLIC = 4,
};

/* Where the last head that was signed is kept: a file (head_journal.h), or what stands for one
   in the simulator. */
struct keyring_journal {
	void *context;
	/* The last head that was noted; ERR_NOT_FOUND: none ever was. */
	enum err (*load)(void *context, struct head *out);
	/* Durable once it returns ERR_NONE: no signature over the head leaves before. */
	enum err (*note)(void *context, const struct head *head);
	void (*free)(void *context); /* may be NULL */
};

/* What a keyring is made of. */
struct keyring_parts {
	/* 32 secret bytes each: copied into locked memory, the caller wipes its own */
	const uint8_t *sign;
	const uint8_t *log;
	const uint8_t *envelope;
	struct keyring_public public; /* as our own card has it */
	struct keyring_journal journal;
	/* the time, ms since 1970: no statement from the future is signed */
	uint64_t (*now_ms)(void *context);
	void *now_context;
};

/* A keyring from its parts: the rules are the same whoever keeps time and heads.  The journal
   is the keyring's from here on, also on failure.  ERR_KEY: a secret is not that of the public
   part; else what the journal says. */
MUST_CHECK enum err keyring_assemble(const struct keyring_parts *parts, struct keyring **out);
/* Back from keyring_client_head's 48 bytes. */
void keyring_head(const uint8_t statement[KEYRING_HEAD_BYTES], struct head *head);
/* The keys of a home, in this process.  ERR_KEY: they are not those that HOME/org names;
   ERR_CORRUPT: HOME/keyring.state is not what we wrote; else as keyfile_read and
   card_package_verify.  The reason is logged, with the file's name. */
MUST_CHECK enum err keyring_open(
    const struct home *home, struct bytes_view passphrase, struct keyring **out);
/* A head could not be noted: nobody knows what is on the disk, so this keyring signs nothing more,
   and another must read it. */
bool keyring_is_broken(const struct keyring *keyring);
/* The body of the keyring process; returns its exit code when core has gone.  The passphrase
   is wiped as soon as the keys are read. */
int keyring_run(int core_fd, const struct home *home, uint8_t *passphrase, size_t len);

#endif
