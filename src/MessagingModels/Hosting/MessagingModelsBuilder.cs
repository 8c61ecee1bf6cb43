using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MessagingModels;

/// <summary>Says which provider stands behind each model, and what it is extended with. Handed out by <c>AddMessagingModels</c>.</summary>
public sealed class MessagingModelsBuilder
{
    private readonly List<ProviderRegistration> _registrations;

    internal MessagingModelsBuilder(IServiceCollection services, IConfiguration? configuration, List<ProviderRegistration> registrations)
    {
        Services = services;
        Configuration = configuration;
        _registrations = registrations;
    }

    /// <summary>The services that the models are added to.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The configuration section that providers read their options from, or null for none.</summary>
    public IConfiguration? Configuration { get; }

    /// <summary>Puts a provider behind one model or both. Called by the <c>Use...</c> method of each provider.</summary>
    /// <typeparam name="TProvider">The provider; created by the container.</typeparam>
    /// <param name="models">The models it offers.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">One of the models has a provider already.</exception>
    public MessagingModelsBuilder UseProvider<TProvider>(MessagingModel models)
        where TProvider : class, IMessagingProvider
    {
        if (models is MessagingModel.None)
            throw new ArgumentException("A provider offers at least one model.", nameof(models));
        foreach (ProviderRegistration other in _registrations)
        {
            if ((other.Models & models) is var shared and not MessagingModel.None)
            {
                throw new InvalidOperationException(
                    $"{typeof(TProvider).Name} cannot provide {Describe(shared)}: {other.ProviderType.Name} does already. " +
                    "Give each model one provider.");
            }
        }

        Services.AddSingleton<TProvider>();
        _registrations.Add(new ProviderRegistration(models, typeof(TProvider)));
        return this;
    }

    /// <summary>Adds an exchange type of your own; it is declared by its name.</summary>
    /// <typeparam name="TExchangeType">The type; created by the container.</typeparam>
    /// <returns>This builder.</returns>
    public MessagingModelsBuilder AddExchangeType<TExchangeType>()
        where TExchangeType : class, IExchangeType
    {
        Services.AddSingleton<IExchangeType, TExchangeType>();
        return this;
    }

    /// <summary>Adds a group assignor of your own; consumers name it in <see cref="ConsumerOptions.AssignmentStrategies"/>.</summary>
    /// <typeparam name="TAssignor">The assignor; created by the container.</typeparam>
    /// <returns>This builder.</returns>
    public MessagingModelsBuilder AddGroupAssignor<TAssignor>()
        where TAssignor : class, IGroupAssignor
    {
        Services.AddSingleton<IGroupAssignor, TAssignor>();
        return this;
    }

    private static string Describe(MessagingModel models) => models switch
    {
        MessagingModel.Log => "the log model",
        MessagingModel.Exchange => "the exchange model",
        _ => "both models",
    };
}

/// <summary>A provider and the models it stands behind.</summary>
/// <param name="Models">The models.</param>
/// <param name="ProviderType">The type under which the container holds the provider.</param>
internal sealed record ProviderRegistration(MessagingModel Models, Type ProviderType);
