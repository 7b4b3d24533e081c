using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FleetMonitor.RealServers.Identity;

/// <summary>A certificate authority that exists for one test, with its files in a folder.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly string _folder;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public TestAuthority(string folder, string name = "ca")
    {
        (_folder, Name) = (folder, name);
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow - Day, DateTimeOffset.UtcNow + Day);
        System.IO.File.WriteAllText(File, _certificate.ExportCertificatePem());
    }

    public string Name { get; }

    /// <summary>The authority's own certificate.</summary>
    public string File => Path.Combine(_folder, $"{Name}.pem");

    /// <summary>Signs a certificate for a name (and 127.0.0.1) and writes it and its key: <c>{file}.pem</c>, <c>{file}.key</c>.</summary>
    /// <returns>Its serial number.</returns>
    public string Sign(string commonName, string file)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using X509Certificate2 signed = request.Create(
            _certificate, DateTimeOffset.UtcNow - Day, DateTimeOffset.UtcNow + (Day / 2), RandomNumberGenerator.GetBytes(16));
        System.IO.File.WriteAllText(Path.Combine(_folder, $"{file}.pem"), signed.ExportCertificatePem());
        System.IO.File.WriteAllText(Path.Combine(_folder, $"{file}.key"), key.ExportPkcs8PrivateKeyPem());
        return signed.SerialNumber;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}
