using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Provisioning;

namespace MessagingModels.Comparison.Tests.Targets;

public class TargetFactsTests
{
    private static readonly TargetDescription InProcess = new("native", "1", TargetDescription.InProcess);

    [Fact]
    public async Task A_broker_of_this_run_shares_the_machine()
    {
        await using FakeTarget own = new("kafka");
        await using FakeTarget native = new("native") { Description = InProcess };

        Assert.Contains("the broker's processes share this machine", own.WhoShares(), StringComparison.Ordinal);
        Assert.Contains("share one process", native.WhoShares(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_was_given_shares_it_only_where_its_address_is_of_this_machine()
    {
        await using FakeTarget given = new("kafka") { IsGiven = true };

        Assert.Contains("publisher and consumer share this machine's cores, with the broker only where the address is of this machine", given.WhoShares(), StringComparison.Ordinal);
        Assert.DoesNotContain("loopback", given.WhoShares(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_in_a_container_was_started_by_this_run_and_the_reason_says_so()
    {
        Assert.Contains("this run started the broker in a container", ServerTarget.ReasonFor(BrokerOrigin.Container), StringComparison.Ordinal);
        Assert.Contains("--no-containers", ServerTarget.ReasonFor(BrokerOrigin.Container), StringComparison.Ordinal);
        Assert.Contains("this run did not start", ServerTarget.ReasonFor(BrokerOrigin.Given), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Containers_are_left_out_where_that_was_said(bool withoutContainers)
    {
        using WorkDirectory directory = WorkDirectory.Create(null);
        ComparisonOptions options = new() { WithoutContainers = withoutContainers };

        Assert.Equal(
            (!withoutContainers, !withoutContainers),
            (KafkaTarget.OptionsFor(options, directory).UseContainers, RabbitMqTarget.OptionsFor(options, directory).UseContainers));
    }

    [Fact]
    public void What_a_reader_is_told_beforehand_claims_nothing_of_brokers_elsewhere()
        => Assert.DoesNotContain(
            [.. ConditionsProbe.Read(Path.GetTempPath()).Warnings, .. ComparisonRunner.Experiments.Select(static experiment => experiment.Method)],
            static text => text.Contains("broker and consumer share", StringComparison.Ordinal));
}
