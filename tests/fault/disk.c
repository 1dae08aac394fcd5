#define _DEFAULT_SOURCE /* readlink */
#include "tests/fault/disk.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/home.h"
#include "crypto/digest.h"

#define NAME_BYTES 32u
#define FILE_BYTES_MAX (1u << 29)
#define FOLDER UINT32_MAX /* synced, but no file of it */

struct names {
	uint32_t count;
	struct {
		char name[NAME_BYTES];
		uint32_t file;
	} at[DISK_FILES_MAX];
};

static struct {
	char folder[256];
	disk_before_fn tell;
	struct names before, now; /* when it began; as the process sees it */
	uint32_t files_count;
	struct bytes before_content[DISK_FILES_MAX];
	uint32_t count;
	struct disk_entry entries[DISK_ENTRIES_MAX];
	struct names image_names;
	struct bytes image[DISK_FILES_MAX];
} disk;

static void
need(bool is_so, const char *what)
{
	if (!is_so) {
		fprintf(stderr, "disk: %s\n", what);
		abort();
	}
}

/* ---------------------------------------------------------------- names */

static uint32_t
names_find(const struct names *names, const char *name)
{
	uint32_t i;

	for (i = 0; i < names->count && strcmp(names->at[i].name, name) != 0; i++)
		continue;
	return i;
}

static void
names_set(struct names *names, const char *name, uint32_t file)
{
	uint32_t i = names_find(names, name);

	need(i < DISK_FILES_MAX, "too many names");
	names->count += i == names->count;
	(void)snprintf(names->at[i].name, NAME_BYTES, "%s", name);
	names->at[i].file = file;
}

static void
names_remove(struct names *names, const char *name)
{
	uint32_t i = names_find(names, name);

	if (i < names->count)
		names->at[i] = names->at[--names->count];
}

/* Files that every start makes anew say nothing. */
static bool
is_followed(const char *name)
{
	const char *end = strrchr(name, '.');

	return strcmp(name, "store.db-shm") != 0 && strcmp(name, "api.sock") != 0 &&
	       (end == NULL || strcmp(end, ".lock") != 0);
}

/* The name below the folder; false: elsewhere, or not followed. */
static bool
name_of(const char *path, char name[NAME_BYTES])
{
	size_t len = strlen(disk.folder);
	const char *rest = path + len + 1;

	if (strncmp(path, disk.folder, len) != 0 || path[len] != '/' || strchr(rest, '/') != NULL ||
	    !is_followed(rest))
		return false;
	need(strlen(rest) < NAME_BYTES, rest);
	(void)snprintf(name, NAME_BYTES, "%s", rest);
	return true;
}

/* What a descriptor is open on: a file, the FOLDER; false: neither. */
static bool
file_of(int fd, uint32_t *file)
{
	char link[64], path[512], name[NAME_BYTES];
	ssize_t len;
	uint32_t i;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return false;
	path[len] = '\0';
	if (strcmp(path, disk.folder) == 0) {
		*file = FOLDER;
		return true;
	}
	if (!name_of(path, name))
		return false;
	i = names_find(&disk.now, name);
	if (i < disk.now.count)
		*file = disk.now.at[i].file;
	return i < disk.now.count;
}

/* ---------------------------------------------------------------- what is told */

static bool
is_of_names(enum shim_change change)
{
	return change == SHIM_CREATED || change == SHIM_RENAMED || change == SHIM_UNLINKED;
}

static void
make_last(uint32_t file, uint32_t sync)
{
	uint32_t i;

	for (i = 0; i < sync; i++) {
		struct disk_entry *entry = &disk.entries[i];
		bool is_meant = file == FOLDER ? is_of_names(entry->change)
					       : !is_of_names(entry->change) && entry->file == file;

		if (is_meant && entry->synced == DISK_NEVER)
			entry->synced = sync;
	}
}

static uint32_t
new_file(void)
{
	need(disk.files_count < DISK_FILES_MAX, "too many files");
	bytes_init(&disk.before_content[disk.files_count], FILE_BYTES_MAX);
	return disk.files_count++;
}

static struct disk_entry *
add_entry(const struct shim_note *note, uint32_t file)
{
	struct disk_entry *entry = &disk.entries[disk.count];

	need(disk.count < DISK_ENTRIES_MAX, "too many changes");
	*entry = (struct disk_entry){
	    .change = note->change, .file = file, .at = note->at, .synced = DISK_NEVER};
	bytes_init(&entry->data, FILE_BYTES_MAX);
	bytes_append(&entry->data, note->data, note->len);
	disk.tell(disk.count++);
	return entry;
}

static void
hear_name(const struct shim_note *note)
{
	char name[NAME_BYTES], to[NAME_BYTES];
	struct disk_entry *entry;
	uint32_t at;

	if (!name_of(note->path, name))
		return;
	if (note->change == SHIM_CREATED)
		names_set(&disk.now, name, new_file());
	at = names_find(&disk.now, name);
	if (at == disk.now.count)
		return; /* it would be removed, and is not there */
	entry = add_entry(note, disk.now.at[at].file);
	memcpy(entry->name, name, sizeof(entry->name));
	if (note->change == SHIM_CREATED)
		return;
	names_remove(&disk.now, name);
	if (note->change == SHIM_RENAMED) {
		need(name_of(note->to, to), "renamed to elsewhere");
		memcpy(entry->to, to, sizeof(entry->to));
		names_set(&disk.now, to, entry->file);
	}
}

