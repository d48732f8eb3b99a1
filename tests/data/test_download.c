/* Downloads from a server that works correctly: the received data, and downloads that are
 * continued. */
#include "data/download_fixture.h"

static void a_file_arrives_whole(void **state)
{
    attempt *a = attempt_at(state, "plain");
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_file_without_a_sum_is_not_checked(void **state)
{
    attempt *a = attempt_at(state, "plain");
    a->what.md5 = NULL;
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_sum_in_capitals_is_the_same_sum(void **state)
{
    attempt *a = attempt_at(state, "plain");
    char capitals[33];
    for (size_t i = 0; i < sizeof capitals; i++) {
        capitals[i] = (char)(content_md5[i] >= 'a' ? content_md5[i] - 32 : content_md5[i]);
    }
    a->what.md5 = capitals;
    expect(a, NCA_OK, NULL);
}

static void an_older_file_is_replaced(void **state)
{
    attempt *a = attempt_at(state, "plain");
    put(a->path, "old", 3);
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_redirection_is_followed(void **state)
{
    attempt *a = attempt_at(state, "redirect");
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_broken_download_goes_on_where_it_broke_off(void **state)
{
    attempt *a = attempt_at(state, "plain");
    put(a->part, content, 100000);
    expect(a, NCA_OK, NULL);
    assert_int_equal(http_server_last_start(server), 100000);
    expect_whole(a);
}

static void it_goes_on_behind_a_redirection_too(void **state)
{
    attempt *a = attempt_at(state, "redirect");
    put(a->part, content, 100000);
    expect(a, NCA_OK, NULL);
    assert_int_equal(http_server_last_start(server), 100000);
    expect_whole(a);
}

static void a_server_that_ignores_ranges_sends_it_all_again(void **state)
{
    attempt *a = attempt_at(state, "whole");
    put(a->part, "rubbish", 7);
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_part_that_is_the_whole_file_needs_no_byte_more(void **state)
{
    attempt *a = attempt_at(state, "plain");
    put(a->part, content, SIZE);
    unsigned before = http_server_requests(server);
    expect(a, NCA_OK, NULL);
    assert_int_equal(http_server_requests(server), before + 1);
    expect_whole(a);
}

static void a_part_that_is_too_long_is_begun_again(void **state)
{
    attempt *a = attempt_at(state, "plain");
    uint8_t *long_part = calloc(1, SIZE + 10);
    put(a->part, long_part, SIZE + 10);
    free(long_part);
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void another_part_than_asked_for_is_not_glued_on(void **state)
{
    attempt *a = attempt_at(state, "other-part");
    put(a->part, content, 100);
    expect(a, NCA_OK, NULL);
    assert_int_equal(http_server_last_start(server), 0);
    expect_whole(a);
}

static void without_a_sum_a_part_is_not_trusted(void **state)
{
    attempt *a = attempt_at(state, "plain");
    put(a->part, "rubbish", 7);
    a->what.md5 = NULL;
    expect(a, NCA_OK, NULL);
    assert_int_equal(http_server_last_start(server), 0);
    expect_whole(a);
}

static void a_slow_server_is_waited_for(void **state)
{
    attempt *a = attempt_at(state, "trickle");
    a->what.patience = 1; /* it takes longer, but is never silent for that long */
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_arrives_whole),
        TEST(a_file_without_a_sum_is_not_checked),
        TEST(a_sum_in_capitals_is_the_same_sum),
        TEST(an_older_file_is_replaced),
        TEST(a_redirection_is_followed),
        TEST(a_broken_download_goes_on_where_it_broke_off),
        TEST(it_goes_on_behind_a_redirection_too),
        TEST(a_server_that_ignores_ranges_sends_it_all_again),
        TEST(a_part_that_is_the_whole_file_needs_no_byte_more),
        TEST(a_part_that_is_too_long_is_begun_again),
        TEST(another_part_than_asked_for_is_not_glued_on),
        TEST(without_a_sum_a_part_is_not_trusted),
        TEST(a_slow_server_is_waited_for),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
