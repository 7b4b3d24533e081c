using System.Globalization;
using System.Security.Cryptography;

namespace FleetMonitor.Service.Identity;

/// <summary>
/// A password as it is kept: PBKDF2 with HMAC-SHA-512, written as in a mosquitto password file,
/// <c>$7$iterations$salt$hash</c> with salt and hash in base64. A password made by <c>mosquitto_passwd</c> can move over as it is.
/// </summary>
public sealed class PasswordHash
{
    /// <summary>What a password that a person chose needs (OWASP's floor for PBKDF2-HMAC-SHA-512): about a tenth of a second each.</summary>
    public const int DefaultIterations = 210_000;

    public const int MostIterations = 10_000_000;

    public const string Form = "$7$iterations$salt$hash";

    private const int SaltBytes = 16;
    private const int HashBytes = 64;

    private readonly int _iterations;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private PasswordHash(string text, int iterations, byte[] salt, byte[] hash)
    {
        (Text, _iterations, _salt, _hash) = (text, iterations, salt, hash);
    }

    /// <summary>What to compare a password with where there is no such user, so that the answer takes as long.</summary>
    public static PasswordHash Nobody { get; } = Of(RandomNumberGenerator.GetBytes(32), DefaultIterations);

    /// <summary>As it stands in the file.</summary>
    public string Text { get; }

    /// <summary>Hashes a password with a salt of its own.</summary>
    public static PasswordHash Of(ReadOnlySpan<byte> password, int iterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, HashBytes);
        string text = string.Create(
            CultureInfo.InvariantCulture, $"$7${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
        return new PasswordHash(text, iterations, salt, hash);
    }

    /// <summary>Null for what is not of <see cref="Form"/>.</summary>
    public static PasswordHash? TryParse(string text)
    {
        string[] parts = text.Split('$');
        return parts is ["", "7", var count, var saltText, var hashText]
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int iterations)
            && iterations is > 0 and <= MostIterations
            && Decoded(saltText) is { Length: >= 8 and <= 64 } salt
            && Decoded(hashText) is { Length: HashBytes } hash
                ? new PasswordHash(text, iterations, salt, hash)
                : null;
    }

    /// <summary>Takes as long for a wrong password as for the right one.</summary>
    public bool Matches(ReadOnlySpan<byte> password)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        Rfc2898DeriveBytes.Pbkdf2(password, _salt, hash, _iterations, HashAlgorithmName.SHA512);
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    private static byte[]? Decoded(string base64)
    {
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int written) ? bytes[..written] : null;
    }
}
