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
            $"{Prefix} --experiments a,b --no-containers --repeat 5 --messages 'my file.jsonl' --key module --route route --strict",
            CommandLine.For(
                new ComparisonOptions { Experiments = ["a", "b"], WithoutContainers = true, Repeat = 5, MessagesFile = "my file.jsonl", KeyField = "module", RouteField = "route", Strict = true }, null));

    [Fact]
    public void What_may_be_secret_is_not_repeated()
    {
        ComparisonOptions options = new()
        {
            Kafka = "a:1",
            KafkaSettings = new Dictionary<string, string> { ["security.protocol"] = "SASL_SSL", ["sasl.password"] = "sesame" },
            RabbitMq = "amqp://alice:ses@me@b/",
            RabbitMqManagement = "alice:sesame@b",
        };

        string command = CommandLine.For(options, null);

        Assert.Equal(
            $"{Prefix} --kafka a:1 --kafka-setting 'security.protocol=SASL_SSL' --kafka-setting 'sasl.password=VALUE' "
            + "--rabbitmq amqp://alice:PASSWORD@b/ --rabbitmq-management alice:PASSWORD@b", command);
        Assert.Equal("VALUE", CommandLine.WithoutSecrets(options).KafkaSettings["sasl.password"]);
        Assert.Equal("amqp://alice@b/", CommandLine.WithoutPassword("amqp://alice@b/"));
        Assert.Equal("Invalid value VALUE with SASL_SSL", CommandLine.WithoutSecrets("Invalid value sesame with SASL_SSL", options.KafkaSettings));
    }
}
