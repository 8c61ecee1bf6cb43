using MessagingModels.Provisioning.Containers;
using MessagingModels.Provisioning.RabbitMq;

namespace MessagingModels.Provisioning.Tests;

/// <summary>The files of compose/ cannot be run everywhere; that what they say agrees can be checked everywhere.</summary>
public sealed class ComposeTests
{
    private const int AmqpPort = 5672;
    private const int ManagementPort = 15672;

    public static TheoryData<string, int> KafkaFiles => new() { { "kafka.yml", 1 }, { "kafka-cluster.yml", 3 } };

    public static TheoryData<string, int> RabbitMqFiles => new() { { "rabbitmq.yml", 1 }, { "rabbitmq-cluster.yml", 3 } };

    [Fact]
    public void Every_file_is_tested_and_in_the_readme()
    {
        IEnumerable<string> files = Directory.EnumerateFiles(ComposeFile.Folder, "*.yml").Select(path => Path.GetFileName(path)).Order();
        string readme = File.ReadAllText(Path.Combine(ComposeFile.Folder, "README.md"));

        Assert.Equal(["kafka-cluster.yml", "kafka.yml", "rabbitmq-cluster.yml", "rabbitmq.yml"], files);
        Assert.All(files, file => Assert.Contains($"`{file}`", readme, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(KafkaFiles))]
    [MemberData(nameof(RabbitMqFiles))]
    public void Services_are_pinned_checked_and_keep_their_data(string file, int nodes)
    {
        ComposeFile compose = ComposeFile.Read(file);

        Assert.Equal($"mm-{Path.GetFileNameWithoutExtension(file)}", compose.Name);
        Assert.Equal(nodes, compose.Services.Count);
        Assert.All(compose.Services, service =>
        {
            Assert.Equal(file.StartsWith("kafka", StringComparison.Ordinal) ? ContainerImages.Kafka : ContainerImages.RabbitMq, service.Value.Image);
            Assert.Equal(service.Key, service.Value.Hostname);
            Assert.NotEmpty(service.Value.Healthcheck.Interval);
            Assert.NotEmpty(service.Value.Healthcheck.Timeout);
            Assert.True(service.Value.Healthcheck.Retries > 0);
            Assert.Equal($"{service.Key}-data", service.Value.Volumes[0].Split(':')[0]);
        });
        Assert.Equal(compose.Services.Keys.Select(name => $"{name}-data"), compose.Volumes.Keys);
        IEnumerable<int> published = compose.Services.Values.SelectMany(service => service.Published().Values);
        Assert.Equal(published.Count(), published.Distinct().Count());
        Assert.All(
            compose.Services.Values.SelectMany(service => service.Volumes).Where(volume => volume.StartsWith("./", StringComparison.Ordinal)),
            volume => Assert.True(File.Exists(Path.Combine(ComposeFile.Folder, volume.Split(':')[0])), volume));
    }

    [Theory]
    [MemberData(nameof(KafkaFiles))]
    public void Kafka_is_advertised_where_it_is_published_and_listens(string file, int nodes)
    {
        ComposeFile compose = ComposeFile.Read(file);
        Assert.Equal(nodes, compose.Services.Count);

        Assert.All(compose.Services.Values, service =>
        {
            Dictionary<string, (string Host, int Port)> listeners = service.Listeners("KAFKA_LISTENERS");
            Dictionary<string, (string Host, int Port)> advertised = service.Listeners("KAFKA_ADVERTISED_LISTENERS");
            IEnumerable<string> mapped = service.Environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].Split(',').Select(entry => entry.Split(':')[0]);

            Assert.Equal(["HOST", "INTERNAL", "CONTROLLER"], listeners.Keys);
            Assert.Equal(listeners.Keys, mapped);
            Assert.Equal(3, listeners.Values.Select(listener => listener.Port).Distinct().Count());
            Assert.Equal(service.Environment["KAFKA_CONTROLLER_LISTENER_NAMES"], listeners.Keys.Except(advertised.Keys).Single());
            Assert.Equal(("localhost", service.Published()[listeners["HOST"].Port]), advertised["HOST"]);
            Assert.Equal((service.Hostname, listeners["INTERNAL"].Port), advertised["INTERNAL"]);
            Assert.Equal("INTERNAL", service.Environment["KAFKA_INTER_BROKER_LISTENER_NAME"]);
            Assert.Equal($"{service.Hostname}:{listeners["INTERNAL"].Port}", service.Healthcheck.Test[^1]);
            Assert.EndsWith($":{service.Environment["KAFKA_LOG_DIRS"]}", service.Volumes[0], StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(KafkaFiles))]
    public void Kafka_nodes_are_the_voters_of_one_cluster_with_as_many_replicas(string file, int nodes)
    {
        ComposeFile compose = ComposeFile.Read(file);
        string voters = string.Join(',', compose.Services.Values.Select(
            service => $"{service.Environment["KAFKA_NODE_ID"]}@{service.Hostname}:{service.Listeners("KAFKA_LISTENERS")["CONTROLLER"].Port}"));

        Assert.Equal(Enumerable.Range(1, nodes).Select(id => $"{id}"), compose.Services.Values.Select(service => service.Environment["KAFKA_NODE_ID"]));
        Assert.All(compose.Services.Values, service =>
        {
            Assert.Equal(voters, service.Environment["KAFKA_CONTROLLER_QUORUM_VOTERS"]);
            Assert.Equal(16, Convert.FromBase64String(service.Environment["CLUSTER_ID"] + "==").Length);
            Assert.Equal(compose.Services.Values.First().Environment["CLUSTER_ID"], service.Environment["CLUSTER_ID"]);
            foreach ((string name, string value) in service.Environment)
            {
                if (name.EndsWith("REPLICATION_FACTOR", StringComparison.Ordinal))
                    Assert.Equal($"{nodes}", value);
                if (name.EndsWith("MIN_ISR", StringComparison.Ordinal) || name.EndsWith("INSYNC_REPLICAS", StringComparison.Ordinal))
                    Assert.Equal($"{(nodes / 2) + 1}", value);
            }
        });
    }

    [Theory]
    [MemberData(nameof(RabbitMqFiles))]
    public void RabbitMq_publishes_what_its_health_check_asks_for(string file, int nodes)
    {
        ComposeFile compose = ComposeFile.Read(file);
        Assert.Equal(nodes, compose.Services.Count);

        Assert.All(compose.Services.Values, service =>
        {
            Assert.Equal([AmqpPort, ManagementPort], service.Published().Keys);
            Assert.Equal(["check_port_listener", $"{AmqpPort}"], service.Healthcheck.Test.TakeLast(2));
            Assert.Equal(("mm", "mm"), (service.Environment["RABBITMQ_DEFAULT_USER"], service.Environment["RABBITMQ_DEFAULT_PASS"]));
            Assert.EndsWith(":/var/lib/rabbitmq", service.Volumes[0], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void RabbitMq_nodes_know_each_other_and_share_the_cookie()
    {
        ComposeFile compose = ComposeFile.Read("rabbitmq-cluster.yml");
        IEnumerable<string> members = File.ReadLines(Path.Combine(ComposeFile.Folder, "rabbitmq-cluster.conf"))
            .Where(line => line.StartsWith("cluster_formation.classic_config.nodes.", StringComparison.Ordinal))
            .Select(line => line.Split(" = ")[1]);

        Assert.Equal(compose.Services.Keys.Select(host => $"rabbit@{host}"), members);
        Assert.Single(compose.Services.Values.Select(service => service.Environment["RABBITMQ_ERLANG_COOKIE"]).Distinct());
        Assert.All(compose.Services.Values, service => Assert.Contains("./rabbitmq-cluster.conf:/etc/rabbitmq/conf.d/90-cluster.conf:ro", service.Volumes));
    }

    [Fact]
    public void Containers_have_the_plugins_that_local_processes_have()
        => Assert.Equal(ConfigurationFile.Plugins, File.ReadAllText(Path.Combine(ComposeFile.Folder, "enabled_plugins")));
}
