using System.Text.Json;
using System.Text.Json.Serialization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;

namespace FleetMonitor.Ledger.Store;

/// <summary>The chain's head at one moment, and what was filed then.</summary>
/// <param name="Filed">Null where nothing was.</param>
public sealed record Anchor(Instant At, PostingHead Head, FiledHash? Filed = null);

public sealed record FiledHash(string Site, TaxPeriod Period, int Number, string Hash);

/// <summary>
/// The heads of the chain of postings, one JSON object a line, written down beside the database: who rewrites or shortens the one has to do the
/// same to the other, and to every copy of it that was carried elsewhere.
/// </summary>
public sealed partial class AnchorFile(string path)
{
    public string FilePath { get; } = path;

    /// <summary>Returns once the line is durable.</summary>
    public void Append(Anchor anchor)
    {
        var line = new Line(
            anchor.At.ToString(),
            anchor.Head.Count,
            anchor.Head.Hash,
            anchor.Filed is { } filed ? new FiledLine(filed.Site, filed.Period.ToString(), filed.Number, filed.Hash) : null);
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, Json.Default.Line), (byte)'\n'];
        using var file = new FileStream(FilePath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (file.Length > 0)
        {
            // A line that a crash cut short stays one by itself.
            file.Position = file.Length - 1;
            if (file.ReadByte() != '\n')
            {
                file.WriteByte((byte)'\n');
            }
        }

        file.Position = file.Length;
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    /// <summary>All anchors, in the order written; lines that are none are passed on by number.</summary>
    public (IReadOnlyList<Anchor> Anchors, IReadOnlyList<int> BadLines) Read()
    {
        var anchors = new List<Anchor>();
        var bad = new List<int>();
        if (!File.Exists(FilePath))
        {
            return (anchors, bad);
        }

        string[] lines = File.ReadAllLines(FilePath);
        for (int i = 0; i < lines.Length; i++)
        {
            try
            {
                anchors.Add(Parse(JsonSerializer.Deserialize(lines[i], Json.Default.Line)!));
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                bad.Add(i + 1);
            }
        }

        return (anchors, bad);
    }

    private static Anchor Parse(Line line) => new(
        Instant.From(DateTimeOffset.Parse(line.At, System.Globalization.CultureInfo.InvariantCulture)),
        new PostingHead(line.Postings, line.HeadHash),
        line.Filed is { } filed ? new FiledHash(filed.Site, TaxPeriod.Parse(filed.Period), filed.Number, filed.Hash) : null);

    private sealed record Line(string At, long Postings, string HeadHash, FiledLine? Filed = null);

    private sealed record FiledLine(string Site, string Period, int Number, string Hash);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(Line))]
    private sealed partial class Json : JsonSerializerContext;
}
