using System.Text;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;

namespace MessagingModels.Broker.Partitions;

/// <summary>A topic as the catalog notes it.</summary>
internal sealed record CatalogEntry(string Name, Guid Id, int PartitionCount, IReadOnlyDictionary<string, string> Overrides);

/// <summary>
/// The list of topics on disk. A topic or a partition exists exactly when it is listed: directories are made before the list names them
/// and removed after it no longer does, so that a crash at any point leaves all of a change or nothing.
/// </summary>
/// <remarks>Not thread-safe; the registry makes one change at a time.</remarks>
internal sealed class TopicCatalog(IFileSystem fileSystem, string directory, bool flush)
{
    public const string FileName = "topics";

    private const byte Version = 1;
    private const string DeletedSuffix = "-delete";

    /// <summary>Of the usual file systems, in bytes; topics have names of ASCII. A topic may have a name of 249.</summary>
    private const int MaxFileNameLength = 255;

    private readonly CheckpointFile _file = new(fileSystem, Path.Combine(directory, FileName));

    /// <summary>Reads the list and removes the directories that are not on it: what a crash left of creations and deletions.</summary>
    /// <exception cref="StorageException">The list is damaged, or missing although there are partitions: nothing was removed.</exception>
    public IReadOnlyList<CatalogEntry> Open()
    {
        fileSystem.CreateDirectory(directory);
        if (flush) fileSystem.FlushDirectory(Path.GetDirectoryName(directory)!);
        IReadOnlyList<string> directories = fileSystem.EnumerateDirectories(directory);
        byte[]? bytes = _file.Read();
        if (bytes is null && directories.Count > 0)
        {
            throw new StorageException(
                $"The list of topics '{_file.FilePath}' is missing, but '{directory}' holds partitions. Put the list back from a copy, or move the partitions away.");
        }
        IReadOnlyList<CatalogEntry> entries = bytes is null ? [] : Decode(bytes);
        HashSet<string> listed = [.. entries.SelectMany(entry => Enumerable.Range(0, entry.PartitionCount).Select(i => new TopicPartition(entry.Name, i).ToString()))];
        foreach (string name in directories)
        {
            if (!listed.Contains(name)) RemoveDirectory(Path.Combine(directory, name));
        }
        return entries;
    }

    public string DirectoryOf(TopicPartition partition) => Path.Combine(directory, partition.ToString());

    /// <summary>Makes sure that there is a list, so that directories without one are a damage, and makes room for new directories.</summary>
    public void BeginCreate(IReadOnlyCollection<CatalogEntry> present)
    {
        if (!fileSystem.FileExists(_file.FilePath)) Write(present);
    }

    /// <summary>Decides a change: from here on these are the topics, whatever happens.</summary>
    public void Write(IReadOnlyCollection<CatalogEntry> entries)
    {
        if (flush) fileSystem.FlushDirectory(directory);
        _file.Write(Encode(entries), flush);
    }

    /// <summary>Removes a partition's directory that is not listed; its name is free at once.</summary>
    public void Remove(TopicPartition partition) => RemoveDirectory(DirectoryOf(partition));

    // Renamed first: a directory that is half deleted must never pass for a partition.
    private void RemoveDirectory(string path)
    {
        if (!fileSystem.DirectoryExists(path)) return;
        string removed = path;
        if (!path.EndsWith(DeletedSuffix, StringComparison.Ordinal))
        {
            string suffix = $".{Guid.NewGuid():N}{DeletedSuffix}", name = Path.GetFileName(path);
            removed = Path.Combine(directory, name[..Math.Min(name.Length, MaxFileNameLength - suffix.Length)] + suffix);
            fileSystem.RenameDirectory(path, removed);
            if (flush) fileSystem.FlushDirectory(directory);
        }
        fileSystem.DeleteDirectory(removed);
    }

    private static byte[] Encode(IReadOnlyCollection<CatalogEntry> entries)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(entries.Count);
        foreach (CatalogEntry entry in entries)
        {
            writer.Write(entry.Name);
            writer.Write(entry.Id.ToByteArray());
            writer.Write(entry.PartitionCount);
            writer.Write(entry.Overrides.Count);
            foreach ((string name, string value) in entry.Overrides)
            {
                writer.Write(name);
                writer.Write(value);
            }
        }
        writer.Flush();
        return stream.ToArray();
    }

    private List<CatalogEntry> Decode(byte[] bytes)
    {
        using BinaryReader reader = new(new MemoryStream(bytes), Encoding.UTF8);
        byte version = reader.ReadByte();
        if (version != Version)
            throw new StorageException($"The list of topics '{_file.FilePath}' has version {version}; this broker reads version {Version}. Use a newer broker.");
        List<CatalogEntry> entries = [];
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            string name = reader.ReadString();
            Guid id = new(reader.ReadBytes(16));
            int partitionCount = reader.ReadInt32();
            Dictionary<string, string> overrides = [];
            for (int settings = reader.ReadInt32(); settings > 0; settings--) overrides.Add(reader.ReadString(), reader.ReadString());
            entries.Add(new CatalogEntry(name, id, partitionCount, overrides));
        }
        return entries;
    }
}
