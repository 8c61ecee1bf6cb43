namespace MessagingModels.Tests.Log;

/// <summary>The life of a transaction, which all providers share.</summary>
public sealed class ProducerTransactionTests
{
    private static readonly GroupMembership s_group = new("group", "member", 1, null);

    [Fact]
    public async Task Commit_that_failed_leaves_the_transaction_open_for_an_abort()
    {
        Steps producer = new() { Failure = new LogException(LogErrorCode.RequestTimedOut, "late") };
        ProducerTransaction transaction = new(producer);

        await Assert.ThrowsAsync<LogException>(() => transaction.CommitAsync().AsTask());
        Assert.True(transaction.IsOpen);
        producer.Failure = null;
        await transaction.AbortAsync();
        Assert.False(transaction.IsOpen);
        Assert.Equal(["commit", "abort"], producer.Done);
    }

    [Fact]
    public async Task Transaction_ends_once()
    {
        Steps producer = new();
        ProducerTransaction transaction = new(producer);
        await transaction.CommitAsync();
        await transaction.DisposeAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.CommitAsync().AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.AbortAsync().AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.SendOffsetsAsync([], s_group).AsTask());
        Assert.Equal(["commit"], producer.Done);
    }

    [Fact]
    public async Task Disposal_aborts_and_does_not_tell_of_a_producer_that_was_fenced()
    {
        Steps producer = new() { Failure = new LogException(LogErrorCode.ProducerFenced, "fenced") };
        ProducerTransaction transaction = new(producer);
        await transaction.DisposeAsync();

        Assert.False(transaction.IsOpen);
        Assert.Equal(["abort"], producer.Done);
    }

    private sealed class Steps : ITransactionSteps
    {
        public List<string> Done { get; } = [];

        public LogException? Failure { get; set; }

        public ValueTask SendOffsetsAsync(
            IReadOnlyCollection<TopicPartitionOffset> offsets, GroupMembership group, CancellationToken cancellationToken) => Do("offsets");

        public ValueTask EndTransactionAsync(bool commit, CancellationToken cancellationToken) => Do(commit ? "commit" : "abort");

        private ValueTask Do(string what)
        {
            Done.Add(what);
            return Failure is { } failure ? ValueTask.FromException(failure) : ValueTask.CompletedTask;
        }
    }
}
