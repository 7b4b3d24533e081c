using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FleetMonitor.Tests.Clients;

/// <summary>A certificate authority that nobody knows, and a certificate of its for localhost.</summary>
internal sealed class TestAuthority : IDisposable
{
    public TestAuthority()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using var rootKey = RSA.Create(2048);
        var root = new CertificateRequest("CN=Test authority", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        Root = root.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var serverKey = RSA.Create(2048);
        var server = new CertificateRequest("CN=localhost", serverKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        server.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = server.Create(Root, now.AddDays(-1), now.AddHours(23), [1]);
        Server = signed.CopyWithPrivateKey(serverKey);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Server { get; }

    public void Dispose()
    {
        Root.Dispose();
        Server.Dispose();
    }
}
