using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MessagingModels.RabbitMq;

/// <summary>
/// Settings of TLS; used where <see cref="RabbitMqOptions.Uri"/> begins with <c>amqps</c>, and alike where
/// <see cref="RabbitMqOptions.ManagementUri"/> begins with <c>https</c>.
/// </summary>
public sealed class RabbitMqTlsOptions
{
    /// <summary>The name that the server's certificate must carry; null for the host's name in each address.</summary>
    public string? ServerName { get; set; }

    /// <summary>A PEM file with the authorities that may have signed the server's certificate; null for those that the machine trusts.</summary>
    public string? AuthoritiesPath { get; set; }

    /// <summary>A PKCS#12 file with the certificate to identify with; null for none.</summary>
    public string? ClientCertificatePath { get; set; }

    /// <summary>The password of <see cref="ClientCertificatePath"/>.</summary>
    public string? ClientCertificatePassword { get; set; }

    /// <summary>Certificates to identify with, beside <see cref="ClientCertificatePath"/>; null for none.</summary>
    public X509CertificateCollection? ClientCertificates { get; set; }

    /// <summary>
    /// True to log in by the certificate to identify with (SASL EXTERNAL, RabbitMQ's plugin rabbitmq_auth_mechanism_ssl), which takes the place of
    /// user and password of <see cref="RabbitMqOptions.Uri"/>: RabbitMQ knows the user by the certificate's name. The management API has no such
    /// login, so <see cref="RabbitMqOptions.ManagementUri"/> then names a user and a password of its own.
    /// </summary>
    public bool LogInByCertificate { get; set; }

    /// <summary>The versions of TLS that may be used; <see cref="SslProtocols.None"/> leaves the choice to the operating system.</summary>
    public SslProtocols Protocols { get; set; } = SslProtocols.None;

    /// <summary>True to ask the authorities whether the server's certificate was revoked.</summary>
    public bool CheckRevocation { get; set; }
}
