namespace MessagingModels.Tests.Diagnostics;

/// <summary>The names are those of note 1 in OpenTelemetry's Semantic Conventions for RabbitMQ.</summary>
public sealed class ObservedDestinationTests
{
    [Theory]
    [InlineData("direct_logs", "warning", "direct_logs:warning", "direct_logs")]
    [InlineData("logs", "", "logs", "logs")]
    [InlineData("", "q", "q", "amq.default")]
    [InlineData("", "", "amq.default", "amq.default")]
    public void A_publish_is_named_by_exchange_and_routing_key(string exchange, string routingKey, string name, string label)
        => Assert.Equal(new ObservedDestination(name, label, IsRouted: true), ObservedDestination.OfPublish(exchange, routingKey));

    [Theory]
    [InlineData("direct_logs", "warning", "audit", "direct_logs:warning:audit")]
    [InlineData("direct_logs", "audit", "audit", "direct_logs:audit")]
    [InlineData("logs", "", "audit", "logs:audit")]
    [InlineData("", "warning", "audit", "warning:audit")]
    [InlineData("", "audit", "audit", "audit")]
    [InlineData("", "", "audit", "audit")]
    public void A_delivery_is_named_by_its_queue_as_well(string exchange, string routingKey, string queue, string name)
        => Assert.Equal(new ObservedDestination(name, "audit", IsRouted: true), ObservedDestination.OfDelivery(exchange, routingKey, queue));

    [Theory]
    [InlineData("", "amq.gen-x1", true)]
    [InlineData("", "amq.rabbitmq.reply-to.g1x", true)]
    [InlineData("", "q", false)]
    [InlineData("events", "amq.gen-x1", false)]
    public void A_queue_whose_name_was_made_up_is_anonymous(string exchange, string routingKey, bool isAnonymous)
        => Assert.Equal(isAnonymous, ObservedDestination.OfPublish(exchange, routingKey).IsAnonymous);
}
