namespace MessagingModels.Comparison.Reporting;

/// <summary>The systems of a report: what to call them, where they run, and which colour is theirs.</summary>
internal sealed class Systems(RunConditions conditions)
{
    private static readonly string[] AllPlaces = [TargetDescription.InProcess, TargetDescription.OverSocket];

    private readonly Dictionary<string, TargetDescription> _targets = conditions.Targets.ToDictionary(static target => target.Name);

    public IReadOnlyList<TargetDescription> All => conditions.Targets;

    /// <summary>Where the systems run, the process first; only places that have one.</summary>
    public IReadOnlyList<string> Places { get; } = [.. AllPlaces.Where(place => conditions.Targets.Any(target => target.Place == place))];

    /// <summary>The systems at a place, in the report's order.</summary>
    public IEnumerable<TargetDescription> At(string place) => All.Where(target => target.Place == place);

    /// <summary>Where a system runs; one that the report does not describe counts as being in the process.</summary>
    public string PlaceOf(string target) => _targets.TryGetValue(target, out TargetDescription? found) ? found.Place : TargetDescription.InProcess;

    /// <summary>Its place in tables.</summary>
    public int OrderOf(string target)
    {
        int index = All.TakeWhile(other => other.Name != target).Count();
        return (Array.IndexOf(AllPlaces, PlaceOf(target)) * (All.Count + 1)) + index;
    }

    /// <summary>What it is called: the product's name where its short name is that of the product.</summary>
    public static string TitleOf(string target) => target switch
    {
        "kafka" => "Kafka",
        "rabbitmq" => "RabbitMQ",
        _ => target,
    };

    /// <summary>The system, and the model where the system offers more than one.</summary>
    public string NameOf(string target, ModelKind? model)
        => model is { } known && OffersBoth(target) ? $"{TitleOf(target)} {Words.Of(known)}" : TitleOf(target);

    /// <summary>The model that a figure belongs to: that of the system, where it offers only one.</summary>
    public ModelKind? ModelOf(string target, ModelKind? model)
        => model ?? (_targets.TryGetValue(target, out TargetDescription? found) && found.Models is [var only] ? only : null);

    /// <summary>The name of the colour, in class names of the style sheet: warm ones for exchanges, cool ones for logs, grey for neither alone.</summary>
    public string ColourOf(string target, ModelKind? model)
    {
        TargetKind kind = _targets.TryGetValue(target, out TargetDescription? found) ? found.Kind : TargetKind.Native;
        return (kind, ModelOf(target, model)) switch
        {
            (TargetKind.RabbitMq, _) => "rabbitmq",
            (TargetKind.Kafka, _) => "kafka",
            (_, ModelKind.Exchange) => "exchange",
            (_, ModelKind.Log) => "log",
            _ => "both",
        };
    }

    /// <summary>The names of the systems at a place, as a reader would list them.</summary>
    public string ListAt(string place) => string.Join(", ", At(place).Select(static target => TitleOf(target.Name)));

    private bool OffersBoth(string target) => !_targets.TryGetValue(target, out TargetDescription? found) || found.Models.Count != 1;
}
