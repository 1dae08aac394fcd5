/*
 * keep_fault: what must be gone, and what must be let go, while calls fail and the process dies:
 * erasing a record, releasing one from quarantine, and starting on an older copy of the database.
 *
 *     keep_fault [--short] [OPERATION [FAULT|kill NTH]]
 */
#define _DEFAULT_SOURCE
#include "tests/unit/node_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/hex.h"
#include "store/standing.h"
#include "tests/fault/folders.h"
#include "tests/fault/shim.h"
#include "wire/request_keeping.h"

#define SECRET "persona-7731.example"
#define PASSED_CLEAN 10
#define KILLED 11
#define TRIAL_SECONDS 60
#define NTH_MAX 100000u

enum { A };
enum operation { ERASE, RELEASE, RESTORED, OPERATION_COUNT };
enum { PERSONAL, QUARANTINED, KEPT, RECORDS };

static const char *const names[OPERATION_COUNT] = {"erase", "release", "restored"};

static struct {
	struct net *net;
	struct record_id ids[RECORDS];
	struct bytes requests[OPERATION_COUNT];
	char prepared[OPERATION_COUNT][FOLDERS_PATH_MAX];
	bool is_short;
	uint64_t trials, failures;
	uint64_t kill_at; /* change of a file before which the process dies; 0: it does not */
	uint64_t changes;
} run;

/* ---------------------------------------------------------------- before */

static void
make_personal(struct record *record, void *context)
{
	(void)context;
	record->body.text = bytes_view_str("llame a " SECRET);
	ck_err(record_add_text(&record->labels, bytes_view_str(SECRET)), ERR_NONE);
}

static void
encode_request(uint64_t command, const struct record_id *id, struct bytes *out)
{
	struct keep_arguments arguments = {.note = bytes_view_str("a reason")};
	struct request request = {.command = command, .id = {{0xee, (uint8_t)command}}};
	struct bytes items, encoded, act;
	char hex[65];

	hex_encode(id->bytes, sizeof(id->bytes), hex);
	bytes_init(&items, 1024);
	bytes_init(&encoded, 4096);
	bytes_init(&act, 1024);
	ck_err(schema_list_add_bin(&arguments.ids, &items, bytes_view_of(hex, 64)), ERR_NONE);
	ck_err(schema_encode(&request_keeping_schema, &arguments, &encoded), ERR_NONE);
	request.arguments = bytes_as_view(&encoded);
	net_sign_act(run.net, A, &request, run.net->nodes[A].founder, &act);
	request.act = bytes_as_view(&act);
	bytes_init(out, REQUEST_BYTES_MAX);
	ck_err(request_encode(&request, out), ERR_NONE);
	bytes_release(&items);
	bytes_release(&encoded);
	bytes_release(&act);
}

