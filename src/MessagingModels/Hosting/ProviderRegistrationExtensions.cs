using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MessagingModels.Hosting;

/// <summary>What the <c>Use...</c> method of every provider has in common: the provider, and where its options come from.</summary>
internal static class ProviderRegistrationExtensions
{
    /// <summary>
    /// Puts a provider behind its models. Its options come from their part of the configuration, where the builder has one and which must hold
    /// nothing else, then from code; they are validated when the host starts, under whatever name they are asked for.
    /// </summary>
    /// <typeparam name="TProvider">The provider; created by the container.</typeparam>
    /// <typeparam name="TOptions">Its options.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="models">The models it offers.</param>
    /// <param name="section">The part of the configuration that holds the options.</param>
    /// <param name="configure">Sets options, or null to leave them.</param>
    /// <param name="validate">Gives a sentence for each option that is not legal.</param>
    /// <returns>The options, to add to.</returns>
    /// <exception cref="InvalidOperationException">One of the models has a provider already.</exception>
    public static OptionsBuilder<TOptions> UseProvider<TProvider, TOptions>(
        this MessagingModelsBuilder builder, MessagingModel models, string section, Action<TOptions>? configure,
        Func<TOptions, IReadOnlyList<string>> validate)
        where TProvider : class, IMessagingProvider
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseProvider<TProvider>(models);
        OptionsBuilder<TOptions> options = builder.Services.AddOptions<TOptions>();
        if (builder.Configuration is { } configuration)
            options.Bind(configuration.GetSection(section), binder => binder.ErrorOnUnknownConfiguration = true);
        if (configure is not null)
            options.Configure(configure);
        builder.Services.AddSingleton<IValidateOptions<TOptions>>(new Validator<TOptions>(validate));
        return options.ValidateOnStart();
    }

    private sealed class Validator<TOptions>(Func<TOptions, IReadOnlyList<string>> validate) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
            => validate(options) is { Count: > 0 } failures ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }
}
