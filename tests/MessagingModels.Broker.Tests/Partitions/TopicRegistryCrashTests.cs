using MessagingModels.Broker.Partitions;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;

namespace MessagingModels.Broker.Tests.Partitions;

/// <summary>Changes of the topics crash at every single change of a file: after the next start each is there whole, or not at all.</summary>
public sealed class TopicRegistryCrashTests
{
    [Fact]
    public async Task A_creation_is_whole_or_not_there() => await CrashEverywhereAsync(
        topics => topics.CreateAsync(new TopicSpecification("new", 3)).AsTask(),
        topics => topics.Find("new") is not { } topic || topic.Partitions.Count == 3);

    [Fact]
    public async Task A_deletion_is_whole_or_not_there() => await CrashEverywhereAsync(
        topics => topics.DeleteAsync("old").AsTask(),
        topics => topics.Find("old") is not { } topic || (topic.Partitions.Count == 2 && topic.Partitions.All(p => p.HighWatermark == 1)));

    [Fact]
    public async Task Added_partitions_are_all_there_or_none() => await CrashEverywhereAsync(
        topics => topics.AddPartitionsAsync("old", 5).AsTask(),
        topics => topics.Get("old").Partitions.Count is 2 or 5);

    [Fact]
    public async Task A_change_of_settings_is_whole_or_not_there() => await CrashEverywhereAsync(
        topics => topics.AlterConfigurationAsync("old", new Dictionary<string, string?> { ["retention.ms"] = "1", ["segment.ms"] = "2" }).AsTask(),
        topics => topics.Get("old").Settings.Overrides.Count is 0 or 2);

    [Fact]
    public async Task A_deletion_and_a_creation_of_the_same_name_never_mix_their_records() => await CrashEverywhereAsync(
        async topics =>
        {
            await topics.DeleteAsync("old");
            await topics.CreateAsync(new TopicSpecification("old", 1));
        },
        topics => topics.Find("old") is not { } topic
            || (topic.Partitions.Count == 2 && topic.Partitions.All(p => p.HighWatermark == 1))
            || (topic.Partitions.Count == 1 && topic.Partitions[0].HighWatermark == 0));

    private static async Task CrashEverywhereAsync(Func<TopicRegistry, Task> change, Func<TopicRegistry, bool> isWhole)
    {
        int crashes = 0;
        for (int step = 1; ; step++)
        {
            MemoryFileSystem files = new();
            await PrepareAsync(files);
            CrashingFileSystem crashing = new(files) { CrashAt = step };
            await Record.ExceptionAsync(async () =>
            {
                await using TestPartitions test = new(crashing, Durability.Fsync);
                await change(test.Topics);
            });
            if (!crashing.HasCrashed) break;
            crashes++;
            await CheckAsync(files, isWhole, $"after a crash at change {step}");
            await CheckAsync(files, isWhole, $"at the second start after a crash at change {step}");
        }
        Assert.True(crashes >= 3, $"There were only {crashes} changes to crash at.");
    }

    private static async Task PrepareAsync(MemoryFileSystem files)
    {
        await using TestPartitions test = new(files, Durability.Fsync);
        Topic topic = await test.Topics.CreateAsync(new TopicSpecification("old", 2));
        foreach (Partition partition in topic.Partitions) await partition.AppendAsync(TestBatches.Of(test.NowMs, "a"), Acks.All);
    }

    private static async Task CheckAsync(MemoryFileSystem files, Func<TopicRegistry, bool> isWhole, string when)
    {
        await using TestPartitions test = new(files, Durability.Fsync);
        Assert.True(isWhole(test.Topics), $"Half a change {when}.");
        string[] listed = [.. test.Topics.Topics.SelectMany(topic => topic.Partitions).Select(partition => partition.Id.ToString()).Order(StringComparer.Ordinal)];
        Assert.Equal(listed, files.EnumerateDirectories("/data/topics").Order(StringComparer.Ordinal));
        Assert.All(test.Topics.Topics.SelectMany(topic => topic.Partitions), partition => Assert.Null(partition.Error));
        if (test.Topics.Find("again") is null) await test.Topics.CreateAsync(new TopicSpecification("again"));
    }
}
