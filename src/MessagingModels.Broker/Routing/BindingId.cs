namespace MessagingModels.Broker.Routing;

/// <summary>What makes a binding another than the next: its ends, its key and its arguments.</summary>
internal readonly record struct BindingId(string Source, BindingTarget Target, string Destination, string RoutingKey, string Arguments)
{
    /// <exception cref="ArgumentException">An argument has a value of no type that AMQP knows.</exception>
    public static BindingId Of(Binding binding)
        => new(binding.Source, binding.Target, binding.Destination, binding.RoutingKey, ArgumentValue.TextOf(binding.Arguments));
}
