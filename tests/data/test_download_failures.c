/* Downloads from servers that misbehave: the error messages, and the files left on the disk. */
#include "data/download_fixture.h"

static void a_dropped_connection_keeps_what_came(void **state)
{
    attempt *a = attempt_at(state, "short");
    expect(a, NCA_IO, "150003 of 300007 bytes are kept in");
    expect_part(a, SIZE / 2);
    expect(a, NCA_IO, "the next attempt continues from there");
    assert_int_equal(http_server_last_start(server), SIZE / 2);
    a = attempt_at(state, "plain");
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_longer_promise_than_the_file_is_an_early_end(void **state)
{
    attempt *a = attempt_at(state, "claims-more");
    expect(a, NCA_IO, "the connection was lost");
    expect_part(a, SIZE);
}

static void a_shorter_promise_than_the_file_has_the_wrong_sum(void **state)
{
    attempt *a = attempt_at(state, "claims-less");
    expect(a, NCA_FORMAT, content_md5);
    expect_nothing(a);
}

static void an_early_end_without_a_promise_has_the_wrong_sum(void **state)
{
    attempt *a = attempt_at(state, "unsized");
    expect(a, NCA_FORMAT, "(150003 bytes)");
    expect_nothing(a);
}

static void wrong_bytes_are_removed(void **state)
{
    attempt *a = attempt_at(state, "wrong");
    expect(a, NCA_FORMAT, "but its MD5 checksum is");
    expect_nothing(a);
}

static void wrong_bytes_leave_an_older_file_alone(void **state)
{
    attempt *a = attempt_at(state, "wrong");
    put(a->path, "old", 3);
    expect(a, NCA_FORMAT, NULL);
    assert_int_equal(size_of(a->path), 3);
    assert_int_equal(count_entries(a->folder->path), 1);
}

static void what_the_server_lacks_is_not_found(void **state)
{
    attempt *a = attempt_at(state, "404");
    expect(a, NCA_NOT_FOUND, "the server does not have this file (status 404)");
    expect_nothing(a);
}

static void a_missing_file_leaves_the_part_of_an_earlier_attempt(void **state)
{
    attempt *a = attempt_at(state, "404");
    put(a->part, content, 1000);
    expect(a, NCA_NOT_FOUND, NULL);
    expect_part(a, 1000);
}

static void a_refusal_is_told_with_its_number(void **state)
{
    attempt *a = attempt_at(state, "403");
    expect(a, NCA_IO, "status 403");
    expect_nothing(a);
}

static void a_failing_server_is_worth_another_try(void **state)
{
    attempt *a = attempt_at(state, "500");
    expect(a, NCA_IO, "the server answered with status 500; try again later");
    expect_nothing(a);
    a = attempt_at(state, "503");
    put(a->part, content, 1000);
    expect(a, NCA_IO, "1000 bytes are kept in");
    expect_part(a, 1000);
}

static void redirections_in_circles_end(void **state)
{
    attempt *a = attempt_at(state, "loop");
    expect(a, NCA_IO, "too many redirects");
    expect_nothing(a);
}

static void a_redirection_to_a_file_of_this_machine_is_refused(void **state)
{
    attempt *a = attempt_at(state, "to-file");
    expect(a, NCA_INVALID_ARGUMENT, "only lead to http or https");
    expect_nothing(a);
}

static void a_server_that_falls_silent_is_given_up(void **state)
{
    attempt *a = attempt_at(state, "stall");
    a->what.patience = 1;
    expect(a, NCA_IO, "the server stopped sending");
    expect_part(a, SIZE / 2);
}

static void no_server_at_all_is_told(void **state)
{
    attempt *a = attempt_at(state, "plain");
    a->what.url = "http://127.0.0.1:1/file.bin";
    expect(a, NCA_IO, "check the network connection");
    expect_nothing(a);
}

static void a_name_that_nobody_knows_is_told(void **state)
{
    attempt *a = attempt_at(state, "plain");
    a->what.url = "http://no-such-host.invalid/file.bin";
    expect(a, NCA_IO, "no-such-host.invalid");
    expect_nothing(a);
}

static void other_addresses_are_refused(void **state)
{
    attempt *a = attempt_at(state, "plain");
    a->what.url = "file:///etc/hostname";
    expect(a, NCA_INVALID_ARGUMENT, "begins with https:// or http://");
    a->what.url = "";
    expect(a, NCA_INVALID_ARGUMENT, "begins with https:// or http://");
    expect_nothing(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dropped_connection_keeps_what_came),
        TEST(a_longer_promise_than_the_file_is_an_early_end),
        TEST(a_shorter_promise_than_the_file_has_the_wrong_sum),
        TEST(an_early_end_without_a_promise_has_the_wrong_sum),
        TEST(wrong_bytes_are_removed),
        TEST(wrong_bytes_leave_an_older_file_alone),
        TEST(what_the_server_lacks_is_not_found),
        TEST(a_missing_file_leaves_the_part_of_an_earlier_attempt),
        TEST(a_refusal_is_told_with_its_number),
        TEST(a_failing_server_is_worth_another_try),
        TEST(redirections_in_circles_end),
        TEST(a_redirection_to_a_file_of_this_machine_is_refused),
        TEST(a_server_that_falls_silent_is_given_up),
        TEST(no_server_at_all_is_told),
        TEST(a_name_that_nobody_knows_is_told),
        TEST(other_addresses_are_refused),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
