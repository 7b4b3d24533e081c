using System.Globalization;
using System.Text;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>The start of what was found, fit to be shown: short, and without anything that a terminal or a page would obey.</summary>
internal static class Excerpt
{
    private const int MaxBytes = 60;

    public static string Of(ReadOnlySpan<byte> found)
    {
        var text = new StringBuilder("\"");
        foreach (Rune rune in Encoding.UTF8.GetString(found[..Math.Min(found.Length, MaxBytes)]).EnumerateRunes())
        {
            text.Append(IsShown(rune) ? rune.ToString() : Rune.ReplacementChar.ToString());
        }

        return text.Append(found.Length > MaxBytes ? "…\"" : "\"").ToString();
    }

    /// <summary>Not what ends a line anywhere, and not what turns the text after it round.</summary>
    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
