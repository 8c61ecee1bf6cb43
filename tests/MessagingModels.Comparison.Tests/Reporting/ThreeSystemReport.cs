using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

/// <summary>A report of a run on three systems, as large and as varied as real ones: every kind of experiment, clusters, official tools, a system that could not be had, an error.</summary>
internal static class ThreeSystemReport
{
    public static readonly TargetDescription Native = new("native", "0.1.0+37554ee", TargetDescription.InProcess);

    public static readonly TargetDescription Kafka = new("kafka", "4.3.1", TargetDescription.OverSocket)
    {
        Kind = TargetKind.Kafka,
        Models = [ModelKind.Log],
        Client = "Confluent.Kafka 2.12.0 (librdkafka 2.12.0)",
        Origin = "local process from KAFKA_HOME, one KRaft node, 127.0.0.1:61092",
    };

    public static readonly TargetDescription RabbitMq = new("rabbitmq", "4.3.6", TargetDescription.OverSocket)
    {
        Kind = TargetKind.RabbitMq,
        Models = [ModelKind.Exchange],
        Client = "RabbitMQ.Client 7.2.0",
        Origin = "local process from RABBITMQ_HOME, one node, 127.0.0.1:61672",
    };

    public static ComparisonReport Create() => SampleReport.Create() with
    {
        Command = "dotnet run -c Release --project src/MessagingModels.Cli -- compare",
        DurationSeconds = 812,
        Conditions = SampleReport.Create().Conditions with
        {
            Targets = [Native, RabbitMq, Kafka],
            UnavailableTargets = [new UnavailableTarget("kafka-cluster", "No broker answered at 127.0.0.1:61192 within 60 s; see the log directory, or give an address with --kafka.", WasAsked: false)],
        },
        Answers = [.. Answers()],
        Claims = [.. Claims()],
        FaultMatrix = Matrix(),
        Experiments = ThreeSystemExperiments.Create(),
    };

    private static IEnumerable<NeedAnswer> Answers()
    {
        yield return Answer("Hand each consumer just the part it wants, by rules that change", "exchange", TargetDescription.InProcess,
            "A bound queue's consumer was handed 1.00 bytes for each byte wanted. A consumer of the whole topic was handed 101 bytes for each byte wanted of a 1 % subset.", "distribution");
        yield return Answer("Hand each consumer just the part it wants, by rules that change", "exchange", TargetDescription.OverSocket,
            "A bound queue's consumer was handed 1.00 bytes for each byte wanted. A consumer of the whole topic was handed 103 bytes for each byte wanted of a 1 % subset.", "distribution");
        yield return Answer("The highest rate through one destination", "either", TargetDescription.InProcess,
            "At 1 KiB and PageCache one queue carried 312 k messages/s, from publish to acknowledgement. At 1 KiB and PageCache one partition carried 356 k messages/s, from publish to acknowledgement.", "throughput");
        yield return Answer("The highest rate through one destination", "log", TargetDescription.OverSocket,
            "At 1 KiB and PageCache one queue carried 14.1 k messages/s, from publish to acknowledgement. At 1 KiB and PageCache one partition carried 61.2 k messages/s, from publish to acknowledgement.", "throughput");
        yield return Answer("To go on when a node fails", "log", TargetDescription.OverSocket,
            "With its leader killed a quorum queue took no message for 2,310 ms. With its leader killed a partition took no message for 1,420 ms.", "cluster");
    }

    private static NeedAnswer Answer(string need, string choice, string place, string because, string experiment) => new(need, choice, because, experiment, $"dotnet run -- compare --experiments {experiment}")
    {
        Place = place,
        Targets = place == TargetDescription.InProcess ? ["native"] : ["rabbitmq", "kafka"],
    };

