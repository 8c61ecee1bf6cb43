namespace MessagingModels.Provisioning.Tests;

/// <summary>A directory for one test, removed after it.</summary>
internal sealed class WorkDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mm-test-").FullName;

    /// <summary>Writes a script that can be run, in directories that are made for it.</summary>
    /// <returns>Its full path.</returns>
    public string Script(string path, params string[] lines)
    {
        string full = System.IO.Path.Combine(Path, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        File.WriteAllLines(full, ["#!/bin/sh", .. lines]);
        File.SetUnixFileMode(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return full;
    }

    /// <summary>A folder that looks like Kafka's distribution and has nothing in it that runs.</summary>
    public string KafkaHome()
    {
        string home = Directory.CreateDirectory(System.IO.Path.Combine(Path, "kafka")).FullName;
        Directory.CreateDirectory(System.IO.Path.Combine(home, "libs"));
        File.WriteAllText(System.IO.Path.Combine(home, "libs", "kafka_2.13-4.3.1.jar"), "");
        return home;
    }

    /// <summary>What is left of processes and their directories; kept logs do not count.</summary>
    public IReadOnlyList<string> LeftOver()
        =>
        [
            .. Directory.EnumerateDirectories(Path, "mm-*").Where(static path => !path.EndsWith("-logs", StringComparison.Ordinal)),
            .. Processes.Naming($"{Path}/mm-").Select(static id => $"process {id}"),
        ];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
