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
            text.Append(Rune.IsControl(rune) ? Rune.ReplacementChar.ToString() : rune.ToString());
        }

        return text.Append(found.Length > MaxBytes ? "…\"" : "\"").ToString();
    }
}
