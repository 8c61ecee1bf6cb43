using System.CommandLine;
using MessagingModels.Comparison;

namespace MessagingModels.Cli.Commands;

/// <summary>The options of <c>mm compare</c> that say where real brokers are, and how to log in to them.</summary>
internal sealed class BrokerOptions
{
    private readonly Option<string?> _kafka = new("--kafka")
    {
        Description = "Where a Kafka cluster is; else a container, else local processes from KAFKA_HOME.",
        HelpName = "HOST:PORT,...",
    };

    private readonly Option<Dictionary<string, string>> _kafkaSettings = NameValue.Option(
        "--kafka-setting", "A setting of librdkafka that its clients need: security.protocol=SASL_SSL, sasl.username=..., ... Repeatable.", isSecret: true);

    private readonly Option<string?> _rabbitMq = new("--rabbitmq")
    {
        Description = "Where a RabbitMQ broker is, amqp(s)://USER:PASSWORD@HOST:PORT/VHOST; else a container, else local processes from RABBITMQ_HOME or the PATH.",
        HelpName = "URI",
    };

    private readonly Option<string?> _management = new("--rabbitmq-management")
    {
        Description = "Where its management API is, http(s)://USER:PASSWORD@HOST:PORT; else on its usual port, with the same login.",
        HelpName = "URI",
    };

    private readonly Option<string?> _authorities = new("--rabbitmq-ca")
    {
        Description = "A PEM file with the authorities of its certificate; else those that this machine trusts.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _noContainers = new("--no-containers")
    {
        Description = "Start real brokers as local processes even where a Docker engine answers: only those can be killed and measured.",
    };

    public void AddTo(Command command)
    {
        command.Add(_kafka);
        command.Add(_kafkaSettings);
        command.Add(_rabbitMq);
        command.Add(_management);
        command.Add(_authorities);
        command.Add(_noContainers);
        command.Validators.Add(result =>
        {
            Demand(_kafkaSettings, _kafka);
            Demand(_management, _rabbitMq);
            Demand(_authorities, _rabbitMq);

            void Demand(Option option, Option other)
            {
                if (result.GetResult(option) is { Implicit: false } && result.GetResult(other) is null)
                    result.AddError($"{option.Name} goes with {other.Name}.");
            }
        });
    }

    /// <summary>The comparison's options with what was said of brokers.</summary>
    public ComparisonOptions Read(ParseResult parsed, ComparisonOptions options) => options with
    {
        Kafka = parsed.GetValue(_kafka),
        KafkaSettings = parsed.GetRequiredValue(_kafkaSettings),
        RabbitMq = parsed.GetValue(_rabbitMq),
        RabbitMqManagement = parsed.GetValue(_management),
        RabbitMqAuthorities = parsed.GetValue(_authorities),
        WithoutContainers = parsed.GetValue(_noContainers),
    };
}
