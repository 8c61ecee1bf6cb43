using Microsoft.Extensions.Options;

namespace MessagingModels.Kafka.Hosting;

/// <summary>Fails the start of a host whose options are not legal, with a sentence for each.</summary>
internal sealed class KafkaOptionsValidator : IValidateOptions<KafkaOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaOptions options)
        => options.Validate() is { Count: > 0 } failures ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
}
