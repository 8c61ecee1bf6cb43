namespace MessagingModels.Samples.Tests.Lessons;

public sealed class ExchangeLessonTests
{
    [Fact]
    public async Task Direct_routes_by_equal_keys()
        => Assert.Equal(
            [
                "alarm is bound with error; archive with info, warning and error.",
                "Published info, error and debug; the mandatory debug message was Returned.",
                "alarm: error: disk full",
                "archive: info: started",
                "archive: error: disk full",
                "alarm: straight to the queue",
            ],
            await LessonRun.RunAsync("direct"));

    [Fact]
    public async Task Fanout_gives_each_subscriber_a_copy()
        => Assert.Equal(
            [
                "3 subscribers, each with a queue of its own.",
                "Subscriber 1 got: it rains; it rains no more",
                "Subscriber 2 got: it rains; it rains no more",
                "Subscriber 3 got: it rains; it rains no more",
                "The subscribers have gone, and their queues with them.",
            ],
            await LessonRun.RunAsync("fanout"));

    [Fact]
    public async Task Topic_matches_words()
        => Assert.Equal(
            [
                "all orders (order.#): order.de.placed, order.fr.placed, order",
                "all payments (payment.*.*): payment.de.refund, payment.us.card",
                "germany (*.de.#): order.de.placed, payment.de.refund, stock.de",
                "refunds (#.refund): payment.de.refund",
                "everything (#): order.de.placed, order.fr.placed, order, payment.de.refund, payment.us.card, stock.de",
            ],
            (await LessonRun.RunAsync("topic")).Skip(1));

    [Fact]
    public async Task Headers_match_all_or_any()
        => Assert.Equal(
            ["german invoices: invoice (de)", "german or invoice: invoice (de), invoice (fr), letter (de)"],
            (await LessonRun.RunAsync("headers")).Skip(4));

    [Fact]
    public async Task A_slow_worker_holds_no_more_than_its_prefetch()
        => Assert.Equal(
            [
                "Published 6 tasks to a queue with two workers.",
                "The slow worker took one task.",
                "Meanwhile the fast worker did 5.",
                "The slow worker did its 1. Left in the queue: 0.",
            ],
            await LessonRun.RunAsync("work-queue"));

    [Fact]
    public async Task What_is_not_acknowledged_comes_back()
        => Assert.Equal(
            [
                "A worker took 'first' (redelivered: False) and died.",
                "The next worker got 'first' (redelivered: True).",
                "It gave the task back and got 'first' again: order is kept.",
                "It rejected the task for good and got 'second' and 'third'.",
                "Both acknowledged at once; taking another gives nothing.",
                "A worker with automatic acknowledgement died over 'fourth': lost.",
            ],
            await LessonRun.RunAsync("acknowledgements"));

    [Fact]
    public async Task A_task_that_keeps_failing_is_retried_later_and_set_aside()
    {
        IReadOnlyList<string> lines = await LessonRun.RunAsync("dead-letters");

        Assert.Equal(
            [
                "impossible: attempt 1 failed",
                "easy: done, while the other waits for its retry",
                "impossible: attempt 2 failed",
                "impossible: attempt 3 failed",
                "Set aside: impossible, because of delivery_limit, from the queue tasks.",
            ],
            lines);
    }

    [Fact]
    public async Task Higher_priorities_go_first_and_equal_ones_in_turn()
        => Assert.Equal(
            ["a heart attack", "a stroke", "a cut", "another cut", "a cold", "a cough"],
            (await LessonRun.RunAsync("priorities")).Where(line => line.StartsWith("Treated: ", StringComparison.Ordinal)).Select(line => line["Treated: ".Length..]));

    [Fact]
    public async Task Replies_find_their_requests()
        => Assert.Equal(
            ["reply to request 0: 9", "reply to request 1: 144", "reply to request 2: 49"],
            (await LessonRun.RunAsync("rpc")).Skip(3));

    [Fact]
    public async Task One_message_is_work_and_record_alike()
        => Assert.Equal(
            [
                "The kitchen works on: 1 tea for alice",
                "billing reads: order.placed: 1 tea, customer: alice",
                "billing reads: order.paid: 3 EUR, customer: alice",
                "statistics reads: order.placed: 1 tea, customer: alice",
                "statistics reads: order.paid: 3 EUR, customer: alice",
            ],
            (await LessonRun.RunAsync("both-models")).Skip(1));

    [Fact]
    public async Task An_own_exchange_type_routes_and_refuses()
        => Assert.Equal(
            [
                "Binding with 'little': 406 PreconditionFailed",
                "small: 20, 70",
                "large: 300, 70000",
                "audited: 70, 300",
            ],
            (await LessonRun.RunAsync("own-exchange-type")).Skip(3));

    [Fact]
    public async Task The_fixture_serves_a_test()
        => Assert.Contains("The kitchen got: 1 tea", await LessonRun.RunAsync("xunit-fixture"));
}
