using Microsoft.Extensions.Options;

namespace MessagingModels.RabbitMq.Hosting;

/// <summary>Fails the start of a host whose options are not legal, with a sentence for each.</summary>
internal sealed class RabbitMqOptionsValidator : IValidateOptions<RabbitMqOptions>
{
    public ValidateOptionsResult Validate(string? name, RabbitMqOptions options)
        => options.Validate() is { Count: > 0 } failures ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
}
