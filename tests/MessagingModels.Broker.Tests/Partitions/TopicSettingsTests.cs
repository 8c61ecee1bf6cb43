using MessagingModels.Broker.Partitions;

namespace MessagingModels.Broker.Tests.Partitions;

public sealed class TopicSettingsTests
{
    private static readonly Dictionary<string, string> _none = [];

    [Fact]
    public void Defaults_are_Kafka_s()
    {
        TopicSettings settings = TopicSettings.Create(_none, _none);
        Assert.True(settings.Deletes);
        Assert.False(settings.Compacts);
        Assert.Null(settings.Codec);
        Assert.Equal(TimeSpan.FromDays(7), settings.RetentionAge);
        Assert.Null(settings.RetentionBytes);
        Assert.Equal(1 << 30, settings.SegmentBytes);
        Assert.Equal(1_048_588, settings.MaxMessageBytes);
        Assert.Equal(0.5, settings.MinCleanableDirtyRatio);
        Assert.Equal(TimeSpan.MaxValue, settings.MaxCompactionLag);
        Assert.All(settings.Describe().Values, value => Assert.True(value.IsDefault));
    }

    [Fact]
    public void The_topic_s_setting_goes_before_the_broker_s_and_that_before_Kafka_s()
    {
        Dictionary<string, string> broker = new() { ["segment.bytes"] = "1000", ["retention.bytes"] = "5000" };
        TopicSettings settings = TopicSettings.Create(broker, new Dictionary<string, string> { ["segment.bytes"] = "2000" });
        Assert.Equal(2000, settings.SegmentBytes);
        Assert.Equal(5000, settings.RetentionBytes);
        Assert.Equal(new TopicConfigurationValue("5000", IsDefault: true), settings.Describe()["retention.bytes"]);
        Assert.Equal(1000, settings.With(new Dictionary<string, string?> { ["segment.bytes"] = null }).SegmentBytes);
    }

    [Theory]
    [InlineData("retention.ms", "-2")]
    [InlineData("retention.ms", "1 day")]
    [InlineData("retention.bytes", "9223372036854775808")]
    [InlineData("segment.bytes", "13")]
    [InlineData("segment.bytes", "2147483648")]
    [InlineData("segment.ms", "0")]
    [InlineData("max.message.bytes", "-1")]
    [InlineData("cleanup.policy", "compact,shred")]
    [InlineData("compression.type", "none")]
    [InlineData("compression.type", "LZ4")]
    [InlineData("message.timestamp.type", "createtime")]
    [InlineData("min.cleanable.dirty.ratio", "1.1")]
    [InlineData("min.cleanable.dirty.ratio", "0,5")]
    [InlineData("min.insync.replicas", "0")]
    public void A_value_that_is_not_legal_is_refused_with_its_name(string name, string value)
    {
        LogException error = Assert.Throws<LogException>(() => TopicSettings.Create(_none, new Dictionary<string, string> { [name] = value }));
        Assert.Equal(LogErrorCode.InvalidConfig, error.ErrorCode);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delete", true, false)]
    [InlineData("compact", false, true)]
    [InlineData("compact, delete", true, true)]
    [InlineData("", false, false)]
    public void Policies_are_a_list(string text, bool deletes, bool compacts)
    {
        TopicSettings settings = TopicSettings.Create(_none, new Dictionary<string, string> { ["cleanup.policy"] = text });
        Assert.Equal((deletes, compacts), (settings.Deletes, settings.Compacts));
    }

    [Fact]
    public void A_least_compaction_lag_above_the_greatest_is_refused()
    {
        Dictionary<string, string> overrides = new() { ["min.compaction.lag.ms"] = "2", ["max.compaction.lag.ms"] = "1" };
        Assert.Equal(LogErrorCode.InvalidConfig, Assert.Throws<LogException>(() => TopicSettings.Create(_none, overrides)).ErrorCode);
    }
}
