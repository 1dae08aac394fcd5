/*
 * make_vectors FOLDER: write every file of test vectors there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/vectors/vectors.h"

static int
write_file(const char *folder, const struct vectors_file *file)
{
	struct bytes text;
	char path[1024];
	FILE *out;
	int failed = 1;

	vectors_make(file, &text);
	(void)snprintf(path, sizeof(path), "%s/%s.json", folder, file->name);
	out = fopen(path, "w");
	if (out != NULL) {
		failed = fwrite(text.data, 1, text.len, out) != text.len;
		failed |= fclose(out) != 0;
	}
	if (failed)
		perror(path);
	bytes_release(&text);
	return failed;
}

int
main(int argc, char **argv)
{
	int failed = 0;
	size_t i;

	if (argc != 2) {
		(void)fputs("usage: make_vectors FOLDER\n", stderr);
		return EXIT_FAILURE;
	}
	for (i = 0; i < VECTORS_FILES; i++)
		failed |= write_file(argv[1], &vectors_files[i]);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
