#define _DEFAULT_SOURCE
#include "cli/passphrase.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "crypto/digest.h"

void
passphrase_init(struct passphrase *passphrase)
{
	passphrase->len = 0;
	digest_lock(passphrase, sizeof(*passphrase));
}

void
passphrase_wipe(struct passphrase *passphrase)
{
	digest_wipe(passphrase, sizeof(*passphrase));
}

struct bytes_view
passphrase_view(const struct passphrase *passphrase)
{
	return bytes_view_of(passphrase->text, passphrase->len);
}

static void
take(struct passphrase *passphrase, int fd)
{
	ssize_t got = read(fd, passphrase->text, sizeof(passphrase->text));

	passphrase->len = got > 0 ? (size_t)got : 0;
	while (passphrase->len > 0 && (passphrase->text[passphrase->len - 1] == '\n' ||
					  passphrase->text[passphrase->len - 1] == '\r'))
		passphrase->len--;
}

enum err
passphrase_ask(struct passphrase *passphrase, const char *prompt)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	struct termios before, quiet;
	char path[4096];
	int fd;

	if (folder != NULL &&
	    snprintf(path, sizeof(path), "%s/malla-passphrase", folder) < (int)sizeof(path)) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			take(passphrase, fd);
			(void)close(fd);
			return passphrase->len > 0 ? ERR_NONE : ERR_REFUSED;
		}
	}
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || tcgetattr(fd, &before) != 0) {
		if (fd >= 0)
			(void)close(fd);
		return ERR_REFUSED;
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	(void)!write(fd, prompt, strlen(prompt));
	take(passphrase, fd);
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	(void)!write(fd, "\n", 1);
	(void)close(fd);
	return passphrase->len > 0 ? ERR_NONE : ERR_REFUSED;
}
