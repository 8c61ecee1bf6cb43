using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>The settings of topics: their defaults, what is legal, and how they change.</summary>
public abstract class TopicConfigurationContract(ILogProvider provider) : LogContract(provider)
{
    [Theory]
    [InlineData(TopicConfiguration.CleanupPolicy, "delete")]
    [InlineData(TopicConfiguration.CompressionType, "producer")]
    [InlineData(TopicConfiguration.DeleteRetentionMs, "86400000")]
    [InlineData(TopicConfiguration.IndexIntervalBytes, "4096")]
    [InlineData(TopicConfiguration.MaxCompactionLagMs, "9223372036854775807")]
    [InlineData(TopicConfiguration.MaxMessageBytes, "1048588")]
    [InlineData(TopicConfiguration.MessageTimestampAfterMaxMs, "3600000")]
    [InlineData(TopicConfiguration.MessageTimestampBeforeMaxMs, "9223372036854775807")]
    [InlineData(TopicConfiguration.MessageTimestampType, "CreateTime")]
    [InlineData(TopicConfiguration.MinCleanableDirtyRatio, "0.5")]
    [InlineData(TopicConfiguration.MinCompactionLagMs, "0")]
    [InlineData(TopicConfiguration.MinInSyncReplicas, "1")]
    [InlineData(TopicConfiguration.RetentionBytes, "-1")]
    [InlineData(TopicConfiguration.RetentionMs, "604800000")]
    [InlineData(TopicConfiguration.SegmentBytes, "1073741824")]
    [InlineData(TopicConfiguration.SegmentMs, "604800000")]
    public async Task Setting_has_Kafkas_default(string name, string value)
        => Assert.Equal(new TopicConfigurationValue(value, IsDefault: true), (await Log.DescribeTopicAsync(await SharedTopicAsync())).Configuration[name]);

    [Fact]
    public async Task Setting_that_the_topic_makes_is_no_default()
    {
        string topic = await TopicAsync(1, (TopicConfiguration.RetentionMs, "5000"));
        IReadOnlyDictionary<string, TopicConfigurationValue> settings = (await Log.DescribeTopicAsync(topic)).Configuration;

        Assert.Equal(new TopicConfigurationValue("5000", IsDefault: false), settings[TopicConfiguration.RetentionMs]);
        Assert.True(settings[TopicConfiguration.RetentionBytes].IsDefault);
    }

    [Theory]
    [InlineData("no.such.setting", "1")]
    [InlineData(TopicConfiguration.RetentionMs, "soon")]
    [InlineData(TopicConfiguration.RetentionMs, "-2")]
    [InlineData(TopicConfiguration.RetentionMs, "1.5")]
    [InlineData(TopicConfiguration.CleanupPolicy, "keep")]
    [InlineData(TopicConfiguration.CompressionType, "rar")]
    [InlineData(TopicConfiguration.MessageTimestampType, "Sometime")]
    [InlineData(TopicConfiguration.MaxMessageBytes, "-1")]
    [InlineData(TopicConfiguration.MinCleanableDirtyRatio, "1.1")]
    [InlineData(TopicConfiguration.MinInSyncReplicas, "0")]
    [InlineData(TopicConfiguration.SegmentMs, "0")]
    [InlineData(TopicConfiguration.SegmentBytes, "13")]
    [InlineData(TopicConfiguration.DeleteRetentionMs, "-1")]
    [InlineData(TopicConfiguration.IndexIntervalBytes, "-1")]
    [InlineData(TopicConfiguration.MaxCompactionLagMs, "0")]
    [InlineData(TopicConfiguration.MinCompactionLagMs, "-1")]
    [InlineData(TopicConfiguration.MessageTimestampBeforeMaxMs, "-1")]
    public async Task Illegal_setting_is_refused_at_creation_and_later(string name, string value)
    {
        await RefusedAsync(LogErrorCode.InvalidConfig, () => TopicAsync(1, (name, value)));
        string topic = await SharedTopicAsync();
        await RefusedAsync(LogErrorCode.InvalidConfig, () => AlterAsync(topic, (name, value)));
    }

    [Fact]
    public async Task Any_negative_size_is_no_limit()
    {
        string topic = await TopicAsync(1, (TopicConfiguration.RetentionBytes, "-2"));
        await WriteAsync(new TopicPartition(topic, 0), "a");

        Assert.Equal("-2", (await SettingAsync(topic, TopicConfiguration.RetentionBytes)).Value);
        Assert.Equal(["a"], await ReadValuesAsync(await ReaderAsync(new TopicPartition(topic, 0)), 1));
    }

    [Fact]
    public async Task Compaction_lags_that_contradict_each_other_are_refused()
        => await RefusedAsync(LogErrorCode.InvalidConfig,
            () => TopicAsync(1, (TopicConfiguration.MinCompactionLagMs, "2000"), (TopicConfiguration.MaxCompactionLagMs, "1000")));

