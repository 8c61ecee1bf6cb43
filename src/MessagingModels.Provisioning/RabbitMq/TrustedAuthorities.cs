using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MessagingModels.Provisioning.RabbitMq;

/// <summary>Whose certificates a check of a given broker trusts: those of a file that the user names, else the machine's.</summary>
internal static class TrustedAuthorities
{
    /// <exception cref="BrokerUnavailableException">The file cannot be read, or has no certificate.</exception>
    public static SslClientAuthenticationOptions OptionsFor(string host, string? file) => new() { TargetHost = host, CertificateChainPolicy = PolicyOf(file) };

    /// <summary>Null for the machine's own authorities.</summary>
    /// <exception cref="BrokerUnavailableException">The file cannot be read, or has no certificate.</exception>
    private static X509ChainPolicy? PolicyOf(string? file)
    {
        if (file is null)
            return null;
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new BrokerUnavailableException($"the authorities' file {file} cannot be read: {error.Message}", error);
        }

        return policy.CustomTrustStore.Count > 0 ? policy : throw new BrokerUnavailableException($"the authorities' file {file} has no PEM certificate in it");
    }
}
