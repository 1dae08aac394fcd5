/*
 * The corpus: files that nobody here wrote.  Nothing of it is in the project; $MALLA_CORPUS
 * says where it is.  Every file is imported, and every object, row and line that it offers,
 * counted here by other means, must have become something or been refused.
 */
#include <dirent.h>
#include <jansson.h>
#include <sys/stat.h>
#include <time.h>

#include "formats/csv.h"
#include "formats/detect.h"
#include "formats/list.h"
#include "formats/stix.h"
#include "tests/unit/formats_fixture.h"

#define PATH_BYTES 1024
#define FOLDERS_MAX 64
#define QUEUE_MAX 2048

struct folder {
	char name[64];
	uint64_t files, offered, understood, kept, refused, left_out, indicators;
};

static struct folder folders[FOLDERS_MAX];
static uint32_t folders_count;

struct count {
	struct drafts drafts;
	struct record record;
	uint64_t indicators, drafts_count;
	bool is_without_header;
};

static enum err
count_draft(void *context, struct bytes_view draft, const struct draft_place *place)
{
	struct count *count = context;
	enum err err = record_decode(draft, true, &count->record, NULL);

	ck_assert_msg(err == ERR_NONE, "line %llu, id %.*s: a draft that no node takes: %s",
	    (unsigned long long)place->line, (int)place->id.len, (const char *)place->id.data,
	    err_name(err));
	count->drafts_count++;
	count->indicators += count->record.kind == RECORD_INDICATOR;
	return ERR_NONE;
}

static void
count_note(void *context, const struct draft_place *place, enum reason reason, const char *words)
{
	struct count *count = context;

	ck_assert(place->line > 0 || place->id.len > 0);
	ck_assert(words[0] != '\0');
	if (reason == REASON_STORED && strstr(words, "no header") != NULL)
		count->is_without_header = true;
}

/* ---------------------------------------------------------------- what is offered */

static uint64_t
lines_of(struct bytes_view text, bool are_rows)
{
	bool is_quoted = false;
	uint64_t lines = 0;
	size_t i;

	for (i = 0; i < text.len; i++) {
		is_quoted ^= are_rows && text.data[i] == '"';
		lines += text.data[i] == '\n' && !is_quoted;
	}
	return lines + (text.len > 0 && text.data[text.len - 1] != '\n');
}

static uint64_t
objects_of(struct bytes_view text)
{
	json_t *root, *objects;
	uint64_t offered = 1;

	if (text.len > 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		text = bytes_view_of(text.data + 3, text.len - 3);
	root = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	objects = json_object_get(root, "objects");
	if (json_is_array(root))
		offered = json_array_size(root);
	else if (json_is_array(objects) &&
		 (json_object_get(root, "type") == NULL ||
		     strcmp(json_string_value(json_object_get(root, "type")), "bundle") == 0))
		offered = json_array_size(objects) + 1;
	json_decref(root);
	return offered;
}

/* ---------------------------------------------------------------- one file */

static enum format
format_of(struct bytes_view text, const char *path)
{
	return detect_format(bytes_view_of(text.data, text.len < 4096 ? text.len : 4096), path);
}

static void
import_file(const char *path, struct folder *folder)
{
	struct count *count = calloc(1, sizeof(*count));
	FILE *file = fopen(path, "rb");
	struct bytes text;
	struct org_id org = {{1}};
	uint64_t offered = 0, sum;
	enum err err = ERR_NONE;
	uint8_t *room;
	struct stat info;

	ck_assert(count != NULL && file != NULL && fstat(fileno(file), &info) == 0);
	bytes_init(&text, (size_t)info.st_size + 1);
	room = bytes_extend(&text, (size_t)info.st_size);
	ck_assert(info.st_size == 0 || fread(room, 1, text.len, file) == text.len);
	rewind(file);
	ck_assert_int_eq(drafts_init(&count->drafts), ERR_NONE);
	count->drafts.defaults.has_tlp = true;
	ck_assert_int_eq(audience_add_org(&count->drafts.defaults.audience, &org), ERR_NONE);
	count->drafts.put = count_draft;
	count->drafts.note = count_note;
	count->drafts.context = count;
	switch (format_of(bytes_as_view(&text), path)) {
	case FORMAT_STIX:
		offered = objects_of(bytes_as_view(&text));
		err = stix_read(file, &count->drafts);
		break;
	case FORMAT_CSV:
		offered = lines_of(bytes_as_view(&text), true);
		err = csv_read(file, 0, &count->drafts);
		offered -= !count->is_without_header && err == ERR_NONE;
		break;
	case FORMAT_LIST:
		offered = lines_of(bytes_as_view(&text), false);
		err = list_read(file, 0, &count->drafts);
		break;
	case FORMAT_MARKDOWN:
		ck_abort_msg("%s is no Markdown", path);
	}
	ck_assert_msg(err == ERR_NONE || err == ERR_FORMAT, "%s: %s", path, err_name(err));
	sum = count->drafts.understood + count->drafts.kept + count->drafts.refused +
	      count->drafts.left_out;
	ck_assert_msg(sum == offered, "%s: %llu offered, %llu counted (%s)", path,
	    (unsigned long long)offered, (unsigned long long)sum, err_name(err));
	ck_assert_uint_eq(count->drafts_count, count->drafts.understood + count->drafts.kept);
	folder->files++;
	folder->offered += offered;
	folder->understood += count->drafts.understood;
	folder->kept += count->drafts.kept;
	folder->refused += count->drafts.refused;
	folder->left_out += count->drafts.left_out;
	folder->indicators += count->indicators;
	drafts_release(&count->drafts);
	bytes_release(&text);
	(void)fclose(file);
	free(count);
}

/* ---------------------------------------------------------------- all files */

static bool
is_wanted(const char *name)
{
	static const char *const ends[] = {".json", ".csv", ".txt", ".md5", ".sha1", ".sha256"};
	size_t i, len = strlen(name), end;

	if (strstr(name, "LICENSE") != NULL)
		return false;
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		end = strlen(ends[i]);
		if (len > end && strcmp(name + len - end, ends[i]) == 0)
			return true;
	}
	return false;
}