    [Fact]
    public async Task Policy_may_be_to_compact_and_to_delete()
    {
        string topic = await TopicAsync(1, (TopicConfiguration.CleanupPolicy, "compact,delete"));

        Assert.Equal(
            ["compact", "delete"], (await Log.DescribeTopicAsync(topic)).Configuration[TopicConfiguration.CleanupPolicy].Value.Split(',').Order());
    }

    /// <summary>Since Kafka 4.2 (KIP-1161): nothing is deleted and nothing compacted.</summary>
    [Fact]
    public async Task Policy_may_be_none()
    {
        string topic = await TopicAsync(1, (TopicConfiguration.CleanupPolicy, ""));

        Assert.Equal(new TopicConfigurationValue("", IsDefault: false), await SettingAsync(topic, TopicConfiguration.CleanupPolicy));
        await WriteAsync(new TopicPartition(topic, 0), "a");
        Assert.Equal(["a"], await ReadValuesAsync(await ReaderAsync(new TopicPartition(topic, 0)), 1));
    }

    [Theory]
    [InlineData(TopicConfiguration.RetentionMs, " 5000 ")]
    [InlineData(TopicConfiguration.MessageTimestampType, " CreateTime")]
    [InlineData(TopicConfiguration.CompressionType, "gzip ")]
    public async Task Blanks_around_a_value_do_not_count(string name, string value)
    {
        string topic = await TopicAsync(1, (name, value));

        Assert.Equal(new TopicConfigurationValue(value.Trim(), IsDefault: false), await SettingAsync(topic, name));
    }

    [Fact]
    public async Task Changed_setting_is_described_and_the_others_stay()
    {
        string topic = await TopicAsync(1, (TopicConfiguration.RetentionMs, "5000"));
        await AlterAsync(topic, (TopicConfiguration.RetentionBytes, "1000"));
        await EventuallyAsync(async () => (await SettingAsync(topic, TopicConfiguration.RetentionBytes)) == new TopicConfigurationValue("1000", false));

        Assert.Equal(new TopicConfigurationValue("5000", false), await SettingAsync(topic, TopicConfiguration.RetentionMs));
    }

    [Fact]
    public async Task Setting_taken_back_has_its_default_again()
    {
        string topic = await TopicAsync(1, (TopicConfiguration.RetentionMs, "5000"));
        await AlterAsync(topic, (TopicConfiguration.RetentionMs, null));
        await EventuallyAsync(async () => (await SettingAsync(topic, TopicConfiguration.RetentionMs)).IsDefault);

        Assert.Equal("604800000", (await SettingAsync(topic, TopicConfiguration.RetentionMs)).Value);
    }

    [Fact]
    public async Task Changes_are_made_all_or_none()
    {
        string topic = await TopicAsync();
        await RefusedAsync(LogErrorCode.InvalidConfig,
            () => AlterAsync(topic, (TopicConfiguration.RetentionMs, "5000"), (TopicConfiguration.SegmentMs, "never")));

        Assert.True((await SettingAsync(topic, TopicConfiguration.RetentionMs)).IsDefault);
    }

    [Fact]
    public async Task Changed_setting_takes_effect()
    {
        string topic = await TopicAsync(1, (TopicConfiguration.MaxMessageBytes, "2000"));
        ILogProducer producer = Producer();
        string value = new('x', 5000);
        await RefusedAsync(LogErrorCode.MessageTooLarge, () => producer.ProduceAsync(topic, null, value).AsTask());
        await AlterAsync(topic, (TopicConfiguration.MaxMessageBytes, "20000"));

        await EventuallyAsync(async () =>
        {
            try
            {
                return (await producer.ProduceAsync(topic, null, value)).Offset.Value == 0;
            }
            catch (LogException refused) when (refused.ErrorCode == LogErrorCode.MessageTooLarge)
            {
                return false;
            }
        });
    }

    private async Task<TopicConfigurationValue> SettingAsync(string topic, string name) => (await Log.DescribeTopicAsync(topic)).Configuration[name];

    private Task AlterAsync(string topic, params (string Name, string? Value)[] changes)
    {
        Demand(LogFeature.TopicConfiguration);
        return Log.AlterTopicConfigurationAsync(topic, changes.ToDictionary(c => c.Name, c => c.Value)).AsTask();
    }

    // Tests that only look, or that are refused, need no topic each.
    private async Task<string> SharedTopicAsync()
    {
        const string Shared = "contract-defaults";
        try
        {
            await Log.CreateTopicAsync(Shared);
        }
        catch (LogException exists) when (exists.ErrorCode == LogErrorCode.TopicAlreadyExists)
        {
            // An earlier test of this class made it.
        }

        return Shared;
    }
}

public sealed class Topic_configuration_on_native(NativeLog log) : TopicConfigurationContract(log);

public sealed class Topic_configuration_on_native_on_disk(NativeDiskLog log) : TopicConfigurationContract(log);

public sealed class Topic_configuration_on_kafka(KafkaLog log) : TopicConfigurationContract(log);
