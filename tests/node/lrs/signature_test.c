#include <stdlib.h>
#include <string.h>

#include "node/lrs/digest.h"
#include "node/lrs/signature.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

/* Made once with openssl: an RSA key of 2048 bits, its self-signed certificate in x5c, KIT_PLAIN("") as the
 * payload. */
static const char rs256[] = "eyJhbGciOiJSUzI1NiIsIng1YyI6WyJNSUlEQVRDQ0FlbWdBd0lCQWdJVVFFdjgzeHZvRDZ3OTgwVmhD"
                            "dy9MRG9WT0MrOHdEUVlKS29aSWh2Y05BUUVMQlFB"
                            "d0R6RU5NQXNHQTFVRUF3d0VWR1Z6ZERBZ0Z3MHlOakV4TWpnd05ERTBOVGhhR0E4eU1USTJNVEV3TkRB"
                            "ME1UUTFPRm93RHpFTk1Bc0dBMVVFQXd3RVZHVnpk"
                            "RENDQVNJd0RRWUpLb1pJaHZjTkFRRUJCUUFEZ2dFUEFEQ0NBUW9DZ2dFQkFLcy84eERMeGo4cHFTM3Vl"
                            "dlhvcDhNZ0EyUFdFa3cyelpwMjY1QzVHWEpTaGlS"
                            "VWhRN0FIVHdFdiszRmt6RFRCRFprQmg0OUtXWkNKajFKbHBiUG8zVVlOOUVFMS95RmtUUWwwcjJTNFQx"
                            "eTVTSUtkUGZqWGtJMXdXS1lWTjFaWW1OUUpTSUM5"
                            "NC81Z256TVYvanNpZ3hkTkQrZkJlL053QlF0elg3TTI5LzZSKzhWZHF3UEJVaDc1MHpCaFdwMzNlbER6"
                            "Yzh4UWdPRVNCdGVDWWNqcHd1ZHJVMm4zdkVkb3Fh"
                            "VmYrMlBoSUhySk1lNnRtRVNCQnczVjhzdXhpTkZtQ2FDNTNWdXJ1UXpvYlJucEJzWTVwZXBJc0w3NG5n"
                            "SU9zYmUvVURDc0lkKytTUHpoVzdyWTlMMEZIL1Fm"
                            "TXVaWk84eHRtNURuZHhWWGlQWEpjOXN3VGNDQXdFQUFhTlRNRkV3SFFZRFZSME9CQllFRk93QkhiRUNh"
                            "SEM5a1NJMGpoWkpnVG1PaHMrUE1COEdBMVVkSXdR"
                            "WU1CYUFGT3dCSGJFQ2FIQzlrU0kwamhaSmdUbU9ocytQTUE4R0ExVWRFd0VCL3dRRk1BTUJBZjh3RFFZ"
                            "SktvWklodmNOQVFFTEJRQURnZ0VCQUR1dzBnSHM0"
                            "NGVMMHNaMkhyYmRBY3pZeGF0UUUxU1V3dW5DSnRsZ0w3ZkNVUXFBT3lCbnMxenRtTVRZWlVHamtQQnJK"
                            "TlhXMElsRlM5Z2c3ODVpSXJsRjVzWjVNbkNpdmRy"
                            "Y0YyaGpRUjJJVllnYXRydEZMd0RyTGxzL2dMVERMb2taVFhXbHNPdTV3elI4dThKTkZvbkIvckhGVThM"
                            "M1hpUmd1OVhFWEZVeHFEMm1DME9mMDBhY0lzMUtD"
                            "WTJEWW1mMEZjUDVvNmptdlp6Sko3QTBoMTBJaStiTFNqM3pFK1dJRURkWnV1YktTbzBHU0tBN3hnR0FQ"
                            "V0M0ZU1zNk8xQk1HRkQ4UHkvZ3c0WG8ycmUzcDI2"
                            "Y3R1RGVMRVlEL0RIVE03WW1LUVpPYnkxUUZ6Nmdrc2JGU3ZCMUVJR0x6d1VaTVR3RVVJV3U1MnZDWnV0"
                            "V2tQMD0iXX0.eyJhY3RvciI6eyJtYm94IjoibWFp"
                            "bHRvOmFAZXhhbXBsZS5jb20ifSwidmVyYiI6eyJpZCI6Imh0dHA6Ly92LmV4YW1wbGUuY29tLzEifSwi"
                            "b2JqZWN0Ijp7ImlkIjoiaHR0cDovL2EuZXhhbXBs"
                            "ZS5jb20vMSJ9fQ.KcGy3v6YQLGHNDr08T56knS0maAavBDFPUNoaGXNm6ajWSOVGCe_"
                            "vdJGqiPCR9BwWcOCs-4dk4UR0uvhqpMIca2oAlZVeXJywmiJTU47i"
                            "LK80MNCapWmW2_ctffPC9T97Cxe0YcJVHhiqT7Ci1FCrRWJ_"
                            "oiqx7f9jRQYiE2Hhn1kPGcV5L9t3U1qXPl941SPvEIB3NTUlrKAMBJ7kOKn5c4oo8B3AQ-wT"
                            "HdHsg80QIb14j7PzWSV1jWvvV-QTjrfLfedaaf3kpNAjtWNlld0LuvP1k-"
                            "1U8pecRwWqzdRc0rob8pOBrukmRSf9G3ZihMnr-7haHtgje7J9rSv2JZdLg";

