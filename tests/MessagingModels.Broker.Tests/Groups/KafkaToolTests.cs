using System.Diagnostics;
using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Transactions;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessagingModels.Broker.Tests.Groups;

/// <summary>The coordinators' logs are Kafka's: its own tool decodes their records.</summary>
public sealed class KafkaToolTests
{
    [Fact]
    public async Task DumpLogSegments_decodes_groups_offsets_and_transactions()
    {
        string? kafka = Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipUnless(kafka is not null, "KAFKA_HOME is not set: it names an unpacked Kafka distribution, whose DumpLogSegments decodes the records.");
        DirectoryInfo directory = Directory.CreateTempSubdirectory("mm-coordinators-");
        try
        {
            await WriteAsync(directory.FullName);
            string coordinators = Path.Combine(directory.FullName, CoordinatorLog.ParentDirectory);
            string offsets = await DumpAsync(kafka!, "--offsets-decoder", Path.Combine(coordinators, GroupStore.DirectoryName));
            Assert.Contains("\"group\":\"billing\",\"topic\":\"orders\",\"partition\":3", offsets, StringComparison.Ordinal);
            Assert.Contains("\"offset\":42,\"leaderEpoch\":-1,\"metadata\":\"note\"", offsets, StringComparison.Ordinal);
            Assert.Contains("\"protocol\":\"range\"", offsets, StringComparison.Ordinal);
            Assert.Contains("\"clientId\":\"client-1\"", offsets, StringComparison.Ordinal);
            string transactions = await DumpAsync(kafka!, "--transaction-log-decoder", Path.Combine(coordinators, TransactionStore.DirectoryName));
            Assert.Contains("transactional-1", transactions, StringComparison.Ordinal);
            Assert.Contains("orders", transactions, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task WriteAsync(string directory)
    {
        using DataDirectory data = DataDirectory.Open(DiskFileSystem.Instance, directory);
        BrokerContext context = new()
        {
            Data = data,
            Options = new EmbeddedBrokerOptions { DataDirectory = directory },
            Loggers = NullLoggerFactory.Instance,
        };
        await using GroupCoordinator groups = GroupCoordinator.Open(context, _ => true);
        await groups.ResetOffsetsAsync("billing", [new TopicPartitionOffset("orders", 3, new Offset(42), "note")], default);
        JoinGroupResponse joined = await groups.JoinAsync(
            new JoinGroupRequest
            {
                GroupId = "billing",
                ClientId = "client-1",
                SessionTimeout = TimeSpan.FromSeconds(10),
                RebalanceTimeout = TimeSpan.FromSeconds(60),
                ProtocolType = GroupState.ConsumerProtocolType,
                Protocols = [new GroupProtocol("range", ConsumerProtocol.WriteSubscription(new ConsumerSubscription(["orders"], [], -1), false))],
            },
            default);
        await groups.SyncAsync(
            new SyncGroupRequest
            {
                GroupId = "billing",
                Generation = joined.Generation,
                MemberId = joined.MemberId,
                Assignments = [new MemberAssignment(joined.MemberId, ConsumerProtocol.WriteAssignment([new TopicPartition("orders", 3)]))],
            },
            default);
        await using TransactionCoordinator transactions = await TransactionCoordinator.OpenAsync(context, (_, _, _, _) => ValueTask.CompletedTask);
        ProducerIdentity producer = (await transactions.InitProducerIdAsync("transactional-1", TimeSpan.FromMinutes(1), null, default)).Producer;
        await transactions.AddPartitionsAsync("transactional-1", producer, [new TopicPartition("orders", 3)], default);
        await transactions.EndAsync("transactional-1", producer, commit: true, default);
    }

    private static async Task<string> DumpAsync(string kafka, string decoder, string directory)
    {
        string file = Assert.Single(Directory.GetFiles(directory, "*.log"));
        ProcessStartInfo start = new(
            "java", ["-cp", Path.Combine(kafka, "libs", "*"), "org.apache.kafka.tools.DumpLogSegments", decoder, "--deep-iteration", "--files", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(process.ExitCode == 0, await errors);
        return await output + await errors;
    }
}
