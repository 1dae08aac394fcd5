/*
 * envelope: content keys, the payload's ciphertext, and the wrap for one recipient.
 *
 * Knows no message: takes bytes, gives bytes.  docs/protocol.md 7 has each formula.
 */
#ifndef MALLA_CRYPTO_ENVELOPE_H
#define MALLA_CRYPTO_ENVELOPE_H

#include "base/bytes.h"
#include "base/ids.h"

#define ENVELOPE_KEY_BYTES 32u
#define ENVELOPE_NONCE_BYTES 24u
#define ENVELOPE_TAG_BYTES 16u
#define ENVELOPE_WRAP_BYTES 48u

/* A fresh content key with its nonce; whoever holds it wipes it (envelope_wipe). */
struct content_key {
	uint8_t key[ENVELOPE_KEY_BYTES];
	uint8_t nonce[ENVELOPE_NONCE_BYTES];
};
void envelope_wipe(struct content_key *content_key);

/* SHA-256("malla/commitment/v1\n" || key || nonce): TRAPS 21 */
void envelope_commitment(const struct content_key *content_key, struct hash *out);
/* XChaCha20-Poly1305 with associated data = suite byte || batch root.  Appends
   plaintext + 16 bytes to out. */
MUST_CHECK enum err envelope_encrypt(const struct content_key *content_key, uint8_t suite,
    const struct hash *root, struct bytes_view plaintext, struct bytes *out);
/* ERR_DECRYPT; out is untouched then. */
MUST_CHECK enum err envelope_decrypt(const struct content_key *content_key, uint8_t suite,
    const struct hash *root, struct bytes_view ciphertext, struct bytes *out);

/* An ephemeral X25519 pair from 32 random bytes. */
MUST_CHECK enum err envelope_ephemeral(const uint8_t secret[32], uint8_t public_key[32]);
/* Wrap the content key for the holder of recipient_key:
   shared = X25519(ephemeral secret, recipient key);
   wrapping key = BLAKE2b-256(key = psk, "malla/wrap/v1\n" || shared || ephemeral public key
                  || recipient key || header hash); psk is 32 zeros where none was agreed;
   wrap = XChaCha20-Poly1305(wrapping key, wrap nonce, ad = header hash, content key).
   ERR_KEY: an all-zero shared secret. */
MUST_CHECK enum err envelope_wrap(const uint8_t ephemeral_secret[32],
    const uint8_t recipient_key[32], const uint8_t psk[32], const struct hash *header,
    const uint8_t wrap_nonce[ENVELOPE_NONCE_BYTES], const uint8_t content_key[ENVELOPE_KEY_BYTES],
    uint8_t wrap[ENVELOPE_WRAP_BYTES]);
/* The recipient's half: its secret key, the ephemeral public key.  ERR_KEY as above,
   ERR_DECRYPT for whatever else is not what was wrapped; content_key is untouched then. */
MUST_CHECK enum err envelope_unwrap(const uint8_t recipient_secret[32],
    const uint8_t ephemeral_key[32], const uint8_t psk[32], const struct hash *header,
    const uint8_t wrap_nonce[ENVELOPE_NONCE_BYTES], const uint8_t wrap[ENVELOPE_WRAP_BYTES],
    uint8_t content_key[ENVELOPE_KEY_BYTES]);

#endif
