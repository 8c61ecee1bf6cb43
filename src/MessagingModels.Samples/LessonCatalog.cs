using System.Globalization;
using MessagingModels.Samples.Lessons;

namespace MessagingModels.Samples;

/// <summary>The lessons there are.</summary>
public static class LessonCatalog
{
    /// <summary>In the order in which they build on each other: the log, the exchange, then both.</summary>
    public static IReadOnlyList<Lesson> All { get; } =
    [
        new HelloLog(),
        new PartitionsAndKeys(),
        new ConsumerGroups(),
        new Rebalance(),
        new OffsetsAndReplay(),
        new RetentionAndCompaction(),
        new IdempotenceAndTransactions(),
        new DirectExchange(),
        new FanoutExchange(),
        new TopicExchange(),
        new HeadersExchange(),
        new WorkQueue(),
        new Acknowledgements(),
        new DeadLetters(),
        new Priorities(),
        new Rpc(),
        new BothModels(),
        new OwnExchangeType(),
        new OwnPartitioner(),
        new XunitFixture(),
    ];

    /// <summary>Finds a lesson.</summary>
    /// <param name="nameOrNumber">Its name, in any case, or its number.</param>
    /// <returns>The lesson, or null where there is none.</returns>
    public static Lesson? Find(string nameOrNumber)
        => All.FirstOrDefault(lesson =>
            string.Equals(lesson.Name, nameOrNumber, StringComparison.OrdinalIgnoreCase)
            || (int.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && lesson.Number == number));
}
