#include "suite.h"

#include <string.h>

#include "cli/names.h"

static const struct {
	const char *a, *b;
	bool alike;
} PAIRS[] = {
    {"Banco del Norte", "banco del norte", true},
    {"Banco del Norte", "Banco-del-Norte", true},
    {"Banco del Norte", "Banc0 del Norte", true},
    {"Banco del Norte", "Banco del N\xc3\xb3rte", true},
    {"Banco del Norte", "Banco del Nortes", true},
    {"Banco del Norte", "Banco del Norle", true},
    {"Banco del Norte", "Banco del Nte", false},
    {"Banco del Norte", "Banco del Sur", false},
    {"modern bank", "rnodern bank", true},
    {"CERT-MX", "CERT-MY", true},
    {"A1", "A2", false}, /* too short to say so */
    {"Telefonica", "Te1efonica", true},
    {"wire", "vvire", true},
};

START_TEST(flags_names_that_look_alike)
{
	size_t i;

	for (i = 0; i < sizeof(PAIRS) / sizeof(*PAIRS); i++) {
		ck_assert_msg(names_look_alike(PAIRS[i].a, PAIRS[i].b) == PAIRS[i].alike, "%s ~ %s",
		    PAIRS[i].a, PAIRS[i].b);
		ck_assert_msg(names_look_alike(PAIRS[i].b, PAIRS[i].a) == PAIRS[i].alike, "%s ~ %s",
		    PAIRS[i].b, PAIRS[i].a);
	}
}
END_TEST

static struct names *
make_names(void)
{
	static struct names names;
	uint32_t i;

	names.count = 3;
	for (i = 0; i < names.count; i++) {
		memset(&names.at[i], 0, sizeof(names.at[i]));
		memset(names.at[i].org.bytes, (int)(0x11 * (i + 1)), sizeof(names.at[i].org.bytes));
	}
	strncpy(names.at[0].name, "Banco Uno", NAME_BYTES_MAX);
	strncpy(names.at[1].name, "Telco Dos", NAME_BYTES_MAX);
	strncpy(names.at[2].name, "Telco Dos", NAME_BYTES_MAX);
	return &names;
}

START_TEST(finds_by_name_prefix_and_fingerprint)
{
	struct names *names = make_names();
	char fingerprint[FINGERPRINT_BYTES];

	ck_assert_ptr_eq(names_find(names, "Banco Uno"), &names->at[0]);
	ck_assert_ptr_eq(names_find(names, "22222222"), &names->at[1]);
	root_fingerprint(&names->at[2].org, fingerprint);
	ck_assert_ptr_eq(names_find(names, fingerprint), &names->at[2]);
}
END_TEST

START_TEST(refuses_what_fits_nobody_or_two)
{
	struct names *names = make_names();

	ck_assert_ptr_null(names_find(names, "Telco Dos"));
	ck_assert_ptr_null(names_find(names, "Banco"));
	ck_assert_ptr_null(names_find(names, "2222222")); /* seven digits are too few */
	ck_assert_ptr_null(names_find(names, "44444444"));
	ck_assert_ptr_null(names_find(names, ""));
}
END_TEST

SUITE_MAIN("cli/names", flags_names_that_look_alike, finds_by_name_prefix_and_fingerprint,
    refuses_what_fits_nobody_or_two)
