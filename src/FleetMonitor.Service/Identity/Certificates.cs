using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Identity;

/// <summary>Certificates from PEM files.</summary>
internal static class Certificates
{
    /// <summary>A certificate of our own, with its key and what stands between it and its authority.</summary>
    public static SslStreamCertificateContext Own(CertificateSettings files)
    {
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(files.CertificateFile);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    /// <summary>The authorities to trust, and no others.</summary>
    public static X509Certificate2Collection Authorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("no certificate stands there");
    }

    /// <param name="own">Null where none is shown.</param>
    /// <param name="authorities">Null for those of the system.</param>
    public static SslClientAuthenticationOptions ForClient(
        string host, SslStreamCertificateContext? own, X509Certificate2Collection? authorities) => new()
        {
            TargetHost = host,
            ClientCertificateContext = own,
            CertificateChainPolicy = authorities is null ? null : Trust(authorities),
        };

    /// <summary>Trusts what these authorities have signed. Nobody is asked on the network whether a certificate was taken back.</summary>
    public static X509ChainPolicy Trust(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