static const char rs384[] = "eyJhbGciOiJSUzM4NCIsIng1YyI6WyJNSUlEQVRDQ0FlbWdBd0lCQWdJVVFFdjgzeHZvRDZ3OTgwVmhD"
                            "dy9MRG9WT0MrOHdEUVlKS29aSWh2Y05BUUVMQlFB"
                            "d0R6RU5NQXNHQTFVRUF3d0VWR1Z6ZERBZ0Z3MHlOakV4TWpnd05ERTBOVGhhR0E4eU1USTJNVEV3TkRB"
                            "ME1UUTFPRm93RHpFTk1Bc0dBMVVFQXd3RVZHVnpk"
                            "RENDQVNJd0RRWUpLb1pJaHZjTkFRRUJCUUFEZ2dFUEFEQ0NBUW9DZ2dFQkFLcy84eERMeGo4cHFTM3Vl"
                            "dlhvcDhNZ0EyUFdFa3cyelpwMjY1QzVHWEpTaGlS"
                            "VWhRN0FIVHdFdiszRmt6RFRCRFprQmg0OUtXWkNKajFKbHBiUG8zVVlOOUVFMS95RmtUUWwwcjJTNFQx"
                            "eTVTSUtkUGZqWGtJMXdXS1lWTjFaWW1OUUpTSUM5"
                            "NC81Z256TVYvanNpZ3hkTkQrZkJlL053QlF0elg3TTI5LzZSKzhWZHF3UEJVaDc1MHpCaFdwMzNlbER6"
                            "Yzh4UWdPRVNCdGVDWWNqcHd1ZHJVMm4zdkVkb3Fh"
                            "VmYrMlBoSUhySk1lNnRtRVNCQnczVjhzdXhpTkZtQ2FDNTNWdXJ1UXpvYlJucEJzWTVwZXBJc0w3NG5n"
                            "SU9zYmUvVURDc0lkKytTUHpoVzdyWTlMMEZIL1Fm"
                            "TXVaWk84eHRtNURuZHhWWGlQWEpjOXN3VGNDQXdFQUFhTlRNRkV3SFFZRFZSME9CQllFRk93QkhiRUNh"
                            "SEM5a1NJMGpoWkpnVG1PaHMrUE1COEdBMVVkSXdR"
                            "WU1CYUFGT3dCSGJFQ2FIQzlrU0kwamhaSmdUbU9ocytQTUE4R0ExVWRFd0VCL3dRRk1BTUJBZjh3RFFZ"
                            "SktvWklodmNOQVFFTEJRQURnZ0VCQUR1dzBnSHM0"
                            "NGVMMHNaMkhyYmRBY3pZeGF0UUUxU1V3dW5DSnRsZ0w3ZkNVUXFBT3lCbnMxenRtTVRZWlVHamtQQnJK"
                            "TlhXMElsRlM5Z2c3ODVpSXJsRjVzWjVNbkNpdmRy"
                            "Y0YyaGpRUjJJVllnYXRydEZMd0RyTGxzL2dMVERMb2taVFhXbHNPdTV3elI4dThKTkZvbkIvckhGVThM"
                            "M1hpUmd1OVhFWEZVeHFEMm1DME9mMDBhY0lzMUtD"
                            "WTJEWW1mMEZjUDVvNmptdlp6Sko3QTBoMTBJaStiTFNqM3pFK1dJRURkWnV1YktTbzBHU0tBN3hnR0FQ"
                            "V0M0ZU1zNk8xQk1HRkQ4UHkvZ3c0WG8ycmUzcDI2"
                            "Y3R1RGVMRVlEL0RIVE03WW1LUVpPYnkxUUZ6Nmdrc2JGU3ZCMUVJR0x6d1VaTVR3RVVJV3U1MnZDWnV0"
                            "V2tQMD0iXX0.eyJhY3RvciI6eyJtYm94IjoibWFp"
                            "bHRvOmFAZXhhbXBsZS5jb20ifSwidmVyYiI6eyJpZCI6Imh0dHA6Ly92LmV4YW1wbGUuY29tLzEifSwi"
                            "b2JqZWN0Ijp7ImlkIjoiaHR0cDovL2EuZXhhbXBs"
                            "ZS5jb20vMSJ9fQ.fYY9kz6tq6XxbgwF-XWbToT3n9CHa76bdn-4RcAMJ0lvQ4PlW2i58mpMq_"
                            "9pNywcSejlh2cOkx2VSI1kIF36bUOYT6F7rjwm0yOgNloGc"
                            "s6W6L3rpt8c18OS5590k0_kfhygt8PZuwfAq2b1KNrwrKjP8YTKFb6oNt_4OK_pPWFynoSX-"
                            "sPsIAQwtVRnXF5LXZ0bJRSeHpetxWA3ePbduoYxK50T2oCim"
                            "jRn-L21X_nR9bvi0LQ60u8gRa4XSQQiNANzNWUPCAIqHXJ8vRjjb7wP8OHTZ_PUPLug5VOUnoix-"
                            "BWJkwY6Dy2B9CWdzdTMJYRMr-t98LPZWV2OjCLWCg";