static void
walk(const char *corpus, struct folder *folder)
{
	static char queue[QUEUE_MAX][PATH_BYTES];
	uint32_t count = 1, at;

	(void)snprintf(queue[0], PATH_BYTES, "%s/%s", corpus, folder->name);
	for (at = 0; at < count; at++) {
		DIR *dir = opendir(queue[at]);
		struct dirent *entry;
		char path[PATH_BYTES + 300];
		struct stat info;

		ck_assert_ptr_nonnull(dir);
		while ((entry = readdir(dir)) != NULL) {
			if (entry->d_name[0] == '.')
				continue;
			(void)snprintf(
			    path, sizeof(path), "%.1000s/%.200s", queue[at], entry->d_name);
			ck_assert_int_eq(stat(path, &info), 0);
			if (S_ISDIR(info.st_mode)) {
				ck_assert(count < QUEUE_MAX && strlen(path) < PATH_BYTES);
				memcpy(queue[count++], path, strlen(path) + 1);
			} else if (is_wanted(entry->d_name)) {
				import_file(path, folder);
			}
		}
		(void)closedir(dir);
	}
}

static const struct folder *
folder_named(const char *name)
{
	uint32_t i;

	for (i = 0; i < folders_count; i++) {
		if (strcmp(folders[i].name, name) == 0)
			return &folders[i];
	}
	ck_abort_msg("the corpus has no folder %s", name);
	return NULL;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct folder *)a)->name, ((const struct folder *)b)->name);
}

static void
list_folders(const char *corpus, DIR *dir)
{
	struct dirent *entry;
	char path[PATH_BYTES];
	struct stat info;

	while ((entry = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%.200s", corpus, entry->d_name);
		if (entry->d_name[0] == '.' || stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
			continue;
		ck_assert(folders_count < FOLDERS_MAX && strlen(entry->d_name) < 64);
		memcpy(folders[folders_count++].name, entry->d_name, strlen(entry->d_name) + 1);
	}
	qsort(folders, folders_count, sizeof(*folders), by_name);
}

START_TEST(counts_for_everything_that_real_files_offer)
{
	const char *corpus = getenv("MALLA_CORPUS");
	clock_t start = clock();
	uint32_t i;
	DIR *dir;

	if (corpus == NULL)
		corpus = "../shared/corpus";
	dir = opendir(corpus);
	if (dir == NULL) {
		printf("SKIPPED: formats_corpus_test: no corpus at %s; set MALLA_CORPUS\n", corpus);
		return;
	}
	list_folders(corpus, dir);
	(void)closedir(dir);
	printf("%-20s %6s %8s %10s %6s %8s %8s\n", "folder", "files", "offered", "understood",
	    "kept", "refused", "left out");
	for (i = 0; i < folders_count; i++) {
		struct folder *folder = &folders[i];

		walk(corpus, folder);
		printf("%-20s %6llu %8llu %10llu %6llu %8llu %8llu\n", folder->name,
		    (unsigned long long)folder->files, (unsigned long long)folder->offered,
		    (unsigned long long)folder->understood, (unsigned long long)folder->kept,
		    (unsigned long long)folder->refused, (unsigned long long)folder->left_out);
	}
	printf("%.2f s of CPU\n", (double)(clock() - start) / CLOCKS_PER_SEC);
	ck_assert_uint_ge(folder_named("unit42")->understood, 2000);
	ck_assert_uint_ge(folder_named("talos")->understood, 1500);
	ck_assert_uint_ge(folder_named("maltrail")->understood, 100000);
	ck_assert_uint_ge(folder_named("volexity")->understood, 1300);
	ck_assert_uint_ge(folder_named("eset")->understood, 3900);
	ck_assert_uint_ge(folder_named("unit42")->indicators, 2272);
	ck_assert_uint_ge(folder_named("talos")->indicators, 1645);
	ck_assert_uint_eq(folder_named("csaf_tests")->understood, 0);
}
END_TEST

SUITE_MAIN("formats/corpus", counts_for_everything_that_real_files_offer)