static void
copy_file(const char *from_folder, const char *to_folder, const char *name)
{
	static uint8_t data[8u << 20];
	char path[FOLDERS_PATH_MAX + 32];
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/%s", from_folder, name);
	ck_assert_ptr_nonnull(file = fopen(path, "rb"));
	len = fread(data, 1, sizeof(data), file);
	(void)fclose(file);
	(void)snprintf(path, sizeof(path), "%s/%s", to_folder, name);
	ck_assert_ptr_nonnull(file = fopen(path, "wb"));
	ck_assert_uint_eq(fwrite(data, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static void
quarantine(const struct record_id *id)
{
	struct store *store = run.net->nodes[A].core->store;
	struct standing standing = {.quarantined_ms = 1};
	struct record_row row;

	ck_err(records_get(store, id, &row), ERR_NONE);
	standing.record = row.seq;
	ck_err(store_begin(store), ERR_NONE);
	ck_err(standing_put(store, &standing), ERR_NONE);
	ck_err(store_commit(store), ERR_NONE);
}

static void
keep_folder(enum operation operation)
{
	folders_make(run.prepared[operation]);
	folders_remove(run.prepared[operation]);
	folders_copy(run.net->nodes[A].folder, run.prepared[operation]);
}

/* One node with three records, of which one is in quarantine; and the same after one of them was
   erased and an older database put back. */
static void
prepare(void)
{
	static const char *const titles[RECORDS] = {"about " SECRET, "look at me", "keep me"};
	uint32_t i;

	run.net = net_open(1);
	for (i = 0; i < RECORDS; i++)
		ck_reason(net_share(run.net, A, TLP_GREEN, titles[i],
			      i == PERSONAL ? make_personal : NULL, NULL, &run.ids[i]),
		    REASON_STORED);
	quarantine(&run.ids[QUARANTINED]);
	encode_request(REQUEST_ERASE, &run.ids[PERSONAL], &run.requests[ERASE]);
	encode_request(REQUEST_QUARANTINE_RELEASE, &run.ids[QUARANTINED], &run.requests[RELEASE]);
	net_crash(run.net, A);
	keep_folder(ERASE);
	keep_folder(RELEASE);
	net_start(run.net, A);
	net_ask(run.net, A, NODE_UID, bytes_as_view(&run.requests[ERASE]));
	net_crash(run.net, A);
	keep_folder(RESTORED);
	copy_file(run.prepared[ERASE], run.prepared[RESTORED], "store.db");
}

/* ---------------------------------------------------------------- the operation */

static void
live_in(const char *folder)
{
	struct node *node = &run.net->nodes[A];

	(void)snprintf(node->folder, sizeof(node->folder), "%s", folder);
	ck_err(home_resolve(folder, &node->home), ERR_NONE);
}

static enum err
start(void)
{
	struct node *node = &run.net->nodes[A];
	struct core_setup setup = {.package = bytes_as_view(&node->package),
	    .founder = bytes_as_view(&node->founder_entry),
	    .credit = CREDIT_DEFAULT,
	    .now_ms = run.net->now_ms};
	char path[HOME_FILE_MAX];
	enum err err;

	home_file(&node->home, "store.db", path);
	err = keyring_open(&node->home, bytes_view_of(NULL, 0), &node->keyring);
	if (err != ERR_NONE)
		node->keyring = NULL;
	setup.store_path = path;
	setup.keyring = node->keyring;
	return err == ERR_NONE ? core_open(&setup, &node->core) : err;
}

static enum err
ask(enum operation operation)
{
	struct core_event event = {.type = CORE_REQUEST,
	    .client = 1,
	    .uid = NODE_UID,
	    .bytes = bytes_as_view(&run.requests[operation])};

	return net_try_turn(run.net, A, &event);
}

/* What the last answer says of the one id. */
static enum reason
outcome(void)
{
	struct answer answer = net_answer(run.net);
	struct keep_outcome outcome;
	struct keep_body body;

	if (answer.reason != REASON_STORED)
		return answer.reason;
	ck_err(schema_decode(&request_keeping_body_schema, answer.body, &body), ERR_NONE);
	ck_err(
	    schema_list_next(&body.outcomes, &request_keeping_outcome_schema, &outcome), ERR_NONE);
	return (enum reason)outcome.reason;
}

static void
die_here(const struct shim_note *note)
{
	(void)note;
	if (++run.changes == run.kill_at)
		_exit(KILLED);
}

static enum err
operate(enum operation operation)
{
	enum err err;

	if (operation != RESTORED)
		ck_err(start(), ERR_NONE);
	if (run.kill_at != 0)
		shim_listen(die_here);
	shim_on();
	err = operation == RESTORED ? start() : ask(operation);
	shim_off();
	shim_listen(NULL);
	return err;
}

/* ---------------------------------------------------------------- the verdict */

static bool
is_there(uint32_t record)
{
	struct record_row row;
	enum err err = records_get(run.net->nodes[A].core->store, &run.ids[record], &row);

	ck_assert_msg(err == ERR_NONE || err == ERR_NOT_FOUND, "a record: %s", err_name(err));
	return err == ERR_NONE;
}

static uint64_t
quarantined(void)
{
	return standing_quarantined_count(run.net->nodes[A].core->store);
}

static void
check_batches(void)
{
	struct store *store = run.net->nodes[A].core->store;
	uint64_t records, batches, batch;
	enum err finding = ERR_NONE;

	ck_err(records_totals(store, &records, &batches), ERR_NONE);
	for (batch = 1; batch <= batches; batch++) {
		ck_err(records_verify_batch(store, (int64_t)batch, &finding), ERR_NONE);
		ck_err(finding, ERR_NONE);
	}
	ck_assert_uint_eq(records, (uint64_t)is_there(PERSONAL) + 2);
}

static uint32_t secrets;

static int
count_in_file(const char *path, const struct stat *status, int type, struct FTW *where)
{
	static uint8_t data[8u << 20];
	FILE *file = type == FTW_F ? fopen(path, "rb") : NULL;
	size_t size, at;

	(void)status;
	(void)where;
	if (file == NULL)
		return 0;
	size = fread(data, 1, sizeof(data), file);
	(void)fclose(file);
	for (at = 0; at + strlen(SECRET) <= size; at++)
		secrets += memcmp(data + at, SECRET, strlen(SECRET)) == 0;
	return 0;
}

/* Nothing of it in any file, while the node runs. */
static void
check_gone(void)
{
	ck_assert(!is_there(PERSONAL));
	secrets = 0;
	ck_assert_int_eq(nftw(run.net->nodes[A].folder, count_in_file, 8, FTW_DEPTH | FTW_PHYS), 0);
	ck_assert_msg(secrets == 0, "what was erased stands in the files %u times", secrets);
}

static void
check_end(enum operation operation)
{
	ck_assert(is_there(KEPT) && is_there(QUARANTINED));
	check_batches();
	if (operation == RELEASE) {
		ck_assert_uint_eq(quarantined(), 0);
		ck_assert(is_there(PERSONAL));
		return;
	}
	ck_assert_uint_eq(quarantined(), 1);
	check_gone();
}

/* Whatever befell the operation: it is done or not, as a whole; asked again it is done. */
static void
judge(enum operation operation, bool is_running, bool was_done, bool was_refused)
{
	bool is_over;

	if (!is_running)
		node_close(&run.net->nodes[A]);
	if (!is_running)
		ck_err(start(), ERR_NONE);
	is_over = operation == RELEASE ? quarantined() == 0 : !is_there(PERSONAL);
	ck_assert_msg(!was_done || is_over, "it was answered that it is done, and it is not");
	ck_assert_msg(!was_refused || !is_over, "it was answered that nothing is changed");
	ck_assert_msg(operation != RESTORED || is_over, "an older copy has brought it back");
	check_batches();
	if (operation != RESTORED) {
		ck_err(ask(operation), ERR_NONE);
		/* where the process died between the file of erased ids and the commit, the start
		   has done it, and nobody has answered */
		ck_assert(outcome() == REASON_STORED ||
			  (operation == ERASE && is_over && outcome() == REASON_NOT_FOUND));
	}
	check_end(operation);
	node_close(&run.net->nodes[A]);
	ck_err(start(), ERR_NONE);
	check_end(operation);
	node_close(&run.net->nodes[A]);
}

/* ---------------------------------------------------------------- trials */

static int
live(enum operation operation, const struct shim_fault *fault, uint64_t nth, const char *folder)
{
	bool has_failed, was_done;
	enum err err;

	(void)alarm(TRIAL_SECONDS);
	log_init("trial", (enum log_level)0, 0);
	live_in(folder);
	if (fault != NULL)
		shim_arm(fault, nth, false);
	bytes_clear(&run.net->answer);
	err = operate(operation);
	has_failed = shim_has_failed();
	shim_arm(NULL, 0, false);
	ck_assert_msg(has_failed || err == ERR_NONE, "failed by itself: %s", err_name(err));
	was_done = operation != RESTORED && err == ERR_NONE && outcome() == REASON_STORED;
	/* a failure behind the commit, of what moves the log ahead, ends the process in its next
	 * turn */
	if (err == ERR_NONE && net_try_turn(run.net, A, NULL) != ERR_NONE)
		err = ERR_STORAGE;
	judge(operation,
	    operation == RESTORED ? err == ERR_NONE : err == ERR_NONE || err == ERR_FULL, was_done,
	    err == ERR_FULL && operation != RESTORED);
	return has_failed ? EXIT_SUCCESS : PASSED_CLEAN;
}

static int
in_child(enum operation operation, const struct shim_fault *fault, uint64_t nth, const char *folder,
    bool is_aftermath)
{
	pid_t child;
	int status;

	(void)fflush(NULL);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0 && is_aftermath) {
		(void)alarm(TRIAL_SECONDS);
		log_init("trial", (enum log_level)0, 0);
		live_in(folder);
		ck_err(start(), ERR_NONE);
		judge(operation, true, false, false);
		_exit(EXIT_SUCCESS);
	}
	if (child == 0) {
		run.kill_at = fault == NULL ? nth : 0;
		_exit(live(operation, fault, nth, folder));
	}
	while (waitpid(child, &status, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Whether the operation passed clean.  fault NULL: the process dies. */
static bool
try_one(enum operation operation, const struct shim_fault *fault, uint64_t nth)
{
	char folder[FOLDERS_PATH_MAX];
	int code;

	run.trials++;
	folders_make(folder);
	folders_remove(folder);
	folders_copy(run.prepared[operation], folder);
	code = in_child(operation, fault, nth, folder, false);
	if (fault == NULL && code == KILLED)
		code = in_child(operation, NULL, 0, folder, true);
	folders_remove(folder);
	if (code != EXIT_SUCCESS && code != PASSED_CLEAN) {
		fprintf(stderr, "FAILED (%d): keep_fault %s %s %llu\n", code, names[operation],
		    fault == NULL ? "kill" : fault->name, (unsigned long long)nth);
		run.failures++;
	}
	return code == PASSED_CLEAN;
}

static void
try_fault(enum operation operation, const struct shim_fault *fault, uint64_t only)
{
	uint64_t trials = run.trials, nth = only > 0 ? only : 1;

	while (!try_one(operation, fault, nth) && only == 0 && nth < NTH_MAX)
		nth = run.is_short ? nth * 3 + 1 : nth + 1;
	printf("%-10s %-11s %6llu trials\n", names[operation], fault == NULL ? "kill" : fault->name,
	    (unsigned long long)(run.trials - trials));
	(void)fflush(stdout);
}

static void
try_operation(enum operation operation, const char *wanted, uint64_t only)
{
	unsigned i;

	for (i = 0; i < shim_faults_count; i++) {
		if (wanted == NULL || strcmp(wanted, shim_faults[i].name) == 0)
			try_fault(operation, &shim_faults[i], only);
	}
	if (wanted == NULL || strcmp(wanted, "kill") == 0)
		try_fault(operation, NULL, only);
}

int
main(int argc, char **argv)
{
	const char *wanted = NULL;
	uint64_t only = 0;
	uint32_t operation;

	argv++;
	if (argc > 1 && strcmp(argv[0], "--short") == 0) {
		run.is_short = true;
		argv++;
		argc--;
	}
	if (argc > 2)
		wanted = argv[1];
	if (argc > 3)
		only = strtoull(argv[2], NULL, 10);
	shim_start();
	(void)signal(SIGXFSZ, SIG_IGN);
	prepare();
	for (operation = 0; operation < OPERATION_COUNT; operation++) {
		if (argc < 2 || strcmp(argv[0], names[operation]) == 0)
			try_operation((enum operation)operation, wanted, only);
		folders_remove(run.prepared[operation]);
		bytes_release(&run.requests[operation]);
	}
	net_close(run.net);
	printf("%llu faults, %llu failures\n", (unsigned long long)run.trials,
	    (unsigned long long)run.failures);
	return run.failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
