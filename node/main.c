/*
 * mallad: the node.  See docs/man/mallad.8.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include "base/home.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "node/config.h"
#include "node/supervisor.h"

#define PASSPHRASE_BYTES_MAX 1024u

static void
usage(FILE *to)
{
	fputs("usage: mallad [--home DIR] [--check-config] [--help] [--version]\n"
	      "Runs the node of the organisation in DIR, in the foreground, until SIGTERM.\n"
	      "Make one with: malla init --org NAME --sector SECTOR\n",
	    to);
}

/* One node per home. */
static enum err
take_lock(const struct home *home)
{
	char path[HOME_FILE_MAX];
	int fd;

	home_file(home, "lock", path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_line(LOG_ERROR, "%s: %s; make a home with: malla init", path, strerror(errno));
		return ERR_SYSTEM;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		log_line(LOG_ERROR, "%s: another mallad runs this home", path);
		return ERR_LOCKED;
	}
	return ERR_NONE; /* held as long as the process lives */
}

/* From the systemd credential, or from a terminal without echo. */
static enum err
read_passphrase(uint8_t *buffer, size_t *len)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[4096] = "/dev/tty";
	struct termios before, quiet;
	bool is_terminal;
	ssize_t got;
	int fd;

	if (folder != NULL &&
	    snprintf(path, sizeof(path), "%s/malla-passphrase", folder) >= (int)sizeof(path))
		return ERR_TOO_LARGE;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		log_line(LOG_ERROR, "the keys ask for a passphrase: no terminal, and no credential "
				    "'malla-passphrase'");
		return ERR_SYSTEM;
	}
	is_terminal = tcgetattr(fd, &before) == 0;
	if (is_terminal) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(fd, TCSAFLUSH, &quiet);
		(void)!write(fd, "Passphrase: ", 12);
	}
	got = read(fd, buffer, PASSPHRASE_BYTES_MAX);
	if (is_terminal) {
		(void)tcsetattr(fd, TCSAFLUSH, &before);
		(void)!write(fd, "\n", 1);
	}
	(void)close(fd);
	while (got > 0 && (buffer[got - 1] == '\n' || buffer[got - 1] == '\r'))
		got--;
	*len = got > 0 ? (size_t)got : 0;
	return got > 0 ? ERR_NONE : ERR_SYSTEM;
}

static enum err
get_passphrase(const struct home *home, uint8_t *buffer, size_t *len)
{
	char path[HOME_FILE_MAX];
	bool is_locked = false;
	enum err err;

	*len = 0;
	home_key(home, key_purpose_name(KEY_SIGN), path);
	err = keyfile_is_locked(path, &is_locked);
	if (err != ERR_NONE) {
		log_line(LOG_ERROR, "%s: %s; make a home with: malla init", path,
		    err == ERR_SYSTEM ? strerror(errno) : err_text(err));
		return err;
	}
	return is_locked ? read_passphrase(buffer, len) : ERR_NONE;
}

static enum err
run(const struct home *home, bool check_only, int *code)
{
	static uint8_t passphrase[PASSPHRASE_BYTES_MAX];
	struct config config;
	char words[256];
	size_t len;
	enum err err = config_read(home, &config, words);

	if (err != ERR_NONE) {
		log_line(LOG_ERROR, "%s/config: %s", home->path, words);
		return err;
	}
	log_init("mallad", config.log, getenv("JOURNAL_STREAM") != NULL);
	err = digest_start();
	if (err == ERR_NONE && !check_only)
		err = take_lock(home);
	if (err != ERR_NONE || check_only)
		return err;
	digest_lock(passphrase, sizeof(passphrase));
	err = get_passphrase(home, passphrase, &len);
	if (err == ERR_NONE)
		*code = supervisor_run(home, &config, bytes_view_of(passphrase, len));
	digest_wipe(passphrase, sizeof(passphrase));
	return err;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"home", required_argument, NULL, 'd'},
	    {"check-config", no_argument, NULL, 'c'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'},
	    {NULL, 0, NULL, 0},
	};
	const char *given = NULL;
	bool check_only = false;
	struct home home;
	int option, code = 0;
	enum err err;

	log_init("mallad", LOG_NOTICE, getenv("JOURNAL_STREAM") != NULL);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h' || option == 'v') {
			if (option == 'h')
				usage(stdout);
			else
				puts("mallad " MALLA_VERSION);
			return 0;
		}
		if (option != 'd' && option != 'c') {
			usage(stderr);
			return err_exit_code(ERR_USAGE);
		}
		given = option == 'd' ? optarg : given;
		check_only = check_only || option == 'c';
	}
	err = optind == argc ? home_resolve(given, &home) : ERR_USAGE;
	if (err != ERR_NONE) {
		usage(stderr);
		return err_exit_code(err);
	}
	err = run(&home, check_only, &code);
	return err == ERR_NONE ? code : err_exit_code(err);
}
