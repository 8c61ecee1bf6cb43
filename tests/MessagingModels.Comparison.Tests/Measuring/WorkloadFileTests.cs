using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Measuring;

public sealed class WorkloadFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Each_line_is_a_message_with_key_route_and_the_line_as_body()
    {
        await WriteAsync("""{"who":"alice","where":"a.b","n":1}""", """{"who":7,"where":"a.c"}""");

        WorkloadFile file = await ReadAsync();

        Assert.Equal(["alice", "7"], file.Messages.Select(static message => message.Key));
        Assert.Equal(["a.b", "a.c"], file.Messages.Select(static message => message.Route));
        Assert.Equal("""{"who":"alice","where":"a.b","n":1}"""u8, file.Messages[0].Body.Span);
        Assert.Equal(0, file.BadLineCount);
    }

    [Theory]
    [InlineData("{broken", "it is not JSON")]
    [InlineData("", "it is empty")]
    [InlineData("[1,2]", "it is a JSON array, not an object")]
    [InlineData("""{"who":"x"}""", "it has no field 'where'")]
    [InlineData("""{"where":"x"}""", "it has no field 'who'")]
    [InlineData("""{"who":"x","where":null}""", "field 'where' is null, not text or a number")]
    [InlineData("""{"who":{},"where":"x"}""", "field 'who' is object, not text or a number")]
    public async Task A_bad_line_is_left_out_and_reported_with_its_number(string bad, string reason)
    {
        await WriteAsync("""{"who":"a","where":"b"}""", bad, """{"who":"c","where":"d"}""");

        WorkloadFile file = await ReadAsync();

        Assert.Equal(2, file.Messages.Count);
        BadLine line = Assert.Single(file.BadLines);
        Assert.Equal(2, line.Number);
        Assert.StartsWith(reason, line.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_longer_than_AMQP_allows_is_a_bad_line()
    {
        await WriteAsync($$"""{"who":"a","where":"{{new string('x', 256)}}"}""", """{"who":"a","where":"b"}""");

        Assert.Contains("255", Assert.Single((await ReadAsync()).BadLines).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strict_reading_stops_at_the_first_bad_line()
    {
        await WriteAsync("""{"who":"a","where":"b"}""", "nonsense");

        ComparisonInputException exception = await Assert.ThrowsAsync<ComparisonInputException>(() => ReadAsync(strict: true));

        Assert.Contains("line 2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_lines_beyond_a_hundred_are_counted_but_not_kept()
    {
        await WriteAsync([.. Enumerable.Repeat("nonsense", 150), """{"who":"a","where":"b"}"""]);

        WorkloadFile file = await ReadAsync();

        Assert.Equal(150, file.BadLineCount);
        Assert.Equal(100, file.BadLines.Count);
    }

    [Fact]
    public async Task A_file_without_a_usable_line_is_refused()
    {
        await WriteAsync("nonsense");

        ComparisonInputException exception = await Assert.ThrowsAsync<ComparisonInputException>(() => ReadAsync());

        Assert.Contains("no line that can be used", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        ComparisonInputException exception = await Assert.ThrowsAsync<ComparisonInputException>(
            () => WorkloadFile.ReadAsync("/no/such/file", "who", "where", false, CancellationToken.None));

        Assert.Contains("/no/such/file", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_needs_the_names_of_both_fields()
        => await Assert.ThrowsAsync<ComparisonInputException>(
            () => Workload.LoadAsync(new ComparisonOptions { MessagesFile = _path, KeyField = "who" }, CancellationToken.None));

    [Fact]
    public async Task Field_names_without_a_file_are_refused()
        => await Assert.ThrowsAsync<ComparisonInputException>(
            () => Workload.LoadAsync(new ComparisonOptions { KeyField = "who" }, CancellationToken.None));

    [Fact]
    public async Task The_summary_counts_keys_routes_and_the_largest_share()
    {
        await WriteAsync("""{"who":"a","where":"x"}""", """{"who":"a","where":"y"}""", """{"who":"a","where":"x"}""", """{"who":"b","where":"x"}""");

        Workload workload = await Workload.LoadAsync(
            new ComparisonOptions { MessagesFile = _path, KeyField = "who", RouteField = "where" }, CancellationToken.None);

        Assert.Equal((4, 2, 2, 0.75), (workload.Summary.Messages, workload.Summary.Keys, workload.Summary.Routes, workload.Summary.LargestKeyShare));
    }

    [Fact]
    public void The_generated_workload_is_skewed_hierarchical_and_the_same_every_time()
    {
        IReadOnlyList<WorkloadMessage> first = GeneratedWorkload.Create();
        IReadOnlyList<WorkloadMessage> second = GeneratedWorkload.Create();

        Assert.Equal(first.Select(static message => (message.Key, message.Route)), second.Select(static message => (message.Key, message.Route)));
        Assert.All(first, static message => Assert.Equal(3, message.Route.Split('.').Length));
        Assert.True(first.CountBy(static message => message.Key).Max(static key => key.Value) > first.Count / 20);
    }

    private Task WriteAsync(params string[] lines) => File.WriteAllLinesAsync(_path, lines);

    private Task<WorkloadFile> ReadAsync(bool strict = false) => WorkloadFile.ReadAsync(_path, "who", "where", strict, CancellationToken.None);
}
