using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MessagingModels.Provisioning;

namespace MessagingModels.Kafka.Tests.Cluster;

/// <summary>TLS with SASL/PLAIN to a real broker whose certificate signs itself.</summary>
public sealed class SecureKafkaTests(SecureKafkaTests.SecureKafka kafka) : IClassFixture<SecureKafkaTests.SecureKafka>
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task Records_travel_over_tls_with_a_login()
    {
        await using KafkaLogBroker broker = await KafkaLogBroker.ConnectAsync(await kafka.OptionsAsync());
        string topic = RealKafka.Unique("secret");
        await broker.CreateTopicAsync(topic);
        await using ILogProducer producer = broker.CreateProducer();
        await producer.ProduceAsync(topic, "k", "v");
        await using ILogConsumer member = await broker.JoinGroupAsync(
            new ConsumerOptions { GroupId = topic, OffsetReset = OffsetReset.Earliest }, [topic], null);
        Assert.Equal("v", Assert.Single(await RealKafka.ReadAsync(member, 1)).ValueText);
    }

    [Fact]
    public async Task Wrong_password_fails_at_once_and_names_the_address_and_the_reason()
    {
        KafkaOptions options = await kafka.OptionsAsync();
        options.ConnectTimeout = TimeSpan.FromMinutes(2);
        options.Settings["sasl.password"] = "coffee";

        LogException refused = await FailAsync(options);
        Assert.Equal(LogErrorCode.SaslAuthenticationFailed, refused.ErrorCode);
        Assert.Contains("refused the connection", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("coffee", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_of_an_unknown_authority_fails_within_the_timeout_and_names_the_address_and_the_reason()
    {
        KafkaOptions options = await kafka.OptionsAsync();
        options.ConnectTimeout = TimeSpan.FromSeconds(5);
        options.Settings["ssl.ca.location"] = kafka.WriteCertificate("stranger").Certificate;

        LogException refused = await FailAsync(options);
        Assert.Equal(LogErrorCode.NetworkException, refused.ErrorCode);
        Assert.Contains("certificate", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Client_without_tls_fails_within_the_timeout_and_is_told_where_to_look()
    {
        KafkaOptions options = await kafka.OptionsAsync();
        options.ConnectTimeout = TimeSpan.FromSeconds(5);
        options.Settings.Clear();

        LogException refused = await FailAsync(options);
        Assert.Contains("security.protocol", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Authority_whose_file_is_missing_is_the_callers_mistake()
    {
        KafkaOptions options = await kafka.OptionsAsync();
        options.Settings["ssl.ca.location"] = "/nowhere/ca.pem";

        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => KafkaLogBroker.ConnectAsync(options).WaitAsync(s_limit));
        Assert.Contains("ssl.ca.location", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<LogException> FailAsync(KafkaOptions options)
    {
        LogException refused = await Assert.ThrowsAsync<LogException>(() => KafkaLogBroker.ConnectAsync(options).WaitAsync(s_limit));
        Assert.Contains(options.BootstrapServers, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        return refused;
    }

    /// <summary>The broker, with a listener for TLS and logins; started by the first test that asks.</summary>
    public sealed class SecureKafka : IAsyncDisposable
    {
        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mm-tls-");
        private readonly Lazy<Task<KafkaServer>> _server;
        private string _authority = "";

        public SecureKafka() => _server = new(StartAsync);

        public async Task<KafkaOptions> OptionsAsync()
        {
            try
            {
                return new KafkaOptions
                {
                    BootstrapServers = (await _server.Value).SecureServers!,
                    Settings =
                    {
                        ["security.protocol"] = "sasl_ssl",
                        ["ssl.ca.location"] = _authority,
                        ["sasl.mechanism"] = "PLAIN",
                        ["sasl.username"] = "alice",
                        ["sasl.password"] = "tea",
                    },
                };
            }
            catch (BrokerUnavailableException unavailable)
            {
                Assert.Skip(unavailable.Message);
                throw;
            }
        }

        /// <summary>Makes a certificate that signs itself, and the file of a key store with its key.</summary>
        public (string Certificate, string KeyStore) WriteCertificate(string name)
        {
            using RSA key = RSA.Create(2048);
            CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            SubjectAlternativeNameBuilder names = new();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            string path = Path.Combine(_directory.FullName, $"{name}.pem");
            string keyStore = Path.Combine(_directory.FullName, $"{name}-key.pem");
            File.WriteAllText(path, certificate.ExportCertificatePem());
            File.WriteAllText(keyStore, $"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
            return (path, keyStore);
        }

        public async ValueTask DisposeAsync()
        {
            if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully)
                await (await _server.Value).DisposeAsync();
            _directory.Delete(recursive: true);
        }

        private Task<KafkaServer> StartAsync()
        {
            (_authority, string keyStore) = WriteCertificate("broker");
            return KafkaServer.StartAsync(new ProvisioningOptions
            {
                SecurityProtocol = "SASL_SSL",
                Settings = new Dictionary<string, string>
                {
                    ["ssl.keystore.type"] = "PEM",
                    ["ssl.keystore.location"] = keyStore,
                    ["sasl.enabled.mechanisms"] = "PLAIN",
                    ["listener.name.secure.plain.sasl.jaas.config"] =
                        "org.apache.kafka.common.security.plain.PlainLoginModule required user_alice=\"tea\";",
                },
            });
        }
    }
}
