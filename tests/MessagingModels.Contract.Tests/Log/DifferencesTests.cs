using System.Diagnostics;
using MessagingModels.Broker;
using MessagingModels.Contract.Tests.Providers;
using MessagingModels.Kafka;
using MessagingModels.Provisioning;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>
/// Where the embedded broker differs from Kafka as both come, without a setting: one test for each row of the README's table. A row goes when its test fails.
/// </summary>
public sealed class DifferencesTests(DifferencesTests.Brokers brokers) : IClassFixture<DifferencesTests.Brokers>
{
    /// <summary>Kafka's default; provisioning would set none.</summary>
    private static readonly TimeSpan s_initialDelay = TimeSpan.FromSeconds(3);

    private readonly string _name = $"difference-{Guid.NewGuid():N}";

    [Fact]
    [KnownDifference(
        "`segment.bytes` below 1 MiB",
        Native = "accepted", Real = "Kafka: refused", Reason = "small logs have small segments")]
    public async Task Small_segments_are_taken_by_the_embedded_broker_alone()
    {
        Assert.Equal(LogErrorCode.None, await CreateAsync(brokers.Native, TopicConfiguration.SegmentBytes, "100000"));
        Assert.Equal(LogErrorCode.InvalidConfig, await CreateAsync(await brokers.GetKafkaAsync(), TopicConfiguration.SegmentBytes, "100000"));
    }

    [Theory]
    [InlineData("flush.messages", "1000")]
    [InlineData("segment.jitter.ms", "1000")]
    [InlineData("preallocate", "true")]
    [InlineData("compression.gzip.level", "9")]
    [KnownDifference(
        "settings of topics beyond those in `TopicConfiguration` (`flush.messages`, `preallocate`, ...)",
        Native = "refused", Real = "Kafka: accepted", Reason = "nothing here acts on them, and a clear error is preferred")]
    public async Task Settings_of_topics_that_nothing_acts_on_are_refused_by_the_embedded_broker_alone(string name, string value)
    {
        Assert.Equal(LogErrorCode.InvalidConfig, await CreateAsync(brokers.Native, name, value));
        Assert.Equal(LogErrorCode.None, await CreateAsync(await brokers.GetKafkaAsync(), name, value));
    }

    [Fact]
    [KnownDifference(
        "sessions of less than 6 s, where no setting says otherwise",
        Native = "down to 100 ms", Real = "Kafka: refused (`group.min.session.timeout.ms`)", Reason = "there is no network in between")]
    public async Task Short_session_is_taken_by_the_embedded_broker_alone()
    {
        Assert.Equal(LogErrorCode.None, await JoinAsync(brokers.Native));
        Assert.Equal(LogErrorCode.InvalidSessionTimeout, await JoinAsync(await brokers.GetKafkaAsync()));
    }

    [Fact]
    [KnownDifference(
        "first rebalance of a group, where no setting says otherwise",
        Native = "at once", Real = "Kafka: 3 s later (`group.initial.rebalance.delay.ms`)", Reason = "members are in one process")]
    public async Task First_rebalance_of_a_group_waits_for_more_members_on_Kafka_alone()
    {
        Assert.Equal(TimeSpan.Zero, new EmbeddedBrokerOptions().GroupInitialRebalanceDelay);
        ILogBroker kafka = await brokers.GetKafkaAsync();
        await kafka.CreateTopicAsync(_name);
        Stopwatch watch = Stopwatch.StartNew();
        await using ILogConsumer member = await kafka.JoinGroupAsync(_name, _name);

        Assert.True(watch.Elapsed > s_initialDelay * 0.9, $"It took {watch.Elapsed}.");
    }

    [Fact]
    [KnownDifference(
        "a fraction spelled as Java does, `0.5f`",
        Native = "refused", Real = "Kafka: accepted", Reason = "Kafka's documents say a number")]
    public async Task Fraction_in_Javas_spelling_is_taken_by_Kafka_alone()
    {
        Assert.Equal(LogErrorCode.InvalidConfig, await CreateAsync(brokers.Native, TopicConfiguration.MinCleanableDirtyRatio, "0.5f"));
        Assert.Equal(LogErrorCode.None, await CreateAsync(await brokers.GetKafkaAsync(), TopicConfiguration.MinCleanableDirtyRatio, "0.5f"));
    }

