namespace MessagingModels.Kafka.Tests;

public sealed class KafkaCapabilitiesTests
{
    [Fact]
    public void Only_what_the_client_cannot_do_is_missing()
        => Assert.Equal(
            [LogFeature.StickyAssignment, LogFeature.OwnGroupAssignors, LogFeature.OffsetMetadata],
            Enum.GetValues<LogFeature>().Where(f => !KafkaCapabilities.All.Supports(f)));

    [Fact]
    public void Default_strategies_have_a_note() => Assert.Contains("default", KafkaCapabilities.All.Note(LogFeature.CooperativeRebalancing), StringComparison.Ordinal);

    [Fact]
    public void Demanding_what_is_missing_names_system_feature_and_way_out()
    {
        NotSupportedException missing = Assert.Throws<NotSupportedException>(() => KafkaCapabilities.All.Demand(LogFeature.StickyAssignment));

        Assert.Equal(
            "Apache Kafka does not support sticky assignment: its client library has no eager sticky strategy; use cooperative-sticky, range or roundrobin.",
            missing.Message);
    }
}
