#include <errno.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/import.h"
#include "cli/options.h"
#include "cli/output.h"
#include "formats/csv.h"
#include "formats/detect.h"
#include "formats/list.h"
#include "formats/stix.h"

#define START_BYTES 4096

/* The first bytes tell the format; a file that cannot be rewound must have it named. */
static enum err
look_at(FILE *file, const char *path, enum format *format)
{
	uint8_t start[START_BYTES];
	size_t got = fread(start, 1, sizeof(start), file);

	*format = detect_format(bytes_view_of(start, got), path);
	if (fseek(file, 0, SEEK_SET) != 0)
		return ERR_USAGE;
	return ferror(file) ? ERR_SYSTEM : ERR_NONE;
}

static enum err
read_as(FILE *file, enum format format, enum observable_type type, struct submit *submit)
{
	switch (format) {
	case FORMAT_STIX:
		return stix_read(file, &submit->drafts);
	case FORMAT_CSV:
		return csv_read(file, type, &submit->drafts);
	case FORMAT_LIST:
		return list_read(file, type, &submit->drafts);
	case FORMAT_MARKDOWN:
		cli_complain(
		    _("%s: share it with malla share note or malla share advisory"), submit->file);
		return ERR_REFUSED;
	}
	return ERR_INVALID;
}

int
import_file(
    struct submit *submit, const char *path, const char *format_name, enum observable_type type)
{
	bool is_input = strcmp(path, "-") == 0;
	FILE *file = is_input ? stdin : fopen(path, "rb");
	enum format format = FORMAT_LIST;
	enum err err = ERR_NONE;

	submit->file = path;
	submit->told = 0;
	if (file == NULL) {
		cli_complain("%s: %s", path, strerror(errno));
		return err_exit_code(ERR_SYSTEM);
	}
	if (format_name != NULL)
		(void)detect_parse(format_name, &format);
	else
		err = look_at(file, path, &format);
	if (err == ERR_USAGE)
		cli_complain(_("%s: name its format with --format"), path);
	if (err == ERR_NONE)
		err = read_as(file, format, type, submit);
	if (!is_input)
		(void)fclose(file);
	if (err == ERR_NONE || submit->code != 0)
		return submit->code;
	if (err != ERR_FORMAT && err != ERR_REFUSED)
		return cli_fail(err, path);
	return err_exit_code(err);
}

int
import_run(struct cli *cli)
{
	struct submit_options options = {0};
	const char *format = NULL, *type_name = NULL;
	bool keep_going = false;
	struct option_spec specs[SUBMIT_SPECS_MAX];
	uint32_t count = submit_specs(&options, specs);
	enum observable_type type = 0;
	enum format parsed;
	struct submit *submit;
	int code, first = 0, i;

	specs[count++] = (struct option_spec){"--format", NULL, &format, NULL, NULL};
	specs[count++] = (struct option_spec){"--type", NULL, &type_name, NULL, NULL};
	specs[count++] = (struct option_spec){"--keep-going", &keep_going, NULL, NULL, NULL};
	if (!options_take(cli, specs, count) || cli->argc == 0)
		return cli_usage(cli);
	if ((type_name != NULL && !observable_type_parse(bytes_view_str(type_name), &type)) ||
	    (format != NULL && !detect_parse(format, &parsed))) {
		cli_complain(_("--format is stix, csv or list; --type a type of observable"));
		return err_exit_code(ERR_USAGE);
	}
	code = submit_open(cli, &options, &submit);
	if (code == 0) {
		submit->keep_going = keep_going;
		for (i = 0; i < cli->argc && (first == 0 || keep_going); i++) {
			code = import_file(submit, cli->argv[i], format, type);
			/* what the node refuses of this file keeps it from the next one */
			if (code == 0 && !keep_going && i + 1 < cli->argc)
				code = submit_finish(submit);
			first = first != 0 ? first : code;
		}
		code = submit_finish(submit);
		code = first != 0 ? first : code;
		submit_report(submit);
	}
	submit_close(submit);
	return code;
}
