using System.Globalization;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Partitions;

/// <summary>The settings of a topic as values. Made from text once, when they are set; immutable.</summary>
internal sealed record TopicSettings
{
    private readonly IReadOnlyDictionary<string, string> _defaults = new Dictionary<string, string>();

    private TopicSettings()
    {
    }

    /// <summary>The settings that the topic itself makes, as text.</summary>
    public IReadOnlyDictionary<string, string> Overrides { get; private init; } = new Dictionary<string, string>();

    public bool Deletes { get; private init; }

    public bool Compacts { get; private init; }

    /// <summary>What stored batches are compressed with; null keeps what the producer chose.</summary>
    public CompressionCodec? Codec { get; private init; }

    public TimeSpan DeleteRetention { get; private init; }

    public int IndexIntervalBytes { get; private init; }

    public int MaxMessageBytes { get; private init; }

    public TimestampType TimestampType { get; private init; }

    public long TimestampBeforeMaxMs { get; private init; }

    public long TimestampAfterMaxMs { get; private init; }

    public TimeSpan MinCompactionLag { get; private init; }

    public TimeSpan MaxCompactionLag { get; private init; }

    public double MinCleanableDirtyRatio { get; private init; }

    public int MinInSyncReplicas { get; private init; }

    /// <summary>Null for no limit.</summary>
    public long? RetentionBytes { get; private init; }

    /// <summary>Null for no limit.</summary>
    public TimeSpan? RetentionAge { get; private init; }

    public int SegmentBytes { get; private init; }

    public TimeSpan SegmentAge { get; private init; }

    /// <summary>Checks and converts settings.</summary>
    /// <param name="brokerDefaults">What the broker sets for topics that do not.</param>
    /// <param name="overrides">What the topic sets.</param>
    /// <exception cref="LogException"><see cref="LogErrorCode.InvalidConfig"/>: a name is unknown or a value not legal; the message says which.</exception>
    public static TopicSettings Create(IReadOnlyDictionary<string, string> brokerDefaults, IReadOnlyDictionary<string, string> overrides)
    {
        TopicSettingReader read = new(brokerDefaults, overrides);
        read.ThrowIfUnknown();
        IReadOnlyList<string> policies = read.List(TopicConfiguration.CleanupPolicy, "delete", "compact");
        TopicSettings settings = new(read.Defaults)
        {
            Overrides = overrides.ToDictionary(setting => setting.Key, setting => setting.Value.Trim()),
            Deletes = policies.Contains("delete"),
            Compacts = policies.Contains("compact"),
            Codec = ParseCodec(read.OneOf(TopicConfiguration.CompressionType, "producer", "uncompressed", "gzip", "snappy", "lz4", "zstd")),
            DeleteRetention = read.Duration(TopicConfiguration.DeleteRetentionMs, 0),
            IndexIntervalBytes = read.Int32(TopicConfiguration.IndexIntervalBytes, 0),
            MaxMessageBytes = read.Int32(TopicConfiguration.MaxMessageBytes, 0),
            TimestampType = read.OneOf(TopicConfiguration.MessageTimestampType, "CreateTime", "LogAppendTime") == "CreateTime"
                ? TimestampType.CreateTime
                : TimestampType.LogAppendTime,
            TimestampBeforeMaxMs = read.Int64(TopicConfiguration.MessageTimestampBeforeMaxMs, 0),
            TimestampAfterMaxMs = read.Int64(TopicConfiguration.MessageTimestampAfterMaxMs, 0),
            MinCompactionLag = read.Duration(TopicConfiguration.MinCompactionLagMs, 0),
            MaxCompactionLag = read.Duration(TopicConfiguration.MaxCompactionLagMs, 1),
            MinCleanableDirtyRatio = read.Fraction(TopicConfiguration.MinCleanableDirtyRatio),
            MinInSyncReplicas = read.Int32(TopicConfiguration.MinInSyncReplicas, 1),
            RetentionBytes = read.Int64(TopicConfiguration.RetentionBytes, long.MinValue) is >= 0 and long bytes ? bytes : null,
            RetentionAge = read.Int64(TopicConfiguration.RetentionMs, -1) is >= 0 and long ms ? TopicSettingReader.FromMilliseconds(ms) : null,
            SegmentBytes = read.Int32(TopicConfiguration.SegmentBytes, MinSegmentBytes),
            SegmentAge = read.Duration(TopicConfiguration.SegmentMs, 1),
        };
        if (settings.MinCompactionLag > settings.MaxCompactionLag)
        {
            throw new LogException(LogErrorCode.InvalidConfig,
                $"{TopicConfiguration.MinCompactionLagMs} ({settings.MinCompactionLag.TotalMilliseconds} ms) is above "
                + $"{TopicConfiguration.MaxCompactionLagMs} ({settings.MaxCompactionLag.TotalMilliseconds} ms).");
        }
        return settings;
    }

    /// <summary>The same topic with some settings changed.</summary>
    /// <param name="changes">New values by name; null takes a setting back.</param>
    /// <exception cref="LogException"><see cref="LogErrorCode.InvalidConfig"/>.</exception>
    public TopicSettings With(IReadOnlyDictionary<string, string?> changes)
    {
        Dictionary<string, string> overrides = new(Overrides);
        foreach ((string name, string? value) in changes)
        {
            TopicSettingReader.ThrowIfUnknown(name);
            if (value is null) overrides.Remove(name);
            else overrides[name] = value;
        }
        return Create(_defaults, overrides);
    }

