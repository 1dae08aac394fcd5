/*
 * mallad: the node.  See docs/man/mallad.8.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/home.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "node/config.h"
#include "node/core_process.h"
#include "node/keyring.h"
#include "node/link.h"
#include "node/sandbox.h"
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

/* One node per home; the lock is held as long as the descriptor is open somewhere. */
static enum err
take_lock(const struct home *home, int *out)
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
		(void)close(fd);
		return ERR_LOCKED;
	}
	*out = fd;
	return ERR_NONE;
}

/* One line into buffer, its end cut off. */
static enum err
read_line(int fd, uint8_t *buffer, size_t *len)
{
	ssize_t got = read(fd, buffer, PASSPHRASE_BYTES_MAX);

	if (got < 0)
		return ERR_SYSTEM;
	if (got == PASSPHRASE_BYTES_MAX)
		return ERR_TOO_LARGE;
	while (got > 0 && (buffer[got - 1] == '\n' || buffer[got - 1] == '\r'))
		got--;
	*len = (size_t)got;
	return got > 0 ? ERR_NONE : ERR_MISSING;
}

static volatile sig_atomic_t interrupt; /* the signal that came while we asked, or 0 */

static void
on_interrupt(int number)
{
	interrupt = number;
}

/* Without echo; an interrupt leaves the terminal as it was. */
static enum err
ask_terminal(uint8_t *buffer, size_t *len)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action = {.sa_handler = on_interrupt}, old[4];
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios before, quiet;
	enum err err;
	int i;

	if (fd < 0 || tcgetattr(fd, &before) != 0) {
		if (fd >= 0)
			(void)close(fd);
		log_line(LOG_ERROR, "the keys ask for a passphrase: no terminal, and no credential "
				    "'malla-passphrase'");
		return ERR_SYSTEM;
	}
	for (i = 0; i < 4; i++)
		(void)sigaction(numbers[i], &action, &old[i]); /* read is not restarted */
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	(void)!write(fd, "Passphrase: ", 12);
	err = interrupt == 0 ? read_line(fd, buffer, len) : ERR_SYSTEM;
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	(void)!write(fd, "\n", 1);
	(void)close(fd);
	for (i = 0; i < 4; i++)
		(void)sigaction(numbers[i], &old[i], NULL);
	if (interrupt != 0)
		(void)raise(interrupt);
	return err;
}

/* From the systemd credential, else from a terminal. */
static enum err
read_passphrase(uint8_t *buffer, size_t *len)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[4096];
	enum err err;
	int fd;

	if (folder == NULL ||
	    snprintf(path, sizeof(path), "%s/malla-passphrase", folder) >= (int)sizeof(path))
		return ask_terminal(buffer, len);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return ask_terminal(buffer, len);
	err = read_line(fd, buffer, len);
	(void)close(fd);
	if (err != ERR_NONE)
		log_line(LOG_ERROR, "%s: %s", path, err_text(err));
	return err;
}

/* The passphrase, if any key of the node asks for one. */
static enum err
get_passphrase(const struct home *home, uint8_t *buffer, size_t *len)
{
	static const enum key_purpose purposes[] = {
	    KEY_SIGN, KEY_ENVELOPE, KEY_TRANSPORT, KEY_LOG, KEY_WITNESS};
	char path[HOME_FILE_MAX];
	bool is_locked = false, any_locked = false;
	enum err err;
	size_t i;

	*len = 0;
	for (i = 0; i < sizeof(purposes) / sizeof(*purposes); i++) {
		home_key(home, key_purpose_name(purposes[i]), path);
		err = keyfile_is_locked(path, &is_locked);
		if (err != ERR_NONE) {
			log_line(LOG_ERROR, "%s: %s; make a home with: malla init", path,
			    err == ERR_SYSTEM ? strerror(errno) : err_text(err));
			return err;
		}
		any_locked = any_locked || is_locked;
	}
	return any_locked ? read_passphrase(buffer, len) : ERR_NONE;
}

static enum err
run(const struct home *home, bool check_only, int *code)
{
	static uint8_t passphrase[PASSPHRASE_BYTES_MAX];
	struct config config;
	struct supervisor_setup setup = {.home = home,
	    .config = &config,
	    .passphrase = passphrase,
	    .lock_fd = -1,
	    .bodies = {link_run, keyring_run, core_process_run}};
	char words[256];
	enum err err = config_read(home, &config, words);

	if (err != ERR_NONE) {
		log_line(LOG_ERROR, "%s/config: %s", home->path, words);
		return err;
	}
	log_init("mallad", config.log, getenv("JOURNAL_STREAM") != NULL);
	err = digest_start();
	if (err == ERR_NONE && !check_only)
		err = take_lock(home, &setup.lock_fd);
	if (err != ERR_NONE || check_only)
		return err;
	digest_lock(passphrase, sizeof(passphrase));
	err = get_passphrase(home, passphrase, &setup.passphrase_len);
	if (err == ERR_NONE)
		*code = supervisor_run(&setup);
	digest_wipe(passphrase, sizeof(passphrase));
	(void)close(setup.lock_fd);
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
	sandbox_prepare(SANDBOX_SUPERVISOR);
	(void)umask(077); /* the store is ours alone, whatever the shell says */
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
