/* The tables of routes and schema/openapi.json describe the same server. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "node/http/exchange.h"
#include "schema/openapi.h"
#include "tests/kit/kit.h"

enum { PATH_MAX_HERE = 256 };

static const struct {
    const char *name;
    unsigned method;
} methods[] = {{"get", METHODS_READ}, {"post", METHOD_POST}, {"put", METHOD_PUT}, {"delete", METHOD_DELETE}};

static int setup(void **state)
{
    *state = json_loads(openapi_text, 0, NULL);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    json_decref(*state);
    return 0;
}

/* As the server looks (request.c): the first that fits. */
static const struct route *route_of(const struct route *routes, const char *url)
{
    for (; routes->prefix; routes++) {
        size_t length = strlen(routes->prefix);
        bool is_tree = length > 1 && routes->prefix[length - 1] == '/';
        if (is_tree ? strncmp(url, routes->prefix, length) == 0 : strcmp(url, routes->prefix) == 0) {
            return routes;
        }
    }
    return NULL;
}

/* "/a/{b}/c" as somebody would ask for it. */
static void path_fill(const char *path, char out[PATH_MAX_HERE])
{
    size_t size = 0;

    for (; *path; path++) {
        if (*path == '{') {
            path = strchr(path, '}');
            assert_non_null(path);
            out[size++] = 'x';
        } else {
            out[size++] = *path;
        }
        assert_true(size < PATH_MAX_HERE);
    }
    out[size] = '\0';
}

static void every_described_path_is_answered(void **state)
{
    json_t *paths = json_object_get(*state, "paths"), *item;
    const char *path;
    char url[PATH_MAX_HERE];

    json_object_foreach(paths, path, item)
    {
        path_fill(path, url);
        const struct route *tables[] = {route_of(main_routes, url), route_of(content_routes, url)};
        for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
            bool is_taken = false;
            for (size_t k = 0; k < 2; k++) {
                is_taken =
                    is_taken || (tables[k] && (((tables[k]->is_written_only ? 0 : METHODS_READ) | tables[k]->methods) & methods[i].method));
            }
            if (json_object_get(item, methods[i].name) && !is_taken) {
                fail_msg("%s %s is described, and no route takes it", methods[i].name, path);
            }
        }
    }
}

/* Is there a description of this method whose path comes to this route? */
static bool is_described(json_t *paths, const struct route *routes, const struct route *route,
                         const char *method)
{
    const char *path;
    char url[PATH_MAX_HERE];
    json_t *item;

    json_object_foreach(paths, path, item)
    {
        path_fill(path, url);
        if (route_of(routes, url) == route && (!method || json_object_get(item, method))) {
            return true;
        }
    }
    return false;
}

static void every_route_is_described(void **state)
{
    json_t *paths = json_object_get(*state, "paths");
    const struct route *tables[] = {main_routes, content_routes};

    for (size_t k = 0; k < 2; k++) {
        for (const struct route *route = tables[k]; route->prefix; route++) {
            if (!is_described(paths, tables[k], route, NULL)) {
                fail_msg("%s is answered, and not described", route->prefix);
            }
            if (route->is_written_only == is_described(paths, tables[k], route, "get")) {
                fail_msg("%s %s", route->prefix, route->is_written_only ? "is described to be read" : "can be read, which is not described");
            }
            if (strncmp(route->prefix, "/xapi/", 6) == 0) {
                continue; /* each resource says itself which methods it takes: tests/system/pages.sh asks them
                           */
            }
            for (size_t i = 1; i < sizeof methods / sizeof *methods; i++) {
                if ((route->methods & methods[i].method) &&
                    !is_described(paths, tables[k], route, methods[i].name)) {
                    fail_msg("%s takes %s, which is not described", route->prefix, methods[i].name);
                }
            }
        }
    }
}

