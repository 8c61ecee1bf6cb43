using MessagingModels.Provisioning.Kafka;

namespace MessagingModels.Provisioning.Tests;

public sealed class KafkaAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:9093", "127.0.0.1:9093")]
    [InlineData("kafka", "kafka:9092")]
    [InlineData("[::1]:9093", "[::1]:9093")]
    [InlineData("[::1]", "[::1]:9092")]
    [InlineData(" a:1, b:2 ,", "a:1,b:2")]
    [InlineData("SASL_SSL://a:1,b", "a:1,b:9092")]
    public void Hosts_may_be_several_of_ipv6_and_without_a_port(string given, string read)
        => Assert.Equal(read, string.Join(',', KafkaAddress.ParseAll(given)));

    [Fact]
    public void An_ipv6_host_is_connected_to_without_its_brackets()
        => Assert.Equal(new KafkaAddress("::1", 9093), Assert.Single(KafkaAddress.ParseAll("[::1]:9093")));
}
