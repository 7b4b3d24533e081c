using System.Text.Json;

namespace FleetMonitor.Fleet.Json;

/// <summary>Gathers the problems of one file, so that a person sees all of them at once and not one a try.</summary>
public sealed class ProblemList(string source)
{
    private const int MaxShownValue = 60;

    private readonly List<Problem> _problems = [];

    public IReadOnlyList<Problem> Problems => _problems;

    public bool IsEmpty => _problems.Count == 0;

    public void Add(string path, string? value, string message, string fix) =>
        _problems.Add(new Problem(source, path, value, message, fix));

    public void Add(JsonNode node, string message, string fix) => Add(node.Path, Shown(node.Element), message, fix);

    /// <summary>Opens a JSON text. Comments are allowed, since people write these files; nothing else beyond the standard is.</summary>
    /// <returns>Null, with the problem noted, where the text is not JSON.</returns>
    public JsonDocument? Open(ReadOnlyMemory<byte> utf8)
    {
        ReadOnlyMemory<byte> text = utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        try
        {
            if (BrokenText(text.Span) is { } at)
            {
                Add("$", null, $"text at byte {at + 1} that is not Unicode", "save the file as UTF-8, and write \\u escapes in pairs");
                return null;
            }

            return JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        }
        catch (JsonException e)
        {
            string where = e.LineNumber is { } line ? $"line {line + 1}, byte {e.BytePositionInLine + 1}" : "the text";
            Add("$", null, $"not JSON at {where}", "put the syntax right there");
            return null;
        }
    }

    /// <summary>JSON's syntax holds also around bytes and escapes that are no text; whoever reads such a string later would fail.</summary>
    /// <returns>Where the first such string or name begins; null where there is none.</returns>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    private static long? BrokenText(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    _ = reader.GetString();
                }
            }

            return null;
        }
        catch (InvalidOperationException)
        {
            return reader.TokenStartIndex;
        }
    }

    private static string Shown(JsonElement element)
    {
        if (element.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            return element.ValueKind == JsonValueKind.Object ? "{…}" : "[…]";
        }

        string raw = element.GetRawText();
        return raw.Length <= MaxShownValue ? raw : string.Concat(raw.AsSpan(0, MaxShownValue), "…");
    }
}
