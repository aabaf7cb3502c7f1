#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/care/doctor.h"
#include "tests/kit/kit.h"

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

static void the_uplink_is_dialled(void **state)
{
    (void)state;
    doctor_uplink(&doctor);
    assert_int_equal(findings.total, 0); /* none is set, none is needed */
    snprintf(inspection.config.uplink, sizeof inspection.config.uplink, "tcp://%s", address);
    doctor_uplink(&doctor);
    assert_int_equal(findings.total, 0);
    close(listener);
    doctor_uplink(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_UPLINK_UNREACHABLE), 1);
    snprintf(inspection.config.uplink, sizeof inspection.config.uplink, "nonsense");
    doctor_uplink(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_ADDRESS_WRONG), 1);
}

int main(void)
{
#define DOCTOR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        DOCTOR_TEST(a_port_that_somebody_has_is_taken_while_the_node_is_stopped),
        DOCTOR_TEST(the_same_port_is_right_while_it_runs_and_silence_is_told),
        DOCTOR_TEST(an_address_that_is_none_is_told),
        DOCTOR_TEST(the_uplink_is_dialled),
    };
    return KIT_RUN(tests);
}
