#define _GNU_SOURCE /* fopencookie, syscall */
#include "tests/fault/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* clang-format off */
const struct shim_fault shim_faults[] = {
	{"malloc",        SHIM_MALLOC,   ENOMEM, false},
	{"open",          SHIM_OPEN,     EMFILE, false},
	{"read",          SHIM_READ,     EIO,    false},
	{"write",         SHIM_WRITE,    EIO,    false},
	{"write-full",    SHIM_WRITE,    ENOSPC, true},
	{"pwrite",        SHIM_PWRITE,   EIO,    true},
	{"pwrite-full",   SHIM_PWRITE,   ENOSPC, true},
	{"sync",          SHIM_SYNC,     EIO,    false},
	{"sync-folder",   SHIM_SYNC_FOLDER, EIO, false},
	{"truncate",      SHIM_TRUNCATE, EIO,    false},
	{"rename",        SHIM_RENAME,   EIO,    false},
	{"step",          SHIM_STEP,     SQLITE_IOERR_READ, false},
	{"step-full",     SHIM_STEP,     SQLITE_FULL, false},
};
/* clang-format on */
const unsigned shim_faults_count = sizeof(shim_faults) / sizeof(*shim_faults);

static struct {
	const struct shim_fault *fault;
	uint64_t nth;
	_Atomic uint64_t calls; /* by any thread */
	bool is_for_good;
	bool is_on;
	bool has_failed;
	_Atomic int64_t live;
	shim_note_fn listener;
} shim;

void
shim_arm(const struct shim_fault *fault, uint64_t nth, bool for_good)
{
	shim.fault = fault;
	shim.nth = nth;
	shim.calls = 0;
	shim.is_for_good = for_good;
	shim.has_failed = false;
}

void
shim_on(void)
{
	shim.is_on = true;
}

void
shim_off(void)
{
	shim.is_on = false;
}

uint64_t
shim_calls(void)
{
	return shim.calls;
}

bool
shim_has_failed(void)
{
	return shim.has_failed;
}

int64_t
shim_live(void)
{
	return shim.live;
}

void
shim_listen(shim_note_fn listener)
{
	shim.listener = listener;
}

/* Whether this very call must fail; errno is set. */
static bool
must_fail(enum shim_call call)
{
	uint64_t call_number;

	if (!shim.is_on || shim.fault == NULL || shim.fault->call != call)
		return false;
	call_number = ++shim.calls;
	if (shim.nth == 0 || call_number < shim.nth ||
	    (call_number > shim.nth && !shim.is_for_good))
		return false;
	shim.has_failed = true;
	errno = shim.fault->code;
	return true;
}

static void
tell(struct shim_note note)
{
	int number = errno;

	if (shim.listener != NULL)
		shim.listener(&note);
	errno = number;
}

/* ---------------------------------------------------------------- memory */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *memory);
char *__real_strdup(const char *text);
void *__real_sodium_malloc(size_t size);
void __real_sodium_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *memory);
char *__wrap_strdup(const char *text);
void *__wrap_sodium_malloc(size_t size);
void __wrap_sodium_free(void *memory);

static void *
count(void *memory)
{
	shim.live += memory != NULL;
	return memory;
}

void *
__wrap_malloc(size_t size)
{
	return must_fail(SHIM_MALLOC) ? NULL : count(__real_malloc(size));
}

void *
__wrap_calloc(size_t items, size_t size)
{
	return must_fail(SHIM_MALLOC) ? NULL : count(__real_calloc(items, size));
}

void *
__wrap_realloc(void *old, size_t size)
{
	if (must_fail(SHIM_MALLOC))
		return NULL;
	return old == NULL ? count(__real_realloc(old, size)) : __real_realloc(old, size);
}

void
__wrap_free(void *memory)
{
	shim.live -= memory != NULL;
	__real_free(memory);
}

char *
__wrap_strdup(const char *text)
{
	return must_fail(SHIM_MALLOC) ? NULL : count(__real_strdup(text));
}

void *
__wrap_sodium_malloc(size_t size)
{
	return must_fail(SHIM_MALLOC) ? NULL : count(__real_sodium_malloc(size));
}

void
__wrap_sodium_free(void *memory)
{
	shim.live -= memory != NULL;
	__real_sodium_free(memory);
}

/* SQLite asks for a piece's size, so it stands before the piece. */
#define AHEAD 16