    private static IEnumerable<ClaimResult> Claims()
    {
        (string Part, string Exchange, string Log)[] texts =
        [
            ("data model", "Producers publish to an exchange, which routes by rules to queues that consumers read.", "Producers write to topic partitions that consumers subscribe to."),
            ("persistence", "Messages live in memory by default, can be made durable, and durable ones survive a restart.", "Messages are on disk by default and kept 7 days, adjustable."),
            ("consumption", "Consumption is point-to-point and publish/subscribe.", "Consumption is naturally publish/subscribe: several groups consume a topic in parallel."),
            ("scaling", "Clusters or mirrored queues give availability and balance.", "Distribution, replicas and partitions scale well and tolerate faults."),
        ];
        foreach ((string part, string exchange, string log) in texts)
        {
            yield return Claim(part, ModelKind.Exchange, exchange, Native, part == "scaling");
            yield return Claim(part, ModelKind.Exchange, exchange, RabbitMq, part == "persistence");
            yield return Claim(part, ModelKind.Log, log, Native, part == "scaling");
            yield return Claim(part, ModelKind.Log, log, Kafka, isConditional: false);
        }

        foreach (TargetDescription target in new[] { Native, RabbitMq })
        {
            yield return Claim("consumption", ModelKind.Exchange, "A consumed message is gone: queues cannot be read again.", target, isConditional: false) with
            {
                TrueUntil = "RabbitMQ 3.8",
                Verdict = Verdict.DoesNotHold,
                Condition = "since 3.9 there are streams, and one gave 200 of 200 messages a second time",
            };
        }
    }

    private static ClaimResult Claim(string part, ModelKind model, string text, TargetDescription target, bool isConditional) => new()
    {
        Part = part,
        Model = model,
        Claim = text,
        Target = target.Name,
        Verdict = (part, target.Name) switch
        {
            ("persistence", "rabbitmq") => Verdict.DoesNotHold,
            _ when isConditional => Verdict.HoldsIf,
            _ => Verdict.Holds,
        },
        Condition = !isConditional ? ""
            : part == "persistence" ? "a classic queue of RabbitMQ 4.3.6 writes messages of more than 4 KiB to disk at once; “in memory by default” was true before 3.12"
            : "untested here: a cluster or replicated queue stays available when a node fails, which needs several broker nodes",
        Findings =
        [
            new Finding("The statement was tried with 20,000 messages.", FindingOutcome.Confirmed, "20,000 of 20,000 arrived, 0 elsewhere.", IsEssential: true),
            isConditional
                ? new Finding("Messages stay in memory.", FindingOutcome.Refuted, "The data directory grew by 48.2 MiB for 40.0 MiB published.", "the contrary was observed")
                : new Finding("A restart keeps them.", FindingOutcome.Confirmed, "20,000 of 20,000 were there after the restart."),
        ],
        Experiment = part.Replace(' ', '-'),
        Command = $"dotnet run -c Release --project src/MessagingModels.Cli -- compare --experiments {part.Replace(' ', '-')}",
    };

    private static FaultMatrix Matrix()
    {
        FaultDescription[] faults =
        [
            new("no fault", "Everything is sent, then everything consumed."),
            new("consumer dies before it acknowledges", "Half way, the consumer dies right before it acknowledges."),
            new("consumer dies after it acknowledged", "As before, but right after the acknowledgement."),
            new("publish response lost, client sends again", "The broker stored a message but its response got lost."),
            new("publish response lost, application sends again", "The same, but the application publishes the message anew."),
            new("broker killed and opened again", "The broker's process gets SIGKILL half way."),
        ];
        return new FaultMatrix(faults,
        [
            .. Rows(ModelKind.Exchange, RabbitMq, faults, "no confirms, automatic acknowledgement", [0, 1, 0, 0, 0, 100], [0, 0, 0, 0, 1, 0]),
            .. Rows(ModelKind.Exchange, RabbitMq, faults, "confirms, acknowledgement after processing", [0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 1, 1]),
            .. Rows(ModelKind.Exchange, RabbitMq, faults, "confirms, acknowledgement after processing, consumer remembers ids", [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]),
            .. Rows(ModelKind.Log, Kafka, faults, "acks 0, automatic commit every 5 s", [0, 0, 1, 0, 0, 12], [0, 100, 0, 0, 1, 3]),
            .. Rows(ModelKind.Log, Kafka, faults, "idempotent; output and offsets in one transaction, read committed", [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0]),
        ]);
    }

    private static IEnumerable<FaultRow> Rows(ModelKind model, TargetDescription real, FaultDescription[] faults, string setting, int[] lost, int[] duplicated)
    {
        foreach (TargetDescription target in new[] { Native, real })
        {
            yield return new FaultRow(model, target.Name, setting,
            [
                .. faults.Select((fault, i) => target == real && i == 3
                    ? new FaultCell(fault.Name, 0, 0, 0, "not tried: the client gives no hold on its connection")
                    : new FaultCell(fault.Name, 200, lost[i], duplicated[i])),
            ]);
        }
    }
}
