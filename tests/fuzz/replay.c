/*
 * replay: hands every file of the folders in argv to a fuzz target, so that `make check`
 * runs the corpora without a fuzzer.  Each file is also cut short at every length.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_BYTES_MAX 300000u

static size_t
replay_file(const char *path)
{
	uint8_t *data, *exact;
	size_t size, cut;
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		return 0;
	data = malloc(INPUT_BYTES_MAX);
	if (data == NULL)
		abort();
	size = fread(data, 1, INPUT_BYTES_MAX, file);
	(void)fclose(file);
	/* long inputs are cut at 512 places only */
	for (cut = 0; cut <= size; cut += size < 512 || cut + size / 512 > size ? 1 : size / 512) {
		/* an exact allocation, so that a sanitizer sees one byte too far */
		exact = malloc(cut == 0 ? 1 : cut);
		if (exact == NULL)
			abort();
		memcpy(exact, data, cut);
		(void)LLVMFuzzerTestOneInput(exact, cut);
		free(exact);
	}
	free(data);
	return 1;
}

int
main(int argc, char **argv)
{
	size_t count = 0;
	int i;

	for (i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);
		struct dirent *entry;
		char path[4096];

		if (folder == NULL) {
			fprintf(stderr, "%s: no such folder\n", argv[i]);
			return 1;
		}
		while ((entry = readdir(folder)) != NULL) {
			if (entry->d_name[0] == '.')
				continue;
			(void)snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
			count += replay_file(path);
		}
		(void)closedir(folder);
	}
	printf("%s: %zu inputs replayed\n", argv[0], count);
	return count == 0;
}
