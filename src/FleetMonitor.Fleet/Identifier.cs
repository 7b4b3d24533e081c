using System.Text;

namespace FleetMonitor.Fleet;

/// <summary>
/// The one rule for site and device ids, checked at the door: 1 to 128 UTF-8 bytes, no control characters, no topic syntax
/// (<c>/ + #</c>), no leading or trailing space. Spaces, brackets and any script are allowed, since real device names hold them; whoever
/// prints an id (line protocol, CSV, HTML) escapes it.
/// </summary>
public static class Identifier
{
    public const int MaxBytes = 128;

    public static bool IsValid(string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaxBytes || char.IsWhiteSpace(id[0]) || char.IsWhiteSpace(id[^1]))
        {
            return false;
        }

        foreach (Rune rune in id.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar || rune.Value is '/' or '+' or '#' or 0x2028 or 0x2029)
            {
                return false;
            }
        }

        return Encoding.UTF8.GetByteCount(id) <= MaxBytes;
    }
}
