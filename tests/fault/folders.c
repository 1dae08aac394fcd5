#define _DEFAULT_SOURCE /* d_type */
#include "tests/unit/node_fixture.h"

#include <dirent.h>
#include <fcntl.h>

#include "tests/fault/folders.h"

void
folders_make(char out[FOLDERS_PATH_MAX])
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(
	    out, FOLDERS_PATH_MAX, "%s/malla-fault-XXXXXX", base == NULL ? P_tmpdir : base);
	ck_assert_ptr_nonnull(mkdtemp(out));
}

void
folders_remove(const char *folder)
{
	(void)nftw(folder, node_remove_file, 8, FTW_DEPTH | FTW_PHYS);
}

static void
copy_file(const char *from, const char *to)
{
	static uint8_t piece[1 << 18];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t got;

	ck_assert_msg(in >= 0 && out >= 0, "cannot copy %s to %s", from, to);
	while ((got = read(in, piece, sizeof(piece))) > 0)
		ck_assert_int_eq(write(out, piece, (size_t)got), got);
	(void)close(in);
	(void)close(out);
}

/* The files of one folder; its own folders hold keys, which nobody writes: one name more. */
static void
copy_files(const char *from, const char *to, bool is_link)
{
	DIR *folder = opendir(from);
	struct dirent *entry;
	struct stat status;
	char source[512], target[512];

	ck_assert_ptr_nonnull(folder);
	(void)mkdir(to, 0700);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(source, sizeof(source), "%s/%s", from, entry->d_name);
		(void)snprintf(target, sizeof(target), "%s/%s", to, entry->d_name);
		ck_assert_int_eq(lstat(source, &status), 0);
		if (!S_ISREG(status.st_mode))
			continue;
		if (is_link)
			ck_assert_int_eq(link(source, target), 0);
		else
			copy_file(source, target);
	}
	(void)closedir(folder);
}

void
folders_copy(const char *from, const char *to)
{
	copy_files(from, to, false);
	folders_copy_keys(from, to);
}

void
folders_copy_keys(const char *from, const char *to)
{
	static const char *const below[] = {"keys", "operators"};
	char source[512], target[512];
	size_t i;

	(void)mkdir(to, 0700);
	for (i = 0; i < sizeof(below) / sizeof(*below); i++) {
		(void)snprintf(source, sizeof(source), "%s/%s", from, below[i]);
		(void)snprintf(target, sizeof(target), "%s/%s", to, below[i]);
		copy_files(source, target, true);
	}
}

/* A file that a node made, and that says something: not its keys, its card, a lock, shared memory.
 */
static int
is_made(const struct dirent *entry)
{
	const char *name = entry->d_name, *end = strrchr(name, '.');

	return entry->d_type == DT_REG && strcmp(name, "org") != 0 &&
	       strcmp(name, "founder") != 0 && strcmp(name, "config") != 0 &&
	       (end == NULL || strcmp(end, ".lock") != 0) && strstr(name, "-shm") == NULL;
}

void
folders_forget_store(const char *folder)
{
	struct dirent **entries;
	char path[512];
	int count = scandir(folder, &entries, is_made, alphasort), i;

	ck_assert_int_ge(count, 0);
	for (i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		ck_assert_int_eq(unlink(path), 0);
		free(entries[i]);
	}
	free(entries);
}

static void
hash_file(struct bytes *all, const char *folder, const char *name)
{
	struct bytes content;
	struct hash hash;
	char path[512];

	bytes_init(&content, 1u << 30);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_err(home_read(path, &content), ERR_NONE);
	digest_sha256(bytes_as_view(&content), &hash);
	bytes_append(all, name, strlen(name) + 1);
	bytes_append(all, hash.bytes, sizeof(hash.bytes));
	bytes_release(&content);
}

void
folders_hash(const char *folder, struct hash *out)
{
	struct dirent **entries;
	struct bytes all;
	int count = scandir(folder, &entries, is_made, alphasort), i;

	ck_assert_int_ge(count, 0);
	bytes_init(&all, 65536);
	for (i = 0; i < count; i++) {
		hash_file(&all, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	ck_assert(all.err == ERR_NONE);
	digest_sha256(bytes_as_view(&all), out);
	bytes_release(&all);
}
