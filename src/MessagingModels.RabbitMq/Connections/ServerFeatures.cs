using System.Text;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Connections;

/// <summary>What the server at the other end offers: by its version, and by its management where there is one.</summary>
internal static class ServerFeatures
{
    private const string NeedsManagement =
        "AMQP 0-9-1 has no command for it; set RabbitMqOptions.ManagementUri to RabbitMQ's management API (rabbitmq_management)";

    private const string OldStatistics = "unacknowledged messages and bytes, and all figures of a queue that expires unused, "
        + "are as old as the management's statistics, 5 s as it comes";

    private const string SharedPrefetchNote =
        "deprecated; of classic queues, and lifted for a moment while a consumer with another prefetch of its own starts on the channel";

    private static readonly Version Oldest = new(0, 0);

    private static readonly (ExchangeFeature Feature, string Type, string Plugin)[] PluginTypes =
    [
        (ExchangeFeature.ConsistentHashExchanges, ExchangeType.ConsistentHash, "rabbitmq_consistent_hash_exchange"),
        (ExchangeFeature.ModulusHashExchanges, ExchangeType.ModulusHash, "rabbitmq_sharding (built in since 4.3)"),
        (ExchangeFeature.RandomExchanges, ExchangeType.Random, "rabbitmq_random_exchange"),
        (ExchangeFeature.RecentHistoryExchanges, ExchangeType.RecentHistory, "rabbitmq_recent_history_exchange"),
        (ExchangeFeature.DelayedMessageExchanges, ExchangeType.DelayedMessage, "rabbitmq_delayed_message_exchange (archived; not shipped with RabbitMQ)"),
    ];

