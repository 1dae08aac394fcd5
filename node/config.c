#include "node/config.h"

#include <stdio.h>
#include <string.h>

#include "wire/card.h"

#define CONFIG_BYTES_MAX 65536u

struct line {
	unsigned number;
	size_t column; /* of the value, from 1 */
	struct bytes_view key;
	struct bytes_view value;
};

static struct bytes_view
trim(struct bytes_view text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t' ||
				   text.data[text.len - 1] == '\r'))
		text.len--;
	return text;
}

static bool
is_word(struct bytes_view text, const char *word)
{
	return bytes_view_is_equal(text, bytes_view_str(word));
}

static enum err
complain(const struct line *line, const char *expected, char words[256])
{
	(void)snprintf(words, 256, "line %u, column %zu: found '%.*s', expected %s", line->number,
	    line->column, (int)(line->value.len > 60 ? 60 : line->value.len),
	    (const char *)line->value.data, expected);
	return ERR_INVALID;
}

static enum err
take_listen(const struct line *line, struct config *config, char words[256])
{
	if (!card_is_endpoint(line->value) || line->value.len > ENDPOINT_BYTES_MAX)
		return complain(line, "an endpoint such as tcp://192.0.2.1:7001", words);
	if (config->listen_count == ENDPOINTS_MAX)
		return complain(line, "at most 8 endpoints", words);
	memcpy(config->listen[config->listen_count], line->value.data, line->value.len);
	config->listen[config->listen_count++][line->value.len] = '\0';
	return ERR_NONE;
}

static enum err
take_credit(const struct line *line, struct config *config, char words[256])
{
	uint32_t credit = 0;
	size_t i;

	for (i = 0; i < line->value.len && credit <= CREDIT_MAX; i++) {
		if (line->value.data[i] < '0' || line->value.data[i] > '9')
			return complain(line, "a number from 1 to 64", words);
		credit = credit * 10 + (uint32_t)(line->value.data[i] - '0');
	}
	if (credit < 1 || credit > CREDIT_MAX)
		return complain(line, "a number from 1 to 64", words);
	config->credit = credit;
	return ERR_NONE;
}

static enum err
take_log(const struct line *line, struct config *config, char words[256])
{
	if (is_word(line->value, "notice"))
		config->log = LOG_NOTICE;
	else if (is_word(line->value, "info"))
		config->log = LOG_INFO;
	else if (is_word(line->value, "debug"))
		config->log = LOG_DEBUG;
	else
		return complain(line, "notice, info or debug", words);
	return ERR_NONE;
}

static enum err
take_line(struct bytes_view text, unsigned number, struct config *config, char words[256])
{
	struct line line = {.number = number, .column = 1};
	const uint8_t *equals, *comment = text.len > 0 ? memchr(text.data, '#', text.len) : NULL;
	const uint8_t *start = text.data;

	if (comment != NULL)
		text.len = (size_t)(comment - text.data);
	text = trim(text);
	if (text.len == 0)
		return ERR_NONE;
	equals = memchr(text.data, '=', text.len);
	line.value = text;
	line.column = (size_t)(text.data - start) + 1;
	if (equals == NULL)
		return complain(&line, "key = value", words);
	line.key = trim(bytes_view_of(text.data, (size_t)(equals - text.data)));
	line.value = trim(bytes_view_of(equals + 1, text.len - (size_t)(equals - text.data) - 1));
	line.column = (size_t)(line.value.data - start) + 1;
	if (is_word(line.key, "listen"))
		return take_listen(&line, config, words);
	if (is_word(line.key, "credit"))
		return take_credit(&line, config, words);
	if (is_word(line.key, "log"))
		return take_log(&line, config, words);
	line.value = line.key;
	line.column = (size_t)(line.key.data - start) + 1;
	return complain(&line, "listen, credit or log", words);
}

enum err
config_parse(struct bytes_view text, struct config *out, char words[256])
{
	struct config config = {.credit = CREDIT_DEFAULT, .log = LOG_NOTICE};
	unsigned number = 1;
	enum err err = ERR_NONE;

	words[0] = '\0';
	while (text.len > 0 && err == ERR_NONE) {
		const uint8_t *end = memchr(text.data, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.data) : text.len;

		err = take_line(bytes_view_of(text.data, len), number++, &config, words);
		len += end != NULL;
		text = bytes_view_of(text.data + len, text.len - len);
	}
	if (err == ERR_NONE)
		*out = config;
	return err;
}

enum err
config_read(const struct home *home, struct config *out, char words[256])
{
	char path[HOME_FILE_MAX];
	struct bytes text;
	enum err err;

	home_file(home, "config", path);
	bytes_init(&text, CONFIG_BYTES_MAX);
	err = home_read(path, &text);
	if (err == ERR_NONE || err == ERR_NOT_FOUND)
		err = config_parse(bytes_as_view(&text), out, words);
	else
		(void)snprintf(words, 256, "%s", err_text(err));
	bytes_release(&text);
	return err;
}
