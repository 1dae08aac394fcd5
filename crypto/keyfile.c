#define _DEFAULT_SOURCE
#include "crypto/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/signer.h"

#define SECRET_BYTES 32u
#define SEALED_BYTES (SECRET_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES)
#define SALT_BYTES crypto_pwhash_argon2id_SALTBYTES
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

static const char context[] = "malla/keyfile/v1\n";
#define CONTEXT_BYTES (sizeof(context) - 1)

enum kdf { KDF_CLEAR, KDF_ARGON2ID };

struct secret {
	uint8_t bytes[SECRET_BYTES];
};

const char *
key_purpose_name(enum key_purpose purpose)
{
	switch (purpose) {
#define PURPOSE_CASE(symbol, code, name) \
	case symbol: \
		return name;
		KEY_PURPOSE_TABLE(PURPOSE_CASE)
#undef PURPOSE_CASE
	}
	return "?";
}

/* ---------------------------------------------------------------- secrets */

enum err
secret_open(const uint8_t bytes[32], struct secret **out)
{
	struct secret *secret = sodium_malloc(sizeof(*secret));

	if (secret == NULL)
		return ERR_MEMORY;
	memcpy(secret->bytes, bytes, sizeof(secret->bytes));
	*out = secret;
	return ERR_NONE;
}

enum err
secret_generate(struct secret **out)
{
	uint8_t bytes[SECRET_BYTES];
	enum err err;

	randombytes_buf(bytes, sizeof(bytes));
	err = secret_open(bytes, out);
	sodium_memzero(bytes, sizeof(bytes));
	return err;
}

void
secret_free(struct secret *secret)
{
	sodium_free(secret);
}

const uint8_t *
secret_bytes(const struct secret *secret)
{
	return secret->bytes;
}

enum err
secret_public(const struct secret *secret, enum key_purpose purpose, uint8_t out[32])
{
	struct signer *signer;
	enum err err;

	if (purpose == KEY_ENVELOPE || purpose == KEY_TRANSPORT)
		return crypto_scalarmult_base(out, secret->bytes) == 0 ? ERR_NONE : ERR_KEY;
	err = signer_open(secret->bytes, &signer);
	if (err == ERR_NONE) {
		memcpy(out, signer_public(signer), 32);
		signer_free(signer);
	}
	return err;
}

/* ---------------------------------------------------------------- the bytes */

enum err
keyfile_decode(struct bytes_view in, struct keyfile *out)
{
	struct keyfile file = {0};
	const uint8_t *at = in.data + CONTEXT_BYTES;
	size_t locked = CONTEXT_BYTES + 3 + 16 + SALT_BYTES + NONCE_BYTES;

	if (in.len < CONTEXT_BYTES + 3)
		return ERR_TRUNCATED;
	if (memcmp(in.data, context, CONTEXT_BYTES) != 0 || at[1] != SUITE_1)
		return ERR_FORMAT;
	if (at[0] < KEY_ROOT || at[0] > KEY_OPERATOR || at[2] > KDF_ARGON2ID)
		return ERR_RANGE;
	file.purpose = at[0];
	file.is_locked = at[2] == KDF_ARGON2ID;
	file.associated = file.is_locked ? locked : CONTEXT_BYTES + 3;
	if (in.len != file.associated + (file.is_locked ? SEALED_BYTES : SECRET_BYTES))
		return in.len < file.associated + SECRET_BYTES ? ERR_TRUNCATED : ERR_TRAILING;
	file.secret = bytes_view_of(in.data + file.associated, in.len - file.associated);
	if (file.is_locked) {
		file.operations = bytes_get_u64(at + 3);
		file.memory = bytes_get_u64(at + 11);
		file.salt = at + 19;
		file.nonce = at + 19 + SALT_BYTES;
		if (file.operations > KEYFILE_OPERATIONS_MAX || file.memory > KEYFILE_MEMORY_MAX)
			return ERR_TOO_LARGE;
		if (file.operations < crypto_pwhash_argon2id_OPSLIMIT_MIN ||
		    file.memory < crypto_pwhash_argon2id_MEMLIMIT_MIN)
			return ERR_RANGE;
	}
	*out = file;
	return ERR_NONE;
}

/* The key under a passphrase; *key is in locked memory, SECRET_BYTES long. */
static enum err
derive(struct bytes_view passphrase, const uint8_t *salt, uint64_t operations, uint64_t memory,
    uint8_t **key)
{
	*key = sodium_malloc(SECRET_BYTES);
	if (*key == NULL)
		return ERR_MEMORY;
	if (crypto_pwhash(*key, SECRET_BYTES, (const char *)passphrase.data, passphrase.len, salt,
		operations, (size_t)memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
		sodium_free(*key);
		*key = NULL;
		return ERR_MEMORY;
	}
	return ERR_NONE;
}

static enum err
append_locked(struct bytes *out, const struct secret *secret, struct bytes_view passphrase)
{
	uint8_t salt[SALT_BYTES], nonce[NONCE_BYTES], *key, *at;
	size_t associated;
	enum err err;

	randombytes_buf(salt, sizeof(salt));
	randombytes_buf(nonce, sizeof(nonce));
	bytes_append_u64(out, KEYFILE_OPERATIONS);
	bytes_append_u64(out, KEYFILE_MEMORY);
	bytes_append(out, salt, sizeof(salt));
	bytes_append(out, nonce, sizeof(nonce));
	associated = out->len;
	err = derive(passphrase, salt, KEYFILE_OPERATIONS, KEYFILE_MEMORY, &key);
	if (err != ERR_NONE)
		return err;
	at = bytes_extend(out, SEALED_BYTES);
	if (at == NULL || crypto_aead_xchacha20poly1305_ietf_encrypt(at, NULL, secret->bytes,
			      SECRET_BYTES, out->data, associated, NULL, nonce, key) != 0)
		err = ERR_MEMORY;
	sodium_free(key);
	return err;
}

static enum err
encode(enum key_purpose purpose, const struct secret *secret, struct bytes_view passphrase,
    struct bytes *out)
{
	bytes_append(out, context, CONTEXT_BYTES);
	bytes_append_u8(out, (uint8_t)purpose);
	bytes_append_u8(out, SUITE_1);
	bytes_append_u8(out, passphrase.len > 0 ? KDF_ARGON2ID : KDF_CLEAR);
	if (passphrase.len > 0)
		return append_locked(out, secret, passphrase);
	bytes_append(out, secret->bytes, SECRET_BYTES);
	return out->err;
}

/* ---------------------------------------------------------------- the file */

/* fsync the folder of a path, so that the name is durable too. */
static enum err
sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[4096];
	int fd, len = slash == NULL ? 1 : (int)(slash - path) + 1;
	enum err err;

	if (snprintf(folder, sizeof(folder), "%.*s", len, slash == NULL ? "." : path) >=
	    (int)sizeof(folder))
		return ERR_SYSTEM;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_SYSTEM;
	err = fsync(fd) == 0 ? ERR_NONE : ERR_SYSTEM;
	(void)close(fd);
	return err;
}