static void operations_have_names_of_their_own_and_what_they_refer_to(void **state)
{
    json_t *paths = json_object_get(*state, "paths"), *item, *operation, *seen = json_object();
    const char *path, *method, *at = openapi_text;

    json_object_foreach(paths, path, item)
    {
        json_object_foreach(item, method, operation)
        {
            const char *id = json_string_value(json_object_get(operation, "operationId"));
            assert_non_null(id);
            if (json_object_get(seen, id) || !json_object_get(operation, "summary") ||
                !json_object_get(operation, "responses")) {
                fail_msg("%s %s: %s stands twice, or lacks a summary or responses", method, path, id);
            }
            json_object_set_new(seen, id, json_true());
            for (const char *open = strchr(path, '{'); open; open = strchr(open + 1, '{')) {
                char name[64];
                snprintf(name, sizeof name, "%.*s", (int)(strchr(open, '}') - open - 1), open + 1);
                size_t i;
                json_t *parameter, *parameters = json_object_get(operation, "parameters");
                bool is_there = false;
                json_array_foreach(parameters, i, parameter)
                {
                    const char *own = json_string_value(json_object_get(parameter, "name"));
                    is_there = is_there || (own && strcmp(own, name) == 0);
                }
                if (!is_there) {
                    fail_msg("%s %s: the parameter %s is not described", method, path, name);
                }
            }
        }
    }
    json_decref(seen);
    while ((at = strstr(at, "\"#/components/")) != NULL) {
        char kind[32], name[64];
        at += strlen("\"#/components/");
        assert_int_equal(sscanf(at, "%31[^/]/%63[^\"]", kind, name), 2);
        if (!json_object_get(json_object_get(json_object_get(*state, "components"), kind), name)) {
            fail_msg("components/%s/%s is referred to, and not there", kind, name);
        }
    }
}

/* Names of query parameters, each once, with what they may be; "csrf" every API takes. */
static void names_add(json_t *names, const char *name, const char *type)
{
    if (strcmp(name, "csrf") != 0) {
        json_object_set_new(names, name, json_string(type));
    }
}

/* "limit# q": limit a number, q any text; "dry_run?": a switch. */
static void taken_names_add(const char *query, json_t *names)
{
    char name[64];

    for (const char *at = query; *at; at += strcspn(at, " "), at += *at == ' ') {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, " #?"), at);
        const char kind = at[strlen(name)];
        names_add(names, name, kind == '#' ? "integer" : kind == '?' ? "boolean" : "text");
    }
}

static void described_names_add(json_t *item, json_t *names)
{
    const char *method;
    json_t *operation, *parameter;
    size_t i;

    json_object_foreach(item, method, operation)
    {
        json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
        {
            const char *name = json_string_value(json_object_get(parameter, "name"));
            if (name && strcmp(json_string_value(json_object_get(parameter, "in")), "query") == 0) {
                const char *type = json_string_value(json_object_get(json_object_get(parameter, "schema"), "type"));
                names_add(names, name, type && strcmp(type, "string") != 0 ? type : "text");
            }
        }
    }
}

static void an_api_takes_the_parameters_that_are_described(void **state)
{
    json_t *paths = json_object_get(*state, "paths"), *item;
    const char *path;
    char url[PATH_MAX_HERE];

    for (const struct route *route = main_routes; route->prefix; route++) {
        json_t *described = json_object(), *taken = json_object();
        if (strncmp(route->prefix, "/api/", 5) != 0) {
            assert_null(route->query); /* nothing looks at it there */
        }
        json_object_foreach(paths, path, item)
        {
            path_fill(path, url);
            if (strncmp(path, "/api/", 5) == 0 && route_of(main_routes, url) == route) {
                described_names_add(item, described);
            }
        }
        taken_names_add(route->query ? route->query : "", taken);
        if (!json_equal(described, taken)) {
            fail_msg("%s takes '%s', and other parameters are described", route->prefix, route->query ? route->query : "");
        }
        json_decref(described);
        json_decref(taken);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_described_path_is_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(every_route_is_described, setup, teardown),
        cmocka_unit_test_setup_teardown(operations_have_names_of_their_own_and_what_they_refer_to, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_api_takes_the_parameters_that_are_described, setup, teardown),
    };
    return KIT_RUN(tests);
}
