#include "base/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err
set_path(struct home *out, const char *first, const char *second)
{
	int len = snprintf(out->path, sizeof(out->path), "%s%s", first, second);

	if (len < 0 || len >= (int)sizeof(out->path))
		return ERR_TOO_LARGE;
	while (len > 1 && out->path[len - 1] == '/')
		out->path[--len] = '\0';
	return ERR_NONE;
}

/* A variable that is set to something. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

enum err
home_resolve(const char *given, struct home *out)
{
	if (given != NULL)
		return given[0] != '\0' ? set_path(out, given, "") : ERR_USAGE;
	if (variable("MALLA_HOME") != NULL)
		return set_path(out, variable("MALLA_HOME"), "");
	if (variable("STATE_DIRECTORY") != NULL)
		return set_path(out, variable("STATE_DIRECTORY"), "");
	if (variable("XDG_DATA_HOME") != NULL)
		return set_path(out, variable("XDG_DATA_HOME"), "/malla");
	if (variable("HOME") != NULL)
		return set_path(out, variable("HOME"), "/.local/share/malla");
	return ERR_USAGE;
}

static void
join(char out[HOME_FILE_MAX], const char *a, const char *b, const char *c, const char *d)
{
	int len = snprintf(out, HOME_FILE_MAX, "%s%s%s%s", a, b, c, d);

	if (len < 0 || len >= HOME_FILE_MAX)
		out[0] = '\0'; /* no such file: whoever opens it is told */
}

void
home_file(const struct home *home, const char *name, char out[HOME_FILE_MAX])
{
	join(out, home->path, "/", name, "");
}

void
home_key(const struct home *home, const char *stem, char out[HOME_FILE_MAX])
{
	join(out, home->path, "/keys/", stem, ".key");
}

void
home_operator_key(const struct home *home, const char *name, char out[HOME_FILE_MAX])
{
	join(out, home->path, "/operators/", name, ".key");
}

enum err
home_read(const char *path, struct bytes *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t chunk[4096];
	enum err err = ERR_NONE;
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;
	while (err == ERR_NONE && (got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			err = ERR_SYSTEM;
		} else {
			bytes_append(out, chunk, (size_t)got);
			err = out->err;
		}
	}
	(void)close(fd);
	return err;
}

static enum err
sync_folder_of(const char *path)
{
	char folder[HOME_FILE_MAX];
	const char *slash = strrchr(path, '/');
	enum err err;
	int fd;

	join(folder, slash != NULL ? path : ".", "", "", "");
	if (slash != NULL)
		folder[slash - path + 1] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_SYSTEM;
	err = fsync(fd) == 0 ? ERR_NONE : ERR_SYSTEM;
	(void)close(fd);
	return err;
}

static enum err
write_all(int fd, struct bytes_view content)
{
	size_t done = 0;
	ssize_t put;

	while (done < content.len) {
		put = write(fd, content.data + done, content.len - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_SYSTEM;
		done += (size_t)put;
	}
	return fsync(fd) == 0 ? ERR_NONE : ERR_SYSTEM;
}

enum err
home_write(const char *path, struct bytes_view content, unsigned mode)
{
	char temporary[HOME_FILE_MAX];
	enum err err;
	int fd;

	join(temporary, path, ".new", "", "");
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return ERR_SYSTEM;
	err = write_all(fd, content);
	if (close(fd) != 0 && err == ERR_NONE)
		err = ERR_SYSTEM;
	if (err == ERR_NONE && rename(temporary, path) != 0)
		err = ERR_SYSTEM;
	if (err == ERR_NONE)
		return sync_folder_of(path);
	(void)unlink(temporary);
	return err;
}
