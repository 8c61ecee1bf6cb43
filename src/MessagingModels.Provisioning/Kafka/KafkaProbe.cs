using System.Buffers.Binary;
using System.Net.Sockets;

namespace MessagingModels.Provisioning.Kafka;

/// <summary>Asks a Kafka listener for its API versions, the one request that needs no client and no login.</summary>
internal static class KafkaProbe
{
    private const int CorrelationId = 0x4D4D0001;
    private const int MaxAnswerBytes = 1 << 20;

    /// <summary>
    /// Size, ApiKey 18 (ApiVersions), version 0, correlation id, client id "mm"; version 0 has an empty body.
    /// https://kafka.apache.org/protocol#The_Messages_ApiVersions
    /// </summary>
    private static readonly byte[] Request = [0, 0, 0, 12, 0, 18, 0, 0, 0x4D, 0x4D, 0, 1, 0, 2, (byte)'m', (byte)'m'];

    /// <param name="server">The listener.</param>
    /// <param name="tls">True to see only that somebody listens: whose certificates to trust is the clients' knowledge.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True always.</returns>
    /// <exception cref="BrokerUnavailableException">Nobody answers there, or not as a Kafka listener does.</exception>
    public static async Task<bool> CheckAsync(KafkaAddress server, bool tls, CancellationToken cancellationToken)
    {
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(server.Host, server.Port, cancellationToken).ConfigureAwait(false);
            if (tls)
                return true;
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Request, cancellationToken).ConfigureAwait(false);
            byte[] head = new byte[8];
            await stream.ReadExactlyAsync(head, cancellationToken).ConfigureAwait(false);
            if (BinaryPrimitives.ReadInt32BigEndian(head) is < 6 or > MaxAnswerBytes || BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)) != CorrelationId)
                throw new BrokerUnavailableException($"{server} does not speak Kafka's protocol");
            return true;
        }
        catch (SocketException error)
        {
            throw new BrokerUnavailableException($"{server} cannot be reached: {error.Message}", error);
        }
        catch (IOException error)
        {
            throw new BrokerUnavailableException(
                $"{server} closed the connection instead of answering as a Kafka listener without TLS does; one with TLS needs the setting security.protocol", error);
        }
    }
}