    /// <summary>Every setting with its text.</summary>
    public IReadOnlyDictionary<string, TopicConfigurationValue> Describe()
    {
        SortedDictionary<string, TopicConfigurationValue> all = new(StringComparer.Ordinal);
        foreach ((string name, string value) in TopicSettingReader.KafkaDefaults)
        {
            bool isDefault = !Overrides.TryGetValue(name, out string? text);
            if (isDefault && !_defaults.TryGetValue(name, out text)) text = value;
            all[name] = new TopicConfigurationValue(text!, isDefault);
        }
        return all;
    }

    /// <summary>The part of the settings that the log itself acts on.</summary>
    public LogOptions ToLogOptions(Durability durability) => new()
    {
        Durability = durability,
        SegmentBytes = SegmentBytes,
        SegmentAge = SegmentAge,
        IndexIntervalBytes = IndexIntervalBytes,
        RetentionAge = Deletes ? RetentionAge : null,
        RetentionBytes = Deletes ? RetentionBytes : null,
        DeleteRetention = DeleteRetention,
    };

    private const int MinSegmentBytes = 14;

    private TopicSettings(IReadOnlyDictionary<string, string> defaults) => _defaults = defaults;

    private static CompressionCodec? ParseCodec(string name) => name switch
    {
        "producer" => null,
        "uncompressed" => CompressionCodec.None,
        _ => Enum.Parse<CompressionCodec>(name, ignoreCase: true),
    };
}

/// <summary>Reads settings from text: the topic's own, else the broker's, else Kafka's default.</summary>
internal readonly struct TopicSettingReader(IReadOnlyDictionary<string, string> brokerDefaults, IReadOnlyDictionary<string, string> overrides)
{
    /// <summary>Every setting there is with Kafka's default.</summary>
    public static readonly IReadOnlyDictionary<string, string> KafkaDefaults = new Dictionary<string, string>
    {
        [TopicConfiguration.CleanupPolicy] = "delete",
        [TopicConfiguration.CompressionType] = "producer",
        [TopicConfiguration.DeleteRetentionMs] = "86400000",
        [TopicConfiguration.IndexIntervalBytes] = "4096",
        [TopicConfiguration.MaxCompactionLagMs] = "9223372036854775807",
        [TopicConfiguration.MaxMessageBytes] = "1048588",
        [TopicConfiguration.MessageTimestampAfterMaxMs] = "3600000",
        [TopicConfiguration.MessageTimestampBeforeMaxMs] = "9223372036854775807",
        [TopicConfiguration.MessageTimestampType] = "CreateTime",
        [TopicConfiguration.MinCleanableDirtyRatio] = "0.5",
        [TopicConfiguration.MinCompactionLagMs] = "0",
        [TopicConfiguration.MinInSyncReplicas] = "1",
        [TopicConfiguration.RetentionBytes] = "-1",
        [TopicConfiguration.RetentionMs] = "604800000",
        [TopicConfiguration.SegmentBytes] = "1073741824",
        [TopicConfiguration.SegmentMs] = "604800000",
    };

    public IReadOnlyDictionary<string, string> Defaults => brokerDefaults;

    public static void ThrowIfUnknown(string name)
    {
        if (!KafkaDefaults.ContainsKey(name))
            throw new LogException(LogErrorCode.InvalidConfig, $"There is no topic setting '{name}'. Settings are: {string.Join(", ", KafkaDefaults.Keys)}.");
    }

    public void ThrowIfUnknown()
    {
        foreach (string name in brokerDefaults.Keys) ThrowIfUnknown(name);
        foreach (string name in overrides.Keys) ThrowIfUnknown(name);
    }

    /// <summary>As Kafka reads settings, without blanks around the text.</summary>
    public string Text(string name) =>
        overrides.TryGetValue(name, out string? text) || brokerDefaults.TryGetValue(name, out text) ? text.Trim() : KafkaDefaults[name];

    public long Int64(string name, long minimum, long maximum = long.MaxValue)
    {
        string text = Text(name);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= minimum && value <= maximum
            ? value
            : throw Illegal(name, text, $"a whole number from {minimum} to {maximum}");
    }

    public int Int32(string name, int minimum) => (int)Int64(name, minimum, int.MaxValue);

    public TimeSpan Duration(string name, long minimumMs) => FromMilliseconds(Int64(name, minimumMs));

    public double Fraction(string name)
    {
        string text = Text(name);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1
            ? value
            : throw Illegal(name, text, "a number from 0 to 1");
    }

    public string OneOf(string name, params ReadOnlySpan<string> legal)
    {
        string text = Text(name);
        return legal.Contains(text) ? text : throw Illegal(name, text, $"one of {string.Join(", ", legal!)}");
    }

    /// <summary>May be empty: a topic without a policy keeps everything (KIP-1161).</summary>
    public IReadOnlyList<string> List(string name, params ReadOnlySpan<string> legal)
    {
        string text = Text(name);
        string[] values = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string value in values)
        {
            if (!legal.Contains(value)) throw Illegal(name, text, $"a list of {string.Join(", ", legal!)}");
        }
        return values;
    }

    /// <summary>A duration; one longer than the type holds, such as Kafka's "no limit", is the longest there is.</summary>
    public static TimeSpan FromMilliseconds(long ms) =>
        ms >= TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond ? TimeSpan.MaxValue : new TimeSpan(ms * TimeSpan.TicksPerMillisecond);

    private static LogException Illegal(string name, string text, string legal) =>
        new(LogErrorCode.InvalidConfig, $"'{text}' is no legal value of {name}: it takes {legal}.");
}
