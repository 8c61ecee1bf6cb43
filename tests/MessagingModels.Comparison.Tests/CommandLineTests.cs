namespace MessagingModels.Comparison.Tests;

public class CommandLineTests
{
    private const string Prefix = "dotnet run -c Release --project src/MessagingModels.Cli -- compare";

    [Fact]
    public void A_run_with_defaults_needs_no_options()
        => Assert.Equal(Prefix, CommandLine.For(new ComparisonOptions(), null));

    [Fact]
    public void An_experiment_is_named_in_place_of_the_selection()
        => Assert.Equal($"{Prefix} --experiments fanout --quick", CommandLine.For(new ComparisonOptions { Quick = true, Experiments = ["fanout", "memory"] }, "fanout"));

    [Fact]
    public void Everything_that_changes_figures_is_repeated()
        => Assert.Equal(
            $"{Prefix} --experiments a,b --repeat 5 --messages 'my file.jsonl' --key module --route route --strict",
            CommandLine.For(
                new ComparisonOptions { Experiments = ["a", "b"], Repeat = 5, MessagesFile = "my file.jsonl", KeyField = "module", RouteField = "route", Strict = true }, null));
}
