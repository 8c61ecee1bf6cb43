using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests.Targets;

public class TargetCatalogTests
{
    [Fact]
    public void Without_a_choice_all_targets_are_tried()
        => Assert.Equal(["native", "kafka", "rabbitmq"], Names(new ComparisonOptions()));

    [Fact]
    public void A_choice_keeps_the_order_in_which_targets_run()
        => Assert.Equal(["native", "rabbitmq"], Names(new ComparisonOptions { Targets = ["RabbitMQ", "native"] }));

    [Fact]
    public void An_unknown_target_is_refused_with_the_names_there_are()
    {
        ComparisonInputException exception = Assert.Throws<ComparisonInputException>(() => TargetCatalog.Select(new ComparisonOptions { Targets = ["redis"] }));

        Assert.Contains("redis", exception.Message, StringComparison.Ordinal);
        Assert.Contains("rabbitmq", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_was_asked_for_where_it_was_named_or_its_address_given()
    {
        Assert.False(TargetCatalog.WasAsked(new ComparisonOptions(), "kafka"));
        Assert.True(TargetCatalog.WasAsked(new ComparisonOptions { Targets = ["kafka"] }, "kafka"));
        Assert.True(TargetCatalog.WasAsked(new ComparisonOptions { Kafka = "127.0.0.1:1" }, "kafka"));
        Assert.False(TargetCatalog.WasAsked(new ComparisonOptions { Kafka = "127.0.0.1:1" }, "rabbitmq"));
        Assert.True(TargetCatalog.WasAsked(new ComparisonOptions { RabbitMq = "amqp://127.0.0.1:1/" }, "rabbitmq"));
    }

    private static IEnumerable<string> Names(ComparisonOptions options) => TargetCatalog.Select(options).Select(static target => target.Name);
}