static const char rs512[] = "eyJhbGciOiJSUzUxMiIsIng1YyI6WyJNSUlEQVRDQ0FlbWdBd0lCQWdJVVFFdjgzeHZvRDZ3OTgwVmhD"
                            "dy9MRG9WT0MrOHdEUVlKS29aSWh2Y05BUUVMQlFB"
                            "d0R6RU5NQXNHQTFVRUF3d0VWR1Z6ZERBZ0Z3MHlOakV4TWpnd05ERTBOVGhhR0E4eU1USTJNVEV3TkRB"
                            "ME1UUTFPRm93RHpFTk1Bc0dBMVVFQXd3RVZHVnpk"
                            "RENDQVNJd0RRWUpLb1pJaHZjTkFRRUJCUUFEZ2dFUEFEQ0NBUW9DZ2dFQkFLcy84eERMeGo4cHFTM3Vl"
                            "dlhvcDhNZ0EyUFdFa3cyelpwMjY1QzVHWEpTaGlS"
                            "VWhRN0FIVHdFdiszRmt6RFRCRFprQmg0OUtXWkNKajFKbHBiUG8zVVlOOUVFMS95RmtUUWwwcjJTNFQx"
                            "eTVTSUtkUGZqWGtJMXdXS1lWTjFaWW1OUUpTSUM5"
                            "NC81Z256TVYvanNpZ3hkTkQrZkJlL053QlF0elg3TTI5LzZSKzhWZHF3UEJVaDc1MHpCaFdwMzNlbER6"
                            "Yzh4UWdPRVNCdGVDWWNqcHd1ZHJVMm4zdkVkb3Fh"
                            "VmYrMlBoSUhySk1lNnRtRVNCQnczVjhzdXhpTkZtQ2FDNTNWdXJ1UXpvYlJucEJzWTVwZXBJc0w3NG5n"
                            "SU9zYmUvVURDc0lkKytTUHpoVzdyWTlMMEZIL1Fm"
                            "TXVaWk84eHRtNURuZHhWWGlQWEpjOXN3VGNDQXdFQUFhTlRNRkV3SFFZRFZSME9CQllFRk93QkhiRUNh"
                            "SEM5a1NJMGpoWkpnVG1PaHMrUE1COEdBMVVkSXdR"
                            "WU1CYUFGT3dCSGJFQ2FIQzlrU0kwamhaSmdUbU9ocytQTUE4R0ExVWRFd0VCL3dRRk1BTUJBZjh3RFFZ"
                            "SktvWklodmNOQVFFTEJRQURnZ0VCQUR1dzBnSHM0"
                            "NGVMMHNaMkhyYmRBY3pZeGF0UUUxU1V3dW5DSnRsZ0w3ZkNVUXFBT3lCbnMxenRtTVRZWlVHamtQQnJK"
                            "TlhXMElsRlM5Z2c3ODVpSXJsRjVzWjVNbkNpdmRy"
                            "Y0YyaGpRUjJJVllnYXRydEZMd0RyTGxzL2dMVERMb2taVFhXbHNPdTV3elI4dThKTkZvbkIvckhGVThM"
                            "M1hpUmd1OVhFWEZVeHFEMm1DME9mMDBhY0lzMUtD"
                            "WTJEWW1mMEZjUDVvNmptdlp6Sko3QTBoMTBJaStiTFNqM3pFK1dJRURkWnV1YktTbzBHU0tBN3hnR0FQ"
                            "V0M0ZU1zNk8xQk1HRkQ4UHkvZ3c0WG8ycmUzcDI2"
                            "Y3R1RGVMRVlEL0RIVE03WW1LUVpPYnkxUUZ6Nmdrc2JGU3ZCMUVJR0x6d1VaTVR3RVVJV3U1MnZDWnV0"
                            "V2tQMD0iXX0.eyJhY3RvciI6eyJtYm94IjoibWFp"
                            "bHRvOmFAZXhhbXBsZS5jb20ifSwidmVyYiI6eyJpZCI6Imh0dHA6Ly92LmV4YW1wbGUuY29tLzEifSwi"
                            "b2JqZWN0Ijp7ImlkIjoiaHR0cDovL2EuZXhhbXBs"
                            "ZS5jb20vMSJ9fQ.CVEeEr7SVdfwHfHz3rwbSxsk3ZO2oeZC36EQjsnX4IehXvDZY-"
                            "32rNJKBAwb3EbYv2FI1UrrBdM1TUubywu9-KvETrABSlz3DVpH6tt19"
                            "4oZ34ax1WREFwPp8ItTE52oY3x_iqqAVy30kG8D6FXpbFQZ8_uE6z6QwI4KC7_"
                            "CRFX4ZcZuiwc9CwNAcf-j6F7pyOjVHKtR2nEYd6PQVRVC4ggV8DrCgbF7e"
                            "39HhA92dE5dUToeaj9VlqddQT26VGwNr1m0EtXCmJprSqM0YxNBjBV0R9t0E_xk-"
                            "dYoEm7p8flkkX5qAnrUlLsWjaPFZoYVcoP5y7hPrnBRYN1HTu5C7g";