static void *
lite_malloc(int size)
{
	char *memory = __wrap_malloc((size_t)size + AHEAD);

	if (memory == NULL)
		return NULL;
	memcpy(memory, &size, sizeof(size));
	return memory + AHEAD;
}

static void
lite_free(void *memory)
{
	if (memory != NULL)
		__wrap_free((char *)memory - AHEAD);
}

static void *
lite_realloc(void *old, int size)
{
	char *memory = __wrap_realloc((char *)old - AHEAD, (size_t)size + AHEAD);

	if (memory == NULL)
		return NULL;
	memcpy(memory, &size, sizeof(size));
	return memory + AHEAD;
}

static int
lite_size(void *memory)
{
	int size = 0;

	if (memory != NULL)
		memcpy(&size, (char *)memory - AHEAD, sizeof(size));
	return size;
}

static int
lite_round(int size)
{
	return (size + 7) & ~7;
}

static int
lite_init(void *context)
{
	(void)context;
	return SQLITE_OK;
}

static void
lite_shutdown(void *context)
{
	(void)context;
}

void
shim_start(void)
{
	static const sqlite3_mem_methods methods = {.xMalloc = lite_malloc,
	    .xFree = lite_free,
	    .xRealloc = lite_realloc,
	    .xSize = lite_size,
	    .xRoundup = lite_round,
	    .xInit = lite_init,
	    .xShutdown = lite_shutdown};

	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK) {
		fprintf(stderr, "SQLite has its memory already\n");
		abort();
	}
}

/* ---------------------------------------------------------------- SQLite */

int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);

int
__wrap_sqlite3_step(sqlite3_stmt *stmt)
{
	return must_fail(SHIM_STEP) ? shim.fault->code : __real_sqlite3_step(stmt);
}

/* ---------------------------------------------------------------- files */

/* Under the C library's names, whatever its headers make of them. */
int shim_open(const char *path, int flags, ...) __asm__("open");
int shim_open64(const char *path, int flags, ...) __asm__("open64");
int shim_close(int fd) __asm__("close");
ssize_t shim_read(int fd, void *data, size_t len) __asm__("read");
ssize_t shim_pread(int fd, void *data, size_t len, off_t at) __asm__("pread");
ssize_t shim_pread64(int fd, void *data, size_t len, off_t at) __asm__("pread64");
ssize_t shim_write(int fd, const void *data, size_t len) __asm__("write");
ssize_t shim_pwrite(int fd, const void *data, size_t len, off_t at) __asm__("pwrite");
ssize_t shim_pwrite64(int fd, const void *data, size_t len, off_t at) __asm__("pwrite64");
int shim_fsync(int fd) __asm__("fsync");
int shim_fdatasync(int fd) __asm__("fdatasync");
int shim_ftruncate(int fd, off_t size) __asm__("ftruncate");
int shim_ftruncate64(int fd, off_t size) __asm__("ftruncate64");
int shim_rename(const char *from, const char *to) __asm__("rename");
int shim_unlink(const char *path) __asm__("unlink");

static int
open_it(const char *path, int flags, mode_t mode)
{
	bool is_new;
	int fd;

	if (must_fail(SHIM_OPEN))
		return -1;
	is_new = (flags & O_CREAT) != 0 && shim.listener != NULL && access(path, F_OK) != 0;
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd >= 0 && is_new)
		tell((struct shim_note){.change = SHIM_CREATED, .fd = fd, .path = path});
	if (fd >= 0 && (flags & O_TRUNC) != 0)
		tell((struct shim_note){.change = SHIM_CUT, .fd = fd});
	return fd;
}

static mode_t
mode_of(int flags, va_list arguments)
{
	return (flags & O_CREAT) != 0 ? (mode_t)va_arg(arguments, unsigned) : 0;
}

int
shim_open(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return open_it(path, flags, mode);
}

int
shim_open64(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return open_it(path, flags, mode);
}

int
shim_close(int fd)
{
	return (int)syscall(SYS_close, fd);
}

ssize_t
shim_read(int fd, void *data, size_t len)
{
	return must_fail(SHIM_READ) ? -1 : syscall(SYS_read, fd, data, len);
}

ssize_t
shim_pread(int fd, void *data, size_t len, off_t at)
{
	return must_fail(SHIM_READ) ? -1 : syscall(SYS_pread64, fd, data, len, at);
}