static enum err
write_file(const char *path, struct bytes_view bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum err err = ERR_NONE;

	if (fd < 0)
		return ERR_SYSTEM;
	if (write(fd, bytes.data, bytes.len) != (ssize_t)bytes.len || fsync(fd) != 0)
		err = ERR_SYSTEM;
	if (close(fd) != 0)
		err = ERR_SYSTEM;
	return err;
}

enum err
keyfile_write(const char *path, enum key_purpose purpose, const struct secret *secret,
    struct bytes_view passphrase)
{
	char temporary[4096];
	struct bytes bytes;
	enum err err;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return ERR_SYSTEM;
	bytes_init(&bytes, KEYFILE_BYTES_MAX);
	err = encode(purpose, secret, passphrase, &bytes);
	if (err == ERR_NONE) {
		/* left behind by a crash: never a finished key */
		(void)unlink(temporary);
		err = write_file(temporary, bytes_as_view(&bytes));
	}
	/* link refuses to replace a key that is there */
	if (err == ERR_NONE && link(temporary, path) != 0)
		err = ERR_SYSTEM;
	if (err == ERR_NONE)
		err = sync_folder(path);
	{
		int saved = errno;

		(void)unlink(temporary);
		errno = saved;
	}
	if (bytes.data != NULL)
		sodium_memzero(bytes.data, bytes.cap);
	bytes_release(&bytes);
	return err;
}

/* The whole file into locked memory of KEYFILE_BYTES_MAX. */
static enum err
read_file(const char *path, uint8_t *buffer, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum err err = ERR_NONE;
	struct stat status;
	ssize_t got;

	if (fd < 0)
		return ERR_SYSTEM;
	if (fstat(fd, &status) != 0)
		err = ERR_SYSTEM;
	else if ((status.st_mode & 077) != 0 ||
		 (status.st_uid != geteuid() && geteuid() != 0) || !S_ISREG(status.st_mode))
		err = ERR_REFUSED;
	if (err == ERR_NONE) {
		got = read(fd, buffer, KEYFILE_BYTES_MAX);
		if (got < 0)
			err = ERR_SYSTEM;
		else
			*len = (size_t)got;
	}
	(void)close(fd);
	return err;
}

static enum err
open_buffer(const char *path, uint8_t **buffer, struct keyfile *file)
{
	size_t len;
	enum err err;

	*buffer = sodium_malloc(KEYFILE_BYTES_MAX);
	if (*buffer == NULL)
		return ERR_MEMORY;
	err = read_file(path, *buffer, &len);
	if (err == ERR_NONE)
		err = keyfile_decode(bytes_view_of(*buffer, len), file);
	if (err != ERR_NONE) {
		sodium_free(*buffer);
		*buffer = NULL;
	}
	return err;
}

enum err
keyfile_is_locked(const char *path, bool *is_locked)
{
	struct keyfile file;
	uint8_t *buffer;
	enum err err = open_buffer(path, &buffer, &file);

	if (err == ERR_NONE) {
		*is_locked = file.is_locked;
		sodium_free(buffer);
	}
	return err;
}

static enum err
unlock(const struct keyfile *file, const uint8_t *buffer, struct bytes_view passphrase,
    struct secret **out)
{
	uint8_t *key, clear[SECRET_BYTES];
	enum err err;

	if (!file->is_locked)
		return secret_open(file->secret.data, out);
	err = derive(passphrase, file->salt, file->operations, file->memory, &key);
	if (err != ERR_NONE)
		return err;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(clear, NULL, NULL, file->secret.data,
		file->secret.len, buffer, file->associated, file->nonce, key) != 0)
		err = ERR_DECRYPT;
	else
		err = secret_open(clear, out);
	sodium_memzero(clear, sizeof(clear));
	sodium_free(key);
	return err;
}

enum err
keyfile_read(const char *path, enum key_purpose purpose, struct bytes_view passphrase,
    struct secret **out)
{
	struct keyfile file;
	uint8_t *buffer;
	enum err err = open_buffer(path, &buffer, &file);

	if (err != ERR_NONE)
		return err;
	err = file.purpose == (uint8_t)purpose ? unlock(&file, buffer, passphrase, out) : ERR_KEY;
	sodium_free(buffer);
	return err;
}
