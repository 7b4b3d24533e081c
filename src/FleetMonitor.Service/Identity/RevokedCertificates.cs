using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FleetMonitor.Service.Identity;

/// <summary>
/// Client certificates that were taken back, by serial number or SHA-256 fingerprint, in hexadecimal as <c>openssl x509 -serial</c> and
/// <c>-fingerprint -sha256</c> print them. An authority's serial number is at most 20 bytes (RFC 5280, section 4.1.2.2), so the two cannot be
/// taken for each other.
/// </summary>
public sealed class RevokedCertificates
{
    private const int MostSerialDigits = 40;
    private const int FingerprintDigits = 64;

    private readonly FrozenSet<string> _serials;
    private readonly FrozenSet<string> _fingerprints;

    private RevokedCertificates(IReadOnlyCollection<string> entries) => (_serials, _fingerprints) = (
        entries.Where(entry => entry.Length != FingerprintDigits).ToFrozenSet(StringComparer.Ordinal),
        entries.Where(entry => entry.Length == FingerprintDigits).ToFrozenSet(StringComparer.Ordinal));

    public static RevokedCertificates None { get; } = new([]);

    /// <param name="entries">As <see cref="TryParse"/> gives them.</param>
    public static RevokedCertificates Of(IReadOnlyCollection<string> entries) => new(entries);

    /// <returns>The entry in the form that is compared; null where it is neither a serial number nor a fingerprint.</returns>
    public static string? TryParse(string text)
    {
        string digits = text.Replace(":", string.Empty, StringComparison.Ordinal).ToUpperInvariant();
        bool isOne = digits.Length is > 0 and (<= MostSerialDigits or FingerprintDigits) && digits.All(char.IsAsciiHexDigitUpper);
        return !isOne ? null : digits.Length == FingerprintDigits ? digits : Serial(digits);
    }

    public bool Holds(X509Certificate2 certificate) =>
        (_serials.Count > 0 && _serials.Contains(Serial(certificate.SerialNumber)))
        || (_fingerprints.Count > 0 && _fingerprints.Contains(certificate.GetCertHashString(HashAlgorithmName.SHA256)));

    /// <summary>A number: some write it with zeros in front.</summary>
    private static string Serial(string digits) => digits.TrimStart('0');
}
