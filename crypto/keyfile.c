#define _DEFAULT_SOURCE
#include "crypto/keyfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/signer.h"

#define SECRET_BYTES 32u
#define SEALED_BYTES (SECRET_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES)
#define SALT_BYTES crypto_pwhash_argon2id_SALTBYTES
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define PATH_BYTES_MAX 4096

static const char context[] = "malla/keyfile/v1\n";
#define CONTEXT_BYTES (sizeof(context) - 1)
/* purpose, suite and kdf; then, under a passphrase, two u64, salt and nonce; then the length */
#define FIXED_BYTES (CONTEXT_BYTES + 3)
#define CLEAR_HEAD_BYTES (FIXED_BYTES + 2)
#define LOCKED_HEAD_BYTES (FIXED_BYTES + 16 + SALT_BYTES + NONCE_BYTES + 2)

static_assert(LOCKED_HEAD_BYTES + SEALED_BYTES < KEYFILE_BYTES_MAX,
    "a byte too many in the longest file still shows");
static_assert(SALT_BYTES == 16 && NONCE_BYTES == 24, "docs/protocol.md 11");
static_assert(KEYFILE_MEMORY <= KEYFILE_MEMORY_MAX && KEYFILE_OPERATIONS <= KEYFILE_OPERATIONS_MAX,
    "we read what we write");
static_assert(KEYFILE_MEMORY_MAX <= SIZE_MAX, "memory is counted in size_t");

enum kdf { KDF_CLEAR, KDF_ARGON2ID };

struct secret {
	uint8_t bytes[SECRET_BYTES];
};

