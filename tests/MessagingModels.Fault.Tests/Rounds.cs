using System.Globalization;

namespace MessagingModels.Fault.Tests;

/// <summary>How many rounds, with which seed: <c>MM_FAULT_ROUNDS</c> and <c>MM_FAULT_SEED</c> in the environment say otherwise.</summary>
internal sealed class Rounds
{
    public Rounds(int defaultCount)
    {
        Count = Read("MM_FAULT_ROUNDS") ?? defaultCount;
        Seed = Read("MM_FAULT_SEED") ?? Random.Shared.Next();
        Random = new Random(Seed);
    }

    public int Count { get; }

    public int Seed { get; }

    public Random Random { get; }

    /// <summary>After how many acknowledgements the child is killed: often early, sometimes late.</summary>
    public int NextLoad() => (int)Math.Pow(10, Random.NextDouble() * 3.5);

    public string Describe(int round) => string.Create(CultureInfo.InvariantCulture, $"round {round} of {Count}, MM_FAULT_SEED={Seed}");

    private static int? Read(string name)
        => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