static enum status check(const char *statement, const char *jws)
{
    struct report report;
    struct arena arena;

    report_clear(&report);
    arena_init(&arena, 1024 * 1024);
    enum status status = signature_check(kit_tree(statement), bytes_text(jws), &arena, &report);
    assert_int_equal(report.status, status);
    arena_release(&arena);
    return status;
}

static void signatures_of_the_three_algorithms_are_taken(void **state)
{
    (void)state;
    assert_int_equal(check(KIT_PLAIN(""), rs256), S_OK);
    assert_int_equal(check(KIT_PLAIN(""), rs384), S_OK);
    assert_int_equal(
        check(KIT_PLAIN(",\"id\":\"" KIT_ID(1) "\",\"timestamp\":\"2020-01-01T00:00:00Z\""), rs512), S_OK);
}

static void one_letter_changed_is_refused(void **state)
{
    char jws[sizeof rs256];
    size_t size = strlen(rs256), refused = 0, tried = 0;

    (void)state;
    for (size_t at = 0; at < size; at += 61) {
        strcpy(jws, rs256);
        jws[at] = jws[at] == 'A' ? 'B' : 'A';
        if (strcmp(jws, rs256) != 0) {
            tried++;
            refused += check(KIT_PLAIN(""), jws) == S_INVALID;
        }
    }
    assert_int_equal(refused, tried);
}

static void another_statement_is_refused(void **state)
{
    (void)state;
    assert_int_equal(check(KIT_PLAIN(",\"result\":{\"success\":true}"), rs256), S_INVALID);
    assert_int_equal(
        check(KIT_STATEMENT(KIT_ACTOR, "http://v.example.com/2", "{\"id\":\"http://a.example.com/1\"}", ""),
              rs256),
        S_INVALID);
}

static void what_is_no_signature_is_refused(void **state)
{
    /* {"alg":"HS256"} and {"alg":"none"} with an empty object; broken forms */
    static const char *const bad[] = {"",
                                      ".",
                                      "..",
                                      "a.b.c",
                                      "eyJhbGciOiJIUzI1NiJ9.e30.eA",
                                      "eyJhbGciOiJub25lIn0.e30.eA",
                                      "eyJhbGciOiJSUzI1NiJ9.e30.",
                                      "eyJhbGciOiJSUzI1NiJ9.WzFd.eA",
                                      "eyJhbGciOiJSUzI1NiJ9.e30",
                                      "eyJhbGciOiJSUzI1NiJ9.e30.eA",
                                      "{\"payload\":\"\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(check(KIT_PLAIN(""), bad[i]), S_INVALID);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_of_the_three_algorithms_are_taken),
        cmocka_unit_test(one_letter_changed_is_refused),
        cmocka_unit_test(another_statement_is_refused),
        cmocka_unit_test(what_is_no_signature_is_refused),
    };
    return KIT_RUN(tests);
}