    /// <summary>
    /// Finds out what the server offers. AMQP 0-9-1 has no question for exchange types: a refused declaration would tell, and leave errors in the
    /// server's log, so without a management it is left to the first declaration that somebody wants.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="management">The management API, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Capabilities<ExchangeFeature>> FindAsync(
        IConnection connection, Management.ManagementClient? management, CancellationToken cancellationToken)
    {
        string version = TextOf(connection, "version");
        Version known = Version.TryParse(version.Split('-')[0], out Version? parsed) ? parsed : Oldest;
        (Dictionary<ExchangeFeature, string> missing, Dictionary<ExchangeFeature, string> notes) = OfVersion(known);
        if (management is null)
        {
            missing[ExchangeFeature.ExchangeDescriptions] = NeedsManagement;
            missing[ExchangeFeature.QueueDescriptions] = NeedsManagement;
            missing[ExchangeFeature.Policies] = NeedsManagement;
            notes[ExchangeFeature.StandardExchanges] = "internal ones need RabbitMqOptions.ManagementUri: RabbitMQ.Client cannot declare them";
            if (missing.TryGetValue(ExchangeFeature.ChannelPrefetch, out string? unlessPermitted))
                missing[ExchangeFeature.ChannelPrefetch] = $"{unlessPermitted}, or set RabbitMqOptions.ManagementUri, which tells whether it is";
            foreach ((ExchangeFeature feature, _, string plugin) in PluginTypes)
                notes[feature] = $"if the server has the plugin {plugin}, which only its management or a declaration tells";
        }
        else
        {
            notes[ExchangeFeature.QueueDescriptions] = OldStatistics;
            if (await management.IsPermittedAsync("global_qos", cancellationToken).ConfigureAwait(false))
            {
                missing.Remove(ExchangeFeature.ChannelPrefetch);
                notes[ExchangeFeature.ChannelPrefetch] = SharedPrefetchNote;
            }

            AddByManagement(await management.ListExchangeTypesAsync(cancellationToken).ConfigureAwait(false), missing);
        }

        return new Capabilities<ExchangeFeature>($"{ProductOf(connection)} {version}".TrimEnd(), missing, notes);
    }

    /// <summary>What servers of a version offer, for the tables of documents: nobody is asked, and what depends on the server says on what.</summary>
    /// <param name="version">The server's version.</param>
    public static Capabilities<ExchangeFeature> Of(Version version)
    {
        (Dictionary<ExchangeFeature, string> missing, Dictionary<ExchangeFeature, string> notes) = OfVersion(version);
        const string WithManagement = "with RabbitMqOptions.ManagementUri";
        notes[ExchangeFeature.StandardExchanges] = $"internal ones {WithManagement}";
        notes[ExchangeFeature.ExchangeDescriptions] = WithManagement;
        notes[ExchangeFeature.QueueDescriptions] = $"{WithManagement}; {OldStatistics}";
        notes[ExchangeFeature.Policies] = WithManagement;
        foreach ((ExchangeFeature feature, _, string plugin) in PluginTypes)
        {
            if (feature != ExchangeFeature.ModulusHashExchanges || version < new Version(4, 3))
                notes[feature] = $"with the server's plugin {plugin}";
        }

        return new Capabilities<ExchangeFeature>($"RabbitMQ {version}", missing, notes);
    }

    /// <summary>The feature that an exchange type is; null where it is none of the API's.</summary>
    public static ExchangeFeature? OfExchangeType(string type)
    {
        foreach ((ExchangeFeature feature, string name, _) in PluginTypes)
        {
            if (name == type)
                return feature;
        }

        return null;
    }

    /// <summary>Makes of the refusal of an exchange the error that a feature's absence is, where its type is what the server does not know.</summary>
    /// <param name="system">The server.</param>
    /// <param name="feature">The feature that the exchange's type is.</param>
    /// <param name="refused">The server's error.</param>
    /// <returns>Null where something else was refused.</returns>
    public static NotSupportedException? FromRefusal(string system, ExchangeFeature feature, ChannelException refused)
    {
        // "unknown exchange type 'x-random'", or "invalid" where no plugin of that name was ever seen.
        if (refused.ReplyCode is not ReplyCode.PreconditionFailed || !refused.Message.Contains(" exchange type '", StringComparison.Ordinal))
            return null;
        string plugin = PluginTypes.First(each => each.Feature == feature).Plugin;
        return new NotSupportedException($"{system} does not support {FeatureName.Of(feature)}: {NeedsPlugin(plugin)}.", refused);
    }

    private static (Dictionary<ExchangeFeature, string> Missing, Dictionary<ExchangeFeature, string> Notes) OfVersion(Version version)
    {
        Dictionary<ExchangeFeature, string> missing = new()
        {
            [ExchangeFeature.OwnExchangeTypes] = "exchange types are plugins of the server; declare one that is installed by its name",
            [ExchangeFeature.TopicBindings] = "RabbitMQ has no topics of the log model; bind a stream (x-queue-type=stream) to replay messages",
        };
        Dictionary<ExchangeFeature, string> notes = new()
        {
            [ExchangeFeature.DeliveryCount] = "counted by quorum queues; elsewhere 1 where a message was delivered before",
            [ExchangeFeature.Returns] = "of messages in flight at once that are the same in every respect, any may be told as the returned one",
        };
        AddByVersion(version, missing, notes);
        return (missing, notes);
    }

    private static void AddByVersion(
        Version version, Dictionary<ExchangeFeature, string> missing, Dictionary<ExchangeFeature, string> notes)
    {
        if (version < new Version(3, 8))
            missing[ExchangeFeature.QuorumQueues] = "quorum queues came with RabbitMQ 3.8";
        if (version < new Version(3, 9))
            missing[ExchangeFeature.Streams] = "streams came with RabbitMQ 3.9";
        else
            notes[ExchangeFeature.Streams] = "their consumers need a prefetch and manual acknowledgement";
        if (version < new Version(4, 3))
            missing[ExchangeFeature.DelayedRetry] = "delayed retry came with RabbitMQ 4.3";
        if (version >= new Version(4, 3))
        {
            missing[ExchangeFeature.ChannelPrefetch] =
                "since 4.3 it counts each consumer by itself, unless deprecated_features.permit.global_qos is set; use QueueConsumerOptions.Prefetch";
        }
        else
        {
            notes[ExchangeFeature.ChannelPrefetch] = SharedPrefetchNote;
        }
    }

    private static void AddByManagement(IReadOnlySet<string> types, Dictionary<ExchangeFeature, string> missing)
    {
        foreach ((ExchangeFeature feature, string type, string plugin) in PluginTypes)
        {
            if (!types.Contains(type))
                missing[feature] = NeedsPlugin(plugin);
        }
    }

    private static string NeedsPlugin(string plugin) => $"its plugin is not enabled on the server ({plugin})";

    private static string ProductOf(IConnection connection) => TextOf(connection, "product") is { Length: > 0 } product ? product : "RabbitMQ";

    private static string TextOf(IConnection connection, string property)
        => connection.ServerProperties is { } properties && properties.TryGetValue(property, out object? value) && value is byte[] text
            ? Encoding.UTF8.GetString(text)
            : "";
}
