/*
 * stix_json: jansson, without the functions whose names base/json has too.
 *
 * In a program that holds both, a call of json_object() would reach the writer of base/ instead
 * of jansson and crash.  Make values with json_pack.
 */
#ifndef MALLA_FORMATS_STIX_JSON_H
#define MALLA_FORMATS_STIX_JSON_H

#include <jansson.h>

#pragma GCC poison json_object json_array json_string json_null

#endif