static void
hear(const struct shim_note *note)
{
	uint32_t file;

	if (is_of_names(note->change)) {
		hear_name(note);
		return;
	}
	if (!file_of(note->fd, &file) || (file == FOLDER && note->change != SHIM_SYNCED))
		return;
	(void)add_entry(note, file);
	if (note->change == SHIM_SYNCED)
		make_last(file, disk.count - 1);
}

void
disk_start(const char *folder, disk_before_fn before)
{
	DIR *stream = opendir(folder);
	struct dirent *entry;
	char path[512];
	uint32_t file;

	need(stream != NULL, folder);
	memset(&disk, 0, sizeof(disk));
	(void)snprintf(disk.folder, sizeof(disk.folder), "%s", folder);
	disk.tell = before;
	while ((entry = readdir(stream)) != NULL) {
		if (entry->d_type != DT_REG || !is_followed(entry->d_name))
			continue;
		file = new_file();
		names_set(&disk.before, entry->d_name, file);
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		need(home_read(path, &disk.before_content[file]) == ERR_NONE, path);
	}
	(void)closedir(stream);
	disk.now = disk.before;
	for (file = 0; file < DISK_FILES_MAX; file++)
		bytes_init(&disk.image[file], FILE_BYTES_MAX);
	shim_listen(hear);
}

void
disk_stop(void)
{
	shim_listen(NULL);
}

void
disk_release(void)
{
	uint32_t i;

	for (i = 0; i < disk.count; i++)
		bytes_release(&disk.entries[i].data);
	for (i = 0; i < DISK_FILES_MAX; i++) {
		bytes_release(&disk.image[i]);
		bytes_release(&disk.before_content[i]);
	}
	memset(&disk, 0, sizeof(disk));
}

uint32_t
disk_count(void)
{
	return disk.count;
}

const struct disk_entry *
disk_at(uint32_t entry)
{
	return &disk.entries[entry];
}

bool
disk_is_loose(uint32_t entry, uint32_t cut)
{
	return entry < cut && disk.entries[entry].change != SHIM_SYNCED &&
	       (disk.entries[entry].synced == DISK_NEVER || disk.entries[entry].synced >= cut);
}

/* ---------------------------------------------------------------- images */

static void
resize(struct bytes *content, uint64_t size)
{
	static const uint8_t zeros[4096];

	if (content->len > size)
		content->len = (size_t)size;
	while (content->len < size) {
		size_t more = (size_t)size - content->len;

		bytes_append(content, zeros, more < sizeof(zeros) ? more : sizeof(zeros));
		need(content->err == ERR_NONE, "an image is too large");
	}
}

/* Those sectors of a write that reached the disk. */
static void
put_sectors(const struct disk_entry *entry, disk_fate fate)
{
	struct bytes *content = &disk.image[entry->file];
	uint64_t at = entry->at, end = entry->at + entry->data.len, next;
	unsigned sector;

	for (sector = 0; at < end; sector++, at = next) {
		next = (at / DISK_SECTOR + 1) * DISK_SECTOR;
		if (next > end)
			next = end;
		if ((fate >> (sector % 32) & 1) == 0)
			continue;
		if (content->len < next)
			resize(content, next);
		memcpy(
		    content->data + at, entry->data.data + (at - entry->at), (size_t)(next - at));
	}
}

static void
put_name(const struct disk_entry *entry)
{
	if (entry->change == SHIM_CREATED)
		names_set(&disk.image_names, entry->name, entry->file);
	else
		names_remove(&disk.image_names, entry->name);
	if (entry->change == SHIM_RENAMED)
		names_set(&disk.image_names, entry->to, entry->file);
}

void
disk_build(uint32_t cut, const disk_fate *fates, uint32_t names)
{
	uint32_t i;

	disk.image_names = disk.before;
	for (i = 0; i < disk.files_count; i++) {
		bytes_clear(&disk.image[i]);
		bytes_append(
		    &disk.image[i], disk.before_content[i].data, disk.before_content[i].len);
	}
	for (i = 0; i < cut; i++) {
		const struct disk_entry *entry = &disk.entries[i];
		disk_fate fate = disk_is_loose(i, cut) ? fates[i] : DISK_WHOLE;

		if (is_of_names(entry->change)) {
			if (i < names || !disk_is_loose(i, cut))
				put_name(entry);
		} else if (entry->change == SHIM_WRITTEN) {
			put_sectors(entry, fate);
		} else if (entry->change == SHIM_CUT && (fate & 1) != 0) {
			resize(&disk.image[entry->file], entry->at);
		}
	}
}

void
disk_hash(struct hash *out)
{
	struct bytes all;
	struct hash hash;
	uint32_t i;

	bytes_init(&all, DISK_FILES_MAX * 128u);
	/* in the order in which files came to be: names move about in their table */
	for (i = 0; i < disk.files_count; i++) {
		uint32_t at;

		for (at = 0; at < disk.image_names.count; at++) {
			if (disk.image_names.at[at].file != i)
				continue;
			digest_sha256(bytes_as_view(&disk.image[i]), &hash);
			bytes_append(&all, disk.image_names.at[at].name, NAME_BYTES);
			bytes_append(&all, hash.bytes, sizeof(hash.bytes));
		}
	}
	digest_sha256(bytes_as_view(&all), out);
	bytes_release(&all);
}

void
disk_write(const char *folder)
{
	char path[512];
	uint32_t i;

	for (i = 0; i < disk.image_names.count; i++) {
		const struct bytes *content = &disk.image[disk.image_names.at[i].file];
		int fd;

		(void)snprintf(path, sizeof(path), "%s/%s", folder, disk.image_names.at[i].name);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		need(fd >= 0, path);
		need(write(fd, content->data, content->len) == (ssize_t)content->len, path);
		(void)close(fd);
	}
}
