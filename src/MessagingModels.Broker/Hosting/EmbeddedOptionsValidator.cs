using Microsoft.Extensions.Options;

namespace MessagingModels.Broker.Hosting;

/// <summary>Fails the start of a host whose options are not legal, with a sentence for each.</summary>
internal sealed class EmbeddedOptionsValidator : IValidateOptions<EmbeddedBrokerOptions>
{
    public ValidateOptionsResult Validate(string? name, EmbeddedBrokerOptions options)
        => options.Validate() is { Count: > 0 } failures ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
}
