#include "crypto/signer.h"

#include <assert.h>
#include <sodium.h>

static_assert(SIGNER_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "public key");
static_assert(SIGNER_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "secret key");
static_assert(SIGNER_SIGNATURE_BYTES == crypto_sign_BYTES, "signature");

/* Guarded pages that nothing writes to after signer_open; where RLIMIT_MEMLOCK is used up they
   are guarded, but not locked. */
struct signer {
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
};

enum err
signer_open(const uint8_t seed[32], struct signer **out)
{
	struct signer *signer = sodium_malloc(sizeof(*signer));

	if (signer == NULL)
		return ERR_MEMORY;
	if (crypto_sign_seed_keypair(signer->public_key, signer->secret, seed) != 0 ||
	    sodium_mprotect_readonly(signer) != 0) {
		sodium_free(signer);
		return ERR_KEY;
	}
	*out = signer;
	return ERR_NONE;
}

enum err
signer_generate(struct signer **out)
{
	uint8_t seed[crypto_sign_SEEDBYTES];
	enum err err;

	randombytes_buf(seed, sizeof(seed));
	err = signer_open(seed, out);
	sodium_memzero(seed, sizeof(seed));
	return err;
}

void
signer_free(struct signer *signer)
{
	sodium_free(signer); /* wipes */
}

const uint8_t *
signer_public(const struct signer *signer)
{
	return signer->public_key;
}

enum err
signer_sign(const struct signer *signer, struct bytes_view message, uint8_t signature[64])
{
	if (crypto_sign_detached(signature, NULL, message.data, message.len, signer->secret) != 0)
		return ERR_KEY;
	return ERR_NONE;
}

enum err
signer_verify(const uint8_t public_key[32], struct bytes_view message, const uint8_t signature[64])
{
	if (crypto_sign_verify_detached(signature, message.data, message.len, public_key) != 0)
		return ERR_SIGNATURE;
	return ERR_NONE;
}
