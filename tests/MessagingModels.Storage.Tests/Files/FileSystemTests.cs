using MessagingModels.Storage.Files;

namespace MessagingModels.Storage.Tests.Files;

/// <summary>What the storage engine relies on, on every file system alike.</summary>
public sealed class FileSystemTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> All => ["disk", "memory", "faulty"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void What_is_written_is_read(string kind)
    {
        IFileSystem files = Create(kind);
        using IFile file = files.Open(_directory["a"], FileOpenMode.OpenOrCreate);
        Random random = new(1);
        byte[] expected = [];
        for (int i = 0; i < 200; i++)
        {
            byte[] part = new byte[random.Next(1, 9000)];
            random.NextBytes(part);
            int position = i % 10 == 9 ? random.Next(expected.Length) : expected.Length;
            file.Write(position, part);
            if (position + part.Length > expected.Length) Array.Resize(ref expected, position + part.Length);
            part.CopyTo(expected, position);
            if (i % 50 == 49)
            {
                Array.Resize(ref expected, expected.Length - random.Next(5000));
                file.SetLength(expected.Length);
            }
        }
        Assert.Equal(expected.Length, file.Length);
        byte[] read = new byte[expected.Length + 10];
        Assert.Equal(expected.Length, file.Read(0, read));
        Assert.Equal(expected, read[..^10]);
        for (int i = 0; i < 100; i++)
        {
            int position = random.Next(expected.Length - 100), min = random.Next(1, 100), max = random.Next(min, expected.Length - position);
            ReadOnlyMemory<byte> memory = file.ReadMemory(position, min, max);
            Assert.InRange(memory.Length, min, max);
            Assert.True(memory.Span.SequenceEqual(expected.AsSpan(position, memory.Length)));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_was_handed_out_does_not_change(string kind)
    {
        using IFile file = Create(kind).Open(_directory["a"], FileOpenMode.OpenOrCreate);
        file.Write(0, "before"u8);
        ReadOnlyMemory<byte> handedOut = file.ReadMemory(0, 6, 6);
        file.Write(2, "XX"u8);
        file.SetLength(1);
        file.Write(1, "YYYYYY"u8);
        Assert.Equal("before"u8, handedOut.Span);
        Assert.Equal("bYYYYYY"u8, file.ReadMemory(0, 7, 7).Span);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Renaming_replaces_and_deleting_leaves_open_handles_readable(string kind)
    {
        IFileSystem files = Create(kind);
        using IFile old = files.Open(_directory["old"], FileOpenMode.OpenOrCreate), next = files.Open(_directory["new"], FileOpenMode.OpenOrCreate);
        old.Write(0, "old"u8);
        next.Write(0, "new"u8);
        files.Rename(_directory["new"], _directory["old"]);
        files.FlushDirectory(_directory.Path);
        Assert.False(files.FileExists(_directory["new"]));
        using (IFile replaced = files.Open(_directory["old"], FileOpenMode.Existing)) Assert.Equal("new"u8, replaced.ReadMemory(0, 3, 3).Span);
        Assert.Equal("old"u8, old.ReadMemory(0, 3, 3).Span);
        files.DeleteFile(_directory["old"]);
        files.DeleteFile(_directory["old"]);
        Assert.Equal("new"u8, next.ReadMemory(0, 3, 3).Span);
        Assert.Throws<FileNotFoundException>(() => files.Open(_directory["old"], FileOpenMode.Existing));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Directories_list_what_is_in_them(string kind)
    {
        IFileSystem files = Create(kind);
        string inner = _directory["topic-0"];
        files.CreateDirectory(Path.Combine(inner, "deep"));
        using (IFile file = files.Open(Path.Combine(inner, ".hidden"), FileOpenMode.OpenOrCreate)) file.Write(0, "12345"u8);
        Assert.Equal([new FileEntry(".hidden", 5)], files.EnumerateFiles(inner));
        Assert.Equal(["deep"], files.EnumerateDirectories(inner));
        Assert.Contains("topic-0", files.EnumerateDirectories(_directory.Path));
        files.DeleteDirectory(inner);
        files.DeleteDirectory(inner);
        Assert.False(files.DirectoryExists(inner));
        Assert.True(files.GetFreeSpaceInBytes(_directory.Path) > 0);
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("memory")]
    public void A_renamed_directory_takes_its_files_along(string kind)
    {
        IFileSystem files = Create(kind);
        files.CreateDirectory(_directory["a"]);
        files.Open(Path.Combine(_directory["a"], "f"), FileOpenMode.OpenOrCreate).Dispose();
        files.RenameDirectory(_directory["a"], _directory["b"]);
        Assert.False(files.DirectoryExists(_directory["a"]));
        Assert.True(files.FileExists(Path.Combine(_directory["b"], "f")));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_second_broker_is_told_that_the_directory_is_in_use(string kind)
    {
        IFileSystem files = Create(kind);
        using (DataDirectory.Open(files, _directory.Path))
        {
            DataDirectoryInUseException error = Assert.Throws<DataDirectoryInUseException>(() => DataDirectory.Open(files, _directory.Path));
            Assert.Equal(_directory.Path, error.Directory);
            Assert.Contains(_directory.Path, error.Message, StringComparison.Ordinal);
        }
        DataDirectory.Open(files, _directory.Path).Dispose();
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_checkpoint_is_replaced_as_a_whole(string kind)
    {
        IFileSystem files = Create(kind);
        CheckpointFile checkpoint = new(files, _directory["checkpoint"]);
        Assert.Null(checkpoint.Read());
        checkpoint.Write("one"u8, flush: true);
        checkpoint.Write("two and more"u8, flush: false);
        Assert.Equal("two and more"u8, checkpoint.Read()!);
        checkpoint.Write(default, flush: true);
        Assert.Equal([], checkpoint.Read()!);
        checkpoint.Delete(flush: true);
        Assert.Null(checkpoint.Read());
    }

    [Fact]
    public void A_damaged_checkpoint_is_named()
    {
        FaultyFileSystem files = (FaultyFileSystem)Create("faulty");
        CheckpointFile checkpoint = new(files, _directory["checkpoint"]);
        checkpoint.Write("content"u8, flush: true);
        for (int i = 0; i < files.Content(checkpoint.FilePath).Length; i++)
        {
            byte good = files.Content(checkpoint.FilePath)[i];
            files.Damage(checkpoint.FilePath, i, (byte)~good);
            Assert.Equal(checkpoint.FilePath, Assert.Throws<CheckpointCorruptedException>(() => checkpoint.Read()).Path);
            files.Damage(checkpoint.FilePath, i, good);
        }
        Assert.Equal("content"u8, checkpoint.Read()!);
    }

    [Fact]
    public void A_crash_at_any_step_leaves_the_old_checkpoint_or_the_new()
    {
        for (int step = 1; step <= 5; step++)
        {
            for (int seed = 0; seed < 20; seed++)
            {
                FaultyFileSystem files = (FaultyFileSystem)Create("faulty");
                new CheckpointFile(files, _directory["checkpoint"]).Write("old"u8, flush: true);
                files.CrashAtStep = files.Steps + step;
                Assert.Throws<SimulatedCrashException>(() => new CheckpointFile(files, _directory["checkpoint"]).Write("new"u8, flush: true));
                byte[] content = new CheckpointFile(files.AfterPowerFailure(new Random(seed)), _directory["checkpoint"]).Read()!;
                Assert.True(content.AsSpan().SequenceEqual("old"u8) || content.AsSpan().SequenceEqual("new"u8));
            }
        }
    }

    [Fact]
    public void Memory_hands_out_what_was_written_in_one_piece_without_copying()
    {
        using IFile file = new MemoryFileSystem().OpenNew(_directory.Path);
        for (int i = 0; i < 100; i++) file.Write(i * 1000, new byte[1000]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Assert.True(file.ReadMemory(i * 1000, 1000, 10_000).Length >= 1000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    private IFileSystem Create(string kind)
    {
        IFileSystem files = kind switch
        {
            "disk" => DiskFileSystem.Instance,
            "memory" => new MemoryFileSystem(),
            _ => new FaultyFileSystem(),
        };
        files.CreateDirectory(_directory.Path);
        return files;
    }
}

internal static class FileSystemExtensions
{
    public static IFile OpenNew(this IFileSystem files, string directory)
    {
        files.CreateDirectory(directory);
        return files.Open(Path.Combine(directory, "file"), FileOpenMode.OpenOrCreate);
    }
}