ssize_t
shim_pread64(int fd, void *data, size_t len, off_t at)
{
	return shim_pread(fd, data, len, at);
}

/* Where a write will begin; negative: in no file. */
static off_t
place_of(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat status;

	if (flags >= 0 && (flags & O_APPEND) != 0)
		return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : -1;
	return lseek(fd, 0, SEEK_CUR);
}

ssize_t
shim_write(int fd, const void *data, size_t len)
{
	off_t at;

	if (must_fail(SHIM_WRITE)) {
		int number = errno;

		if (shim.fault->is_short)
			(void)syscall(SYS_write, fd, data, len / 2);
		errno = number;
		return -1;
	}
	if (shim.listener != NULL && (at = place_of(fd)) >= 0)
		tell((struct shim_note){.change = SHIM_WRITTEN,
		    .fd = fd,
		    .data = data,
		    .len = len,
		    .at = (uint64_t)at});
	return syscall(SYS_write, fd, data, len);
}

ssize_t
shim_pwrite(int fd, const void *data, size_t len, off_t at)
{
	if (must_fail(SHIM_PWRITE)) {
		int number = errno;

		if (shim.fault->is_short)
			(void)syscall(SYS_pwrite64, fd, data, len / 2, at);
		errno = number;
		return -1;
	}
	tell((struct shim_note){
	    .change = SHIM_WRITTEN, .fd = fd, .data = data, .len = len, .at = (uint64_t)at});
	return syscall(SYS_pwrite64, fd, data, len, at);
}

ssize_t
shim_pwrite64(int fd, const void *data, size_t len, off_t at)
{
	return shim_pwrite(fd, data, len, at);
}

static enum shim_call
sync_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) ? SHIM_SYNC_FOLDER : SHIM_SYNC;
}

int
shim_fsync(int fd)
{
	int result = must_fail(sync_of(fd)) ? -1 : (int)syscall(SYS_fsync, fd);

	if (result == 0)
		tell((struct shim_note){.change = SHIM_SYNCED, .fd = fd});
	return result;
}

int
shim_fdatasync(int fd)
{
	int result = must_fail(sync_of(fd)) ? -1 : (int)syscall(SYS_fdatasync, fd);

	if (result == 0)
		tell((struct shim_note){.change = SHIM_SYNCED, .fd = fd});
	return result;
}

int
shim_ftruncate(int fd, off_t size)
{
	if (must_fail(SHIM_TRUNCATE))
		return -1;
	tell((struct shim_note){.change = SHIM_CUT, .fd = fd, .at = (uint64_t)size});
	return (int)syscall(SYS_ftruncate, fd, size);
}

int
shim_ftruncate64(int fd, off_t size)
{
	return shim_ftruncate(fd, size);
}

int
shim_rename(const char *from, const char *to)
{
	if (must_fail(SHIM_RENAME))
		return -1;
	tell((struct shim_note){.change = SHIM_RENAMED, .fd = -1, .path = from, .to = to});
	return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int
shim_unlink(const char *path)
{
	tell((struct shim_note){.change = SHIM_UNLINKED, .fd = -1, .path = path});
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* ---------------------------------------------------------------- streams */

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);

static ssize_t
stream_read(void *cookie, char *data, size_t len)
{
	return shim_read(*(int *)cookie, data, len);
}

static int
stream_seek(void *cookie, off64_t *at, int whence)
{
	off_t now = lseek(*(int *)cookie, *at, whence);

	*at = now;
	return now < 0 ? -1 : 0;
}

static int
stream_close(void *cookie)
{
	int result = shim_close(*(int *)cookie);

	__real_free(cookie);
	return result;
}

/* A file to read: its stream reads through the shim, in small pieces. */
FILE *
__wrap_fopen(const char *path, const char *mode)
{
	static const cookie_io_functions_t functions = {
	    .read = stream_read, .seek = stream_seek, .close = stream_close};
	int *fd;
	FILE *file;

	if (mode[0] != 'r' || strchr(mode, '+') != NULL)
		return __real_fopen(path, mode);
	fd = __real_malloc(sizeof(*fd));
	if (fd == NULL)
		return NULL;
	*fd = shim_open(path, O_RDONLY | O_CLOEXEC);
	file = *fd >= 0 ? fopencookie(fd, mode, functions) : NULL;
	if (file == NULL && *fd >= 0)
		(void)shim_close(*fd);
	if (file == NULL)
		__real_free(fd);
	return file;
}