const char *
key_purpose_name(enum key_purpose purpose)
{
	switch (purpose) {
#define PURPOSE_CASE(symbol, code, name)                                                           \
	case symbol:                                                                               \
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
	if (sodium_mprotect_readonly(secret) != 0) {
		sodium_free(secret);
		return ERR_MEMORY;
	}
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

/* Cost the reader only what this machine is willing to pay, and no less than the function takes. */
static enum err
check_costs(uint64_t operations, uint64_t memory)
{
	if (operations > KEYFILE_OPERATIONS_MAX || memory > KEYFILE_MEMORY_MAX)
		return ERR_TOO_LARGE;
	if (operations < crypto_pwhash_argon2id_OPSLIMIT_MIN ||
	    memory < crypto_pwhash_argon2id_MEMLIMIT_MIN)
		return ERR_RANGE;
	return ERR_NONE;
}

static enum err
check_fixed(struct bytes_view in)
{
	size_t common = in.len < CONTEXT_BYTES ? in.len : CONTEXT_BYTES;

	/* another kind of file is called that, however short it is */
	if (common > 0 && memcmp(in.data, context, common) != 0)
		return ERR_FORMAT;
	if (in.len < FIXED_BYTES)
		return ERR_TRUNCATED;
	if (in.data[CONTEXT_BYTES + 1] != SUITE_1)
		return ERR_FORMAT;
	if (in.data[CONTEXT_BYTES] < KEY_ROOT || in.data[CONTEXT_BYTES] > KEY_OPERATOR ||
	    in.data[CONTEXT_BYTES + 2] > KDF_ARGON2ID)
		return ERR_RANGE;
	return ERR_NONE;
}

enum err
keyfile_decode(struct bytes_view in, struct keyfile *out)
{
	struct keyfile file = {0};
	enum err err = check_fixed(in);
	const uint8_t *at;
	size_t len;

	if (err != ERR_NONE)
		return err;
	at = in.data + CONTEXT_BYTES;
	file.purpose = at[0];
	file.is_locked = at[2] == KDF_ARGON2ID;
	file.associated = file.is_locked ? LOCKED_HEAD_BYTES : CLEAR_HEAD_BYTES;
	len = file.is_locked ? SEALED_BYTES : SECRET_BYTES;
	if (in.len < file.associated)
		return ERR_TRUNCATED;
	at += 3;
	if (file.is_locked) {
		file.operations = bytes_get_u64(at);
		file.memory = bytes_get_u64(at + 8);
		file.salt = at + 16;
		file.nonce = at + 16 + SALT_BYTES;
		err = check_costs(file.operations, file.memory);
		if (err != ERR_NONE)
			return err;
	}
	/* suite 1 has keys of one size only */
	if (bytes_get_u16(in.data + file.associated - 2) != len)
		return ERR_RANGE;
	if (in.len != file.associated + len)
		return in.len < file.associated + len ? ERR_TRUNCATED : ERR_TRAILING;
	file.secret = bytes_view_of(in.data + file.associated, len);
	*out = file;
	return ERR_NONE;
}

/* All that stands before the secret: the associated data of its encryption. */
static void
append_head(struct bytes *out, const struct keyfile *file)
{
	bytes_append(out, context, CONTEXT_BYTES);
	bytes_append_u8(out, file->purpose);
	bytes_append_u8(out, SUITE_1);
	bytes_append_u8(out, file->is_locked ? KDF_ARGON2ID : KDF_CLEAR);
	if (file->is_locked) {
		bytes_append_u64(out, file->operations);
		bytes_append_u64(out, file->memory);
		bytes_append(out, file->salt, SALT_BYTES);
		bytes_append(out, file->nonce, NONCE_BYTES);
	}
	bytes_append_u16(out, file->is_locked ? SEALED_BYTES : SECRET_BYTES);
}

enum err
keyfile_encode(const struct keyfile *file, struct bytes *out)
{
	assert(file->secret.len == (file->is_locked ? SEALED_BYTES : SECRET_BYTES));
	append_head(out, file);
	bytes_append(out, file->secret.data, file->secret.len);
	return out->err;
}

/* The key under a passphrase, SECRET_BYTES of guarded memory; the caller frees it. */
static enum err
derive(struct bytes_view passphrase, const struct keyfile *file, uint8_t **out)
{
	uint8_t *key = sodium_malloc(SECRET_BYTES);

	if (key == NULL)
		return ERR_MEMORY;
	if (crypto_pwhash(key, SECRET_BYTES, (const char *)passphrase.data, passphrase.len,
		file->salt, file->operations, (size_t)file->memory,
		crypto_pwhash_ALG_ARGON2ID13) != 0) {
		sodium_free(key);
		return ERR_MEMORY;
	}
	*out = key;
	return ERR_NONE;
}

static enum err
append_locked(struct bytes *out, enum key_purpose purpose, const struct secret *secret,
    struct bytes_view passphrase)
{
	uint8_t salt[SALT_BYTES], nonce[NONCE_BYTES], sealed[SEALED_BYTES], *key = NULL;
	struct keyfile file = {.purpose = (uint8_t)purpose,
	    .is_locked = true,
	    .operations = KEYFILE_OPERATIONS,
	    .memory = KEYFILE_MEMORY,
	    .salt = salt,
	    .nonce = nonce};
	enum err err;

	randombytes_buf(salt, sizeof(salt));
	randombytes_buf(nonce, sizeof(nonce));
	append_head(out, &file);
	if (out->err != ERR_NONE)
		return out->err;
	err = derive(passphrase, &file, &key);
	if (err != ERR_NONE)
		return err;
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, secret->bytes, SECRET_BYTES,
		out->data, out->len, NULL, nonce, key) != 0)
		err = ERR_KEY;
	else
		bytes_append(out, sealed, sizeof(sealed));
	sodium_free(key);
	return err != ERR_NONE ? err : out->err;
}

static enum err
append_file(struct bytes *out, enum key_purpose purpose, const struct secret *secret,
    struct bytes_view passphrase)
{
	struct keyfile file = {
	    .purpose = (uint8_t)purpose, .secret = bytes_view_of(secret->bytes, SECRET_BYTES)};

	if (passphrase.len > 0)
		return append_locked(out, purpose, secret, passphrase);
	return keyfile_encode(&file, out);
}

/* ---------------------------------------------------------------- writing */

static enum err
err_of_errno(void)
{
	return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_SYSTEM;
}

/* fsync the folder of a path, so that the name is durable too. */
static enum err
sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_BYTES_MAX];
	int fd, saved, len = slash == NULL ? 1 : (int)(slash - path) + 1;
	enum err err;

	if (snprintf(folder, sizeof(folder), "%.*s", len, slash == NULL ? "." : path) >=
	    (int)sizeof(folder)) {
		errno = ENAMETOOLONG;
		return ERR_SYSTEM;
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_SYSTEM;
	err = fsync(fd) == 0 ? ERR_NONE : err_of_errno();
	saved = errno;
	(void)close(fd);
	errno = saved;
	return err;
}

static enum err
write_all(int fd, struct bytes_view bytes)
{
	size_t done = 0;
	ssize_t put;

	while (done < bytes.len) {
		put = write(fd, bytes.data + done, bytes.len - done);
		if (put < 0 && errno != EINTR)
			return err_of_errno();
		if (put > 0)
			done += (size_t)put;
	}
	return fsync(fd) == 0 ? ERR_NONE : err_of_errno();
}

