namespace MessagingModels.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("bogus", "mm: 'bogus' is not a command, option or argument here.")]
    [InlineData("topic bogus", "mm: 'bogus' is not a command, option or argument here.")]
    [InlineData("topic list", "mm: Option '--data' is required.")]
    [InlineData("topic create --data x", "mm: Required argument missing for command: 'create'.")]
    [InlineData("topic create orders --data x --partitions many", "mm: Cannot parse argument 'many' for option '--partitions' as expected type 'System.Int32'.")]
    [InlineData("publish --data x --topic a --header color", "mm: 'color' is not of the form NAME=VALUE.")]
    [InlineData("publish --data x --topic a --queue b", "mm: Name one of --topic, --exchange, --queue.")]
    [InlineData("consume --data x", "mm: Name one of --topic, --queue.")]
    [InlineData("consume --data x --queue a --group b", "mm: --group needs --topic.")]
    [InlineData("compare --messages x.jsonl --key module", "mm: --messages needs --key and --route: the fields that hold partition key and routing key.")]
    [InlineData("compare --strict", "mm: --key, --route and --strict go with --messages.")]
    [InlineData("compare --force", "mm: --force goes with --against.")]
    [InlineData("compare --kafka-setting a=b", "mm: --kafka-setting goes with --kafka.")]
    [InlineData("compare --kafka a:1 --kafka-setting secret", "mm: What --kafka-setting was given is not of the form NAME=VALUE.")]
    [InlineData("compare --rabbitmq-management http://a", "mm: --rabbitmq-management goes with --rabbitmq.")]
    [InlineData("compare --rabbitmq-ca ca.pem", "mm: --rabbitmq-ca goes with --rabbitmq.")]
    [InlineData("compare --save a/b", "mm: A run cannot be saved under the name 'a/b'; use letters, digits, '-', '_' and '.', and do not begin with a dot.")]
    [InlineData("samples nope", "mm: There is no lesson 'nope'. 'mm samples' lists them.")]
    public async Task What_is_not_understood_is_told_in_a_line_with_exit_code_2(string commandLine, string message)
    {
        ToolRun run = await ToolRun.OfAsync(commandLine);

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(message, run.Error[0]);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task An_error_of_usage_points_at_the_help_of_its_command()
        => Assert.Equal("Try 'mm topic create --help'.", (await ToolRun.OfAsync("topic create")).Error[1]);

    [Theory]
    [InlineData("topic list")]
    [InlineData("queue list")]
    [InlineData("publish --topic a b")]
    [InlineData("consume --queue a")]
    public async Task A_data_directory_that_does_not_exist_is_not_made_by_commands_that_read(string commandLine)
    {
        string directory = Path.Combine(Path.GetTempPath(), $"mm-none-{Guid.NewGuid():N}");

        ToolRun run = await ToolRun.OfAsync($"{commandLine} --data {directory}");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal($"mm: There is no data directory '{directory}'. 'mm topic create' and 'mm queue declare' make one.", Assert.Single(run.Error));
        Assert.False(Directory.Exists(directory));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("compare --help")]
    [InlineData("topic create --help")]
    public async Task Help_is_output_not_an_error(string commandLine)
    {
        ToolRun run = await ToolRun.OfAsync(commandLine);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(run.Output, line => line.StartsWith("Usage:", StringComparison.Ordinal));
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Help_of_compare_names_every_option()
    {
        string help = string.Join('\n', (await ToolRun.OfAsync("compare --help")).Output);

        Assert.All(
            ["--out <DIR>", "--experiments <NAME,...>", "--quick", "--repeat <N>", "--messages <FILE>", "--key <FIELD>", "--route <FIELD>", "--strict", "--save <NAME>", "--kafka-setting <NAME=VALUE>", "--rabbitmq-management <URI>", "--rabbitmq-ca <FILE>", "--no-containers", "--against <NAME>", "--force"],
            option => Assert.Contains(option, help, StringComparison.Ordinal));
    }
}