    [Fact]
    [KnownDifference(
        "a static member that comes back with another subscription",
        Native = "its group rebalances", Real = "Kafka: it has its old partitions until the next rebalance", Reason = "a member reads what it subscribes to")]
    public async Task Static_member_that_returns_with_another_subscription_has_it_on_the_embedded_broker_alone()
    {
        Assert.Equal(_name + "-b", await TopicAfterReturnAsync(brokers.Native));
        Assert.Equal(_name + "-a", await TopicAfterReturnAsync(await brokers.GetKafkaAsync()));
    }

    /// <summary>The topic whose partition a static member has that has subscribed to one, gone, and come back for another.</summary>
    private async Task<string> TopicAfterReturnAsync(ILogBroker log)
    {
        await log.CreateTopicAsync(_name + "-a");
        await log.CreateTopicAsync(_name + "-b");
        ConsumerOptions options = new() { GroupId = _name, GroupInstanceId = "till-1", AssignmentStrategies = [AssignmentStrategy.Range] };
        await using (ILogConsumer member = await log.JoinGroupAsync(options, [_name + "-a"]))
            Assert.Equal(_name + "-a", await SoleTopicAsync(member));
        await using ILogConsumer returned = await log.JoinGroupAsync(options, [_name + "-b"]);
        return await SoleTopicAsync(returned);
    }

    private static async Task<string> SoleTopicAsync(ILogConsumer member)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (member.Assignment.Count == 0) await member.PollAsync(TimeSpan.FromMilliseconds(50), cancellationToken: limit.Token);
        return Assert.Single(member.Assignment).Topic;
    }

    private Task<LogErrorCode> CreateAsync(ILogBroker log, string setting, string value) => OutcomeOfAsync(async () =>
        await log.CreateTopicAsync(new TopicSpecification(_name) { Configuration = new Dictionary<string, string> { [setting] = value } }));

    private Task<LogErrorCode> JoinAsync(ILogBroker log) => OutcomeOfAsync(async () =>
    {
        await log.CreateTopicAsync(_name);
        await using ILogConsumer member = await log.JoinGroupAsync(
            new ConsumerOptions { GroupId = _name, SessionTimeout = TimeSpan.FromSeconds(1), HeartbeatInterval = TimeSpan.FromMilliseconds(200) }, [_name]);
        await member.PollAsync(TimeSpan.FromSeconds(5));
    });

    private static async Task<LogErrorCode> OutcomeOfAsync(Func<Task> call)
    {
        try
        {
            await call();
            return LogErrorCode.None;
        }
        catch (LogException refused)
        {
            return refused.ErrorCode;
        }
    }

    /// <summary>Both as they come.</summary>
    public sealed class Brokers : IAsyncLifetime
    {
        private EmbeddedBroker _native = null!;
        private KafkaServer? _server;
        private KafkaLogBroker? _kafka;

        internal ILogBroker Native => _native.Log;

        public async ValueTask InitializeAsync() => _native = await EmbeddedBroker.StartAsync();

        /// <summary>Started by the first test that asks; the tests of a class run one after the other.</summary>
        internal async Task<ILogBroker> GetKafkaAsync()
        {
            try
            {
                _server ??= await RealKafka.StartAsync(new ProvisioningOptions
                {
                    Settings = new Dictionary<string, string> { ["group.initial.rebalance.delay.ms"] = $"{s_initialDelay.TotalMilliseconds}" },
                });
            }
            catch (BrokerUnavailableException error)
            {
                RealKafka.SkipWhereNotNamed(error);
                throw;
            }

            return _kafka ??= await KafkaLogBroker.ConnectAsync(new KafkaOptions { BootstrapServers = _server.BootstrapServers });
        }

        public async ValueTask DisposeAsync()
        {
            await _native.DisposeAsync();
            if (_kafka is not null) await _kafka.DisposeAsync();
            if (_server is not null) await _server.DisposeAsync();
        }
    }
}
