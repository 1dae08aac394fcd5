/*
 * suite: one Check suite per test program, from a list of tests.
 *
 *     START_TEST(refuses_it_cut_short) { ... } END_TEST
 *     SUITE_MAIN("wire/reader", refuses_it_cut_short, ...)
 */
#ifndef MALLA_TESTS_SUITE_H
#define MALLA_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

#define SUITE_MAIN(name, ...) \
	int main(void) \
	{ \
		const TTest *const tests[] = {__VA_ARGS__}; \
		Suite *suite = suite_create(name); \
		TCase *tcase = tcase_create(name); \
		SRunner *runner; \
		int failed; \
		size_t i; \
		tcase_set_timeout(tcase, 120); \
		for (i = 0; i < sizeof(tests) / sizeof(*tests); i++) \
			tcase_add_test(tcase, tests[i]); \
		suite_add_tcase(suite, tcase); \
		runner = srunner_create(suite); \
		srunner_run_all(runner, CK_NORMAL); \
		failed = srunner_ntests_failed(runner); \
		srunner_free(runner); \
		return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE; \
	}

#endif
