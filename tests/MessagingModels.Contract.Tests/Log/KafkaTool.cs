using System.Diagnostics;
using MessagingModels.Contract.Tests.Providers;
using MessagingModels.Provisioning.Kafka;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>Kafka's own reader of log files, <c>org.apache.kafka.tools.DumpLogSegments</c>.</summary>
internal static class KafkaTool
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    /// <summary>The distribution that the tool is in. Skips the test where none is named; one that is named must be of use.</summary>
    public static KafkaInstallation Demand()
    {
        Assert.SkipUnless(
            KafkaInstallation.IsNamed(home: null), "KAFKA_HOME is not set: it names an unpacked Kafka distribution, whose DumpLogSegments checks the files.");
        KafkaInstallation kafka = KafkaInstallation.Find(home: null);
        RealKafka.SkipWhereTooOld(kafka.Version);
        return kafka;
    }

    /// <summary>Runs it over files, and returns all that it said.</summary>
    public static async Task<string> DumpAsync(KafkaInstallation kafka, string option, IEnumerable<string> files)
    {
        ProcessStartInfo start = new(
            kafka.Java, ["-Xmx256m", "-cp", Path.Combine(kafka.Home, "libs", "*"), "org.apache.kafka.tools.DumpLogSegments", option, "--files", string.Join(',', files)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = new(s_limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None), errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"DumpLogSegments {option} did not end within {s_limit}.");
        }

        Assert.True(process.ExitCode == 0, await errors);
        return await output + await errors;
    }
}
