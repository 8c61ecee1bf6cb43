using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MessagingModels.RabbitMq.Connections;

/// <summary>Decides whether a server is trusted by its certificate, and keeps the reason where it is not: the client's error does not tell it.</summary>
/// <param name="name">The name that the certificate must carry.</param>
/// <param name="authorities">Who may have signed it; null for those that the machine trusts.</param>
/// <param name="checkRevocation">True to ask the authorities whether it was revoked.</param>
internal sealed class ServerCertificateCheck(string name, X509Certificate2Collection? authorities, bool checkRevocation)
{
    private volatile string? _refusal;

    /// <summary>Why the last certificate was refused; null where it was not.</summary>
    public string? Refusal => _refusal;

    /// <summary>The callback of the handshake.</summary>
    public bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _refusal = FindRefusal(certificate as X509Certificate2, chain, errors);
        return _refusal is null;
    }

    private string? FindRefusal(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return "it has no certificate.";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"its certificate is for {NamesOf(certificate)} and not for '{name}'; see RabbitMqTlsOptions.ServerName.";
        if (authorities is null)
        {
            return errors == SslPolicyErrors.None
                ? null
                : $"this machine does not trust its certificate ({StatusOf(chain)}); see RabbitMqTlsOptions.AuthoritiesPath.";
        }

        // The machine's own authorities do not count here.
        using X509Chain own = new();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        if (chain is not null)
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        own.ChainPolicy.RevocationMode = checkRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck;
        return own.Build(certificate)
            ? null
            : $"the authorities in RabbitMqTlsOptions.AuthoritiesPath do not vouch for its certificate ({StatusOf(own)}).";
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension[] extensions = [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()];
        string[] names =
        [
            .. extensions.SelectMany(static extension => extension.EnumerateDnsNames()),
            .. extensions.SelectMany(static extension => extension.EnumerateIPAddresses()).Select(static address => address.ToString()),
        ];
        return names.Length > 0 ? string.Join(", ", names.Select(static each => $"'{each}'")) : $"'{certificate.Subject}'";
    }

    private static string StatusOf(X509Chain? chain)
        => chain is { ChainStatus.Length: > 0 } ? string.Join(", ", chain.ChainStatus.Select(static status => status.Status).Distinct()) : "unknown";
}