/* A finished file of a name of its own, put in the place of the six X; two that write at once
   never share one. */
static enum err
write_temporary(char *template, struct bytes_view bytes)
{
	int saved, fd = mkstemp(template);
	enum err err;

	if (fd < 0)
		return err_of_errno();
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fchmod(fd, 0600) != 0)
		err = ERR_SYSTEM;
	else
		err = write_all(fd, bytes);
	saved = errno;
	if (close(fd) != 0 && err == ERR_NONE)
		err = err_of_errno();
	else
		errno = saved;
	if (err != ERR_NONE) {
		saved = errno;
		(void)unlink(template);
		errno = saved;
	}
	return err;
}

/* Give a finished temporary file its name, durably; that name is taken back on failure. */
static enum err
publish(const char *temporary, const char *path)
{
	enum err err;
	int saved;

	/* link, unlike rename, refuses to replace a key that is there */
	if (link(temporary, path) != 0)
		return err_of_errno();
	err = sync_folder(path);
	if (err != ERR_NONE) {
		saved = errno;
		(void)unlink(path);
		errno = saved;
	}
	return err;
}

static enum err
write_file(const char *path, struct bytes_view bytes)
{
	char temporary[PATH_BYTES_MAX];
	enum err err;
	int saved;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary)) {
		errno = ENAMETOOLONG;
		return ERR_SYSTEM;
	}
	err = write_temporary(temporary, bytes);
	if (err != ERR_NONE)
		return err;
	err = publish(temporary, path);
	saved = errno;
	(void)unlink(temporary);
	errno = saved;
	return err;
}

enum err
keyfile_write(const char *path, enum key_purpose purpose, const struct secret *secret,
    struct bytes_view passphrase)
{
	struct bytes bytes;
	enum err err;
	int saved;

	/* its first allocation holds the longest file: no copy of a secret stays behind in one
	   that was outgrown */
	bytes_init(&bytes, KEYFILE_BYTES_MAX);
	err = append_file(&bytes, purpose, secret, passphrase);
	if (err == ERR_NONE)
		err = write_file(path, bytes_as_view(&bytes));
	saved = errno;
	if (bytes.data != NULL)
		sodium_memzero(bytes.data, bytes.cap);
	bytes_release(&bytes);
	errno = saved;
	return err;
}

/* ---------------------------------------------------------------- reading */

static enum err
check_file(int fd)
{
	uid_t self = geteuid();
	struct stat status;

	if (fstat(fd, &status) != 0)
		return ERR_SYSTEM;
	if (!S_ISREG(status.st_mode) || (status.st_mode & 077) != 0 ||
	    (status.st_uid != self && self != 0))
		return ERR_REFUSED;
	return ERR_NONE;
}

/* The file, or its first KEYFILE_BYTES_MAX bytes, which is one too long already. */
static enum err
read_all(int fd, uint8_t *buffer, size_t *len)
{
	ssize_t got;

	*len = 0;
	while (*len < KEYFILE_BYTES_MAX) {
		got = read(fd, buffer + *len, KEYFILE_BYTES_MAX - *len);
		if (got == 0)
			break;
		if (got < 0 && errno != EINTR)
			return ERR_SYSTEM;
		if (got > 0)
			*len += (size_t)got;
	}
	return ERR_NONE;
}

static enum err
read_file(const char *path, uint8_t *buffer, size_t *len)
{
	/* a fifo in the place of the file must not hold us up */
	int saved, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	enum err err;

	if (fd < 0)
		return ERR_SYSTEM;
	err = check_file(fd);
	if (err == ERR_NONE)
		err = read_all(fd, buffer, len);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return err;
}

/* On success *buffer is guarded memory that *file borrows from; the caller frees it. */
static enum err
open_buffer(const char *path, uint8_t **buffer, struct keyfile *file)
{
	uint8_t *bytes = sodium_malloc(KEYFILE_BYTES_MAX);
	size_t len;
	enum err err;
	int saved;

	if (bytes == NULL)
		return ERR_MEMORY;
	err = read_file(path, bytes, &len);
	if (err == ERR_NONE)
		err = keyfile_decode(bytes_view_of(bytes, len), file);
	if (err == ERR_NONE) {
		*buffer = bytes;
		return ERR_NONE;
	}
	saved = errno;
	sodium_free(bytes);
	errno = saved;
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
	err = derive(passphrase, file, &key);
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
keyfile_read(
    const char *path, enum key_purpose purpose, struct bytes_view passphrase, struct secret **out)
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
