using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mm-atomic-").FullName;

    private string Place => Path.Combine(_directory, "file");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Until_a_file_is_whole_a_reader_finds_the_one_before_it()
    {
        await File.WriteAllTextAsync(Place, "before");
        string during = "";
        await AtomicFile.WriteAsync(Place, async file =>
        {
            await file.WriteAsync("half"u8.ToArray());
            await file.FlushAsync();
            during = await File.ReadAllTextAsync(Place);
        });

        Assert.Equal("before", during);
        Assert.Equal("half", await File.ReadAllTextAsync(Place));
    }

    [Fact]
    public async Task A_write_that_fails_leaves_what_was_there_and_nothing_else()
    {
        await File.WriteAllTextAsync(Place, "before");

        await Assert.ThrowsAsync<InvalidOperationException>(() => AtomicFile.WriteAsync(Place, static _ => throw new InvalidOperationException("no luck")));

        Assert.Equal("before", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_directory))));
    }

    [Fact]
    public async Task What_a_process_left_when_it_died_while_writing_is_in_nobodys_way()
    {
        await File.WriteAllTextAsync(Place + ".new", "half of something longer");

        await AtomicFile.WriteAsync(Place, static file => file.WriteAsync("whole"u8.ToArray()).AsTask());

        Assert.Equal("whole", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_directory))));
    }
}
