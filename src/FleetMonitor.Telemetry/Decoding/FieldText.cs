using System.Text.Json;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>The texts that slots point at, and words for them.</summary>
internal static class FieldText
{
    /// <summary>No time, number or word that a profile asks for is longer.</summary>
    public const int Longest = 256;

    /// <summary>A value's text: a string's without quotes and escapes, else the token itself.</summary>
    /// <param name="scratch">Room for <see cref="Longest"/> bytes, for a string with escapes.</param>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> payload, in Slot slot, Span<byte> scratch)
    {
        if (!slot.IsEscaped || slot.Length > Longest)
        {
            return payload.Slice(slot.Start, slot.Length);
        }

        var reader = new Utf8JsonReader(payload.Slice(slot.Start - 1, slot.Length + 2));
        reader.Read();
        return scratch[..reader.CopyString(scratch)];
    }

    /// <summary>What stands there, for a person.</summary>
    public static string Found(ReadOnlySpan<byte> payload, in Slot slot) => slot.Type switch
    {
        JsonTokenType.String => "a string " + Excerpt.Of(payload.Slice(slot.Start, slot.Length)),
        JsonTokenType.Number => "the number " + Excerpt.Of(payload.Slice(slot.Start, slot.Length)).Trim('"'),
        JsonTokenType.StartArray => "a list",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        _ => "an object",
    };
}
