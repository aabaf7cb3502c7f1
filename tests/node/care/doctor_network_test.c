#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/care/doctor.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_roster.h"

static struct findings findings;
static struct inspection inspection;
static struct doctor doctor;
static int listener;
static char address[64]; /* of the listener: a port of the loopback that somebody has */

static int setup(void **state)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    (void)state;

    findings_init(&findings);
    inspection = (struct inspection){.dir = "/data", .findings = &findings};
    config_init(&inspection.config);
    doctor = (struct doctor){.inspection = &inspection};
    listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&name, &size), 0);
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)ntohs(name.sin_port));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(listener);
    findings_release(&findings);
    return 0;
}

static void a_port_that_somebody_has_is_taken_while_the_node_is_stopped(void **state)
{
    (void)state;
    snprintf(inspection.config.listen, sizeof inspection.config.listen, "tcp://%s", address);
    doctor_ports(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_PORT_TAKEN), 1);
}

static void the_same_port_is_right_while_it_runs_and_silence_is_told(void **state)
{
    (void)state;
    doctor.is_running = true;
    snprintf(inspection.config.http, sizeof inspection.config.http, "%s", address);
    doctor_ports(&doctor);
    assert_int_equal(findings.total, 0);
    close(listener);
    doctor_ports(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_PORT_SILENT), 1);
}

static void an_address_that_is_none_is_told(void **state)
{
    static const char *const wrong[] = {"tcp://127.0.0.1", "nonsense", "192.0.2.1:9999"};
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(inspection.config.content, sizeof inspection.config.content, "%s", wrong[i]);
        doctor_ports(&doctor);
        assert_int_equal(findings_count(&findings, FINDING_ADDRESS_WRONG), i + 1);
    }
}

/* Takes one connection and answers. */
static const char *answer;
static size_t answer_size;

static void *answer_run(void *unused)
{
    int fd = accept(listener, NULL, NULL);
    char greeting[DOCTOR_GREETING_SIZE];
    (void)unused;

    assert_int_equal(recv(fd, greeting, sizeof greeting, MSG_WAITALL), sizeof greeting);
    assert_int_equal(send(fd, answer, answer_size, MSG_NOSIGNAL), answer_size);
    close(fd);
    return NULL;
}

static void look_while_it_answers(const char *text, size_t size)
{
    pthread_t thread;

    answer = text;
    answer_size = size;
    assert_int_equal(pthread_create(&thread, NULL, answer_run, NULL), 0);
    doctor_uplink(&doctor);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void what_answers_there_must_be_a_node(void **state)
{
    static const char page[] = "HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n this is no node at all";
    static const char node[DOCTOR_GREETING_SIZE] = {(char)0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1, 'C', 'U', 'R', 'V', 'E', 0, 0, 0, 0, 0, 0, 0, 0,
                                                    0, 0, 0, 0, 0, 0, 0, 1};
    static const char open[DOCTOR_GREETING_SIZE] = {(char)0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1, 'N', 'U', 'L', 'L'};
    (void)state;

    snprintf(inspection.config.uplink, sizeof inspection.config.uplink, "tcp://%s", address);
    look_while_it_answers(node, sizeof node);
    assert_int_equal(findings.total, 0);
    look_while_it_answers(page, sizeof page - 1);
    assert_int_equal(findings_count(&findings, FINDING_UPLINK_FOREIGN), 1);
    look_while_it_answers(open, sizeof open);
    assert_int_equal(findings_count(&findings, FINDING_UPLINK_FOREIGN), 2);
    look_while_it_answers(node, 20); /* breaks off */
    assert_int_equal(findings_count(&findings, FINDING_UPLINK_FOREIGN), 3);
    look_while_it_answers("", 0);
    assert_int_equal(findings_count(&findings, FINDING_UPLINK_FOREIGN), 4);
}

static void the_uplink_is_dialled(void **state)
{
    (void)state;
    doctor_uplink(&doctor);
    assert_int_equal(findings.total, 0); /* none is set, none is needed */
    snprintf(inspection.config.uplink, sizeof inspection.config.uplink, "tcp://%s", address);
    close(listener);
    doctor_uplink(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_UPLINK_UNREACHABLE), 1);
    snprintf(inspection.config.uplink, sizeof inspection.config.uplink, "nonsense");
    doctor_uplink(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_ADDRESS_WRONG), 1);
}

/* What the roster says of the node above is tried too: one address that answers is enough. */
static void the_address_of_the_roster_is_tried_too(void **state)
{
    static const char node[DOCTOR_GREETING_SIZE] = {(char)0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1, 'C', 'U', 'R', 'V', 'E', 0, 0, 0, 0, 0, 0, 0, 0,
                                                    0, 0, 0, 0, 0, 0, 0, 1};
    const struct kit_member members[] = {{"hub", NODE_HUB, -1, "", ""}, {"centre", NODE_NATIONAL, 0, "", ""}};
    struct id ids[2];
    (void)state;

    inspection.roster = kit_roster_new(members, 2, ids);
    struct roster_node *hub = (struct roster_node *)(uintptr_t)roster_find(inspection.roster, &ids[0]);
    snprintf(hub->endpoint, sizeof hub->endpoint, "tcp://%s", address);
    inspection.identity.node = ids[1];
    inspection.has_identity = true;
    look_while_it_answers(node, sizeof node); /* none is configured */
    assert_int_equal(findings.total, 0);
    snprintf(inspection.config.uplink, sizeof inspection.config.uplink, "nonsense"); /* it moved */
    look_while_it_answers(node, sizeof node);
    assert_int_equal(findings.total, 0);
    close(listener);
    doctor_uplink(&doctor); /* now both are told */
    assert_int_equal(findings_count(&findings, FINDING_ADDRESS_WRONG), 1);
    assert_int_equal(findings_count(&findings, FINDING_UPLINK_UNREACHABLE), 1);
    inspection.identity.node = ids[0]; /* a hub that was promoted, and still names the one before it, which is lost */
    doctor_uplink(&doctor);
    assert_int_equal(findings.total, 2);
    roster_free(inspection.roster);
}

KIT_TESTS()
{
#define DOCTOR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        DOCTOR_TEST(a_port_that_somebody_has_is_taken_while_the_node_is_stopped),
        DOCTOR_TEST(the_same_port_is_right_while_it_runs_and_silence_is_told),
        DOCTOR_TEST(an_address_that_is_none_is_told),
        DOCTOR_TEST(what_answers_there_must_be_a_node),
        DOCTOR_TEST(the_uplink_is_dialled),
        DOCTOR_TEST(the_address_of_the_roster_is_tried_too),
    };
    return KIT_RUN(tests);
}
