using MessagingModels.RabbitMq.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MessagingModels.RabbitMq.Tests.Channels;

public sealed class ConfirmWindowTests
{
    private readonly ConfirmWindow _window = new(capacity: 200);

    [Fact]
    public async Task A_confirm_of_several_settles_all_up_to_it_and_no_more()
    {
        Task<PublishOutcome>[] publishes = Begin(100);
        _window.Settle(2, multiple: false, isRefused: false);
        Assert.False(publishes[0].IsCompleted);
        _window.Settle(60, multiple: true, isRefused: false);
        Assert.All(await Task.WhenAll(publishes[..60]), outcome => Assert.Equal(PublishOutcome.Confirmed, outcome));
        Assert.False(publishes[60].IsCompleted);
        Assert.Equal(40, _window.Outstanding);
        _window.Settle(0, multiple: true, isRefused: false);
        Assert.Equal(0, _window.Outstanding);
        await publishes[99];
    }

    [Fact]
    public async Task A_refusal_fails_the_publish_it_names()
    {
        Task<PublishOutcome>[] publishes = Begin(2);
        _window.Settle(1, multiple: false, isRefused: true);
        _window.Settle(2, multiple: false, isRefused: false);
        await Assert.ThrowsAsync<PublishNackedException>(() => publishes[0]);
        Assert.Equal(PublishOutcome.Confirmed, await publishes[1]);
        Assert.Null(_window.TakeUnreported());
    }

    [Fact]
    public void A_refusal_that_nobody_waits_for_is_told_once()
    {
        Assert.True(_window.TryBegin(null, null));
        _window.Settle(1, multiple: false, isRefused: true);
        Assert.IsType<PublishNackedException>(_window.TakeUnreported());
        Assert.Null(_window.TakeUnreported());
    }

    [Fact]
    public async Task A_full_window_waits_until_its_oldest_publish_is_settled()
    {
        Begin(200);
        Assert.False(_window.TryBegin(null, null));
        Task room = _window.WaitForRoomAsync(TestContext.Current.CancellationToken);
        _window.Settle(2, multiple: false, isRefused: false);
        Assert.False(room.IsCompleted);
        _window.Settle(1, multiple: false, isRefused: false);
        await room.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(_window.TryBegin(null, null));
        Assert.True(_window.TryBegin(null, null));
        Assert.False(_window.TryBegin(null, null));
    }

    [Fact]
    public async Task A_flush_waits_for_what_was_begun_before_it()
    {
        Begin(2);
        Task flush = _window.WaitForAllAsync(TestContext.Current.CancellationToken);
        Begin(1);
        _window.Settle(1, multiple: false, isRefused: false);
        Assert.False(flush.IsCompleted);
        _window.Settle(2, multiple: false, isRefused: false);
        await flush.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1, _window.Outstanding);
    }

    [Fact]
    public async Task A_return_belongs_to_the_mandatory_publish_that_looks_the_same()
    {
        Task<PublishOutcome>[] publishes =
        [
            Begin("a", "1", isMandatory: true), Begin("b", "1", isMandatory: false), Begin("b", "1", isMandatory: true), Begin("b", "2", isMandatory: true),
            Begin("b", "1", isMandatory: true),
        ];
        _window.MarkReturned(Returned("b", "1"));
        _window.MarkReturned(Returned("b", "1"));
        _window.Settle(5, multiple: true, isRefused: false);
        Assert.Equal(
            [PublishOutcome.Confirmed, PublishOutcome.Confirmed, PublishOutcome.Returned, PublishOutcome.Confirmed, PublishOutcome.Returned],
            await Task.WhenAll(publishes));
    }

    [Fact]
    public async Task A_lost_connection_fails_what_is_outstanding_and_counting_starts_again()
    {
        Task<PublishOutcome>[] publishes = Begin(3);
        Assert.True(_window.TryBegin(null, null));
        Task flush = _window.WaitForAllAsync(TestContext.Current.CancellationToken);
        _window.Settle(1, multiple: false, isRefused: false);
        _window.Fail(new ConnectionException(ReplyCode.ConnectionForced, "gone"));

        Assert.Equal(PublishOutcome.Confirmed, await publishes[0]);
        await Assert.ThrowsAsync<ConnectionException>(() => publishes[1]);
        await Assert.ThrowsAsync<ConnectionException>(() => publishes[2]);
        await flush.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.IsType<ConnectionException>(_window.TakeUnreported());
        Assert.Throws<ConnectionException>(() => _window.TryBegin(null, null));

        _window.Reset();
        Task<PublishOutcome> next = Assert.Single(Begin(1));
        _window.Settle(1, multiple: false, isRefused: false);
        Assert.Equal(PublishOutcome.Confirmed, await next);
    }

    [Fact]
    public async Task A_publish_that_was_not_sent_leaves_no_number_behind()
    {
        Begin(1);
        _window.Withdraw();
        Assert.Equal(0, _window.Outstanding);
        Task<PublishOutcome> next = Assert.Single(Begin(1));
        _window.Settle(1, multiple: false, isRefused: false);
        Assert.Equal(PublishOutcome.Confirmed, await next);
    }

    private Task<PublishOutcome>[] Begin(int count)
        => [.. Enumerable.Range(0, count).Select(i => Begin("key", $"{i}", isMandatory: false))];

    private Task<PublishOutcome> Begin(string key, string body, bool isMandatory)
    {
        TaskCompletionSource<PublishOutcome> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(_window.TryBegin(completion, isMandatory ? new MandatoryPublish("ex", key, System.Text.Encoding.UTF8.GetBytes(body), null) : null));
        return completion.Task;
    }

    private static BasicReturnEventArgs Returned(string key, string body)
        => new(312, "NO_ROUTE", "ex", key, new BasicProperties(), System.Text.Encoding.UTF8.GetBytes(body));
}
