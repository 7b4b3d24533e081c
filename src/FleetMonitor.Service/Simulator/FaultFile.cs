using System.Globalization;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Commands;

namespace FleetMonitor.Service.Simulator;

/// <summary>The faults of a file, or everything that is wrong with it; there are no faults where there are problems.</summary>
public sealed record FaultFileResult(IReadOnlyList<Fault> Faults, IReadOnlyList<string> Problems);

/// <summary>
/// Reads faults, one JSON object a line: <c>{"at":"00:10:00","device":"rig-12","kind":"offline","for":"00:20:00"}</c>. <c>at</c> counts from
/// the start of the fleet; without <c>for</c> a fault lasts to the end; <c>by</c> says how late a <c>delay</c> makes messages [2m] and how
/// far ahead a <c>clock-off</c> puts the clock [1h]; <c>device</c> may be <c>*</c>. A <c>register-reset</c> happens at once and takes no
/// <c>for</c>; a <c>site-outage</c> takes no device but <c>*</c>. Blank lines and those that start with <c>//</c> are passed over.
/// </summary>
public static class FaultFile
{
    /// <param name="source">What problems call the file.</param>
    public static FaultFileResult Parse(IEnumerable<string> lines, string source, int rigs, Instant start)
    {
        var faults = new List<Fault>();
        var problems = new List<string>();
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            {
                continue;
            }

            var found = new List<string>();
            if (ParseLine(line, rigs, start, found) is { } fault && found.Count == 0)
            {
                faults.Add(fault);
            }

            problems.AddRange(found.Select(problem => string.Create(CultureInfo.InvariantCulture, $"{source}:{number}: {problem}")));
        }

        return new FaultFileResult(problems.Count == 0 ? faults : [], problems);
    }

    private static Fault? ParseLine(string line, int rigs, Instant start, List<string> problems)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException exception)
        {
            problems.Add($"this is no JSON ({Brief(exception)}); write {{\"at\":\"00:10:00\",\"device\":\"rig-1\",\"kind\":\"offline\",\"for\":\"00:20:00\"}}");
            return null;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                problems.Add("this is no JSON object; write {\"at\":…,\"device\":…,\"kind\":…,\"for\":…}");
                return null;
            }

            return ParseObject(document.RootElement, rigs, start, problems);
        }
    }

    private static Fault? ParseObject(JsonElement line, int rigs, Instant start, List<string> problems)
    {
        foreach (JsonProperty property in line.EnumerateObject())
        {
            if (property.Name is not ("at" or "device" or "kind" or "for" or "by"))
            {
                problems.Add($"\"{property.Name}\" is unknown; there are at, device, kind, for and by");
            }
        }

        FaultKind? kind = Kind(line, problems);
        TimeSpan? at = Duration(line, "at", problems);
        if (at is null && !line.TryGetProperty("at", out _))
        {
            problems.Add("\"at\" is missing; write when the fault begins, counted from the start, such as 00:10:00");
        }

        TimeSpan? length = Duration(line, "for", problems);
        TimeSpan? by = Duration(line, "by", problems);
        int? device = Device(line, kind, rigs, problems);
        if (length is not null && kind == FaultKind.RegisterReset)
        {
            problems.Add("\"for\" has no meaning for register-reset, which happens at once; leave it out");
        }

        if (by is not null && kind is { } known && Fault.DefaultBy(known) == TimeSpan.Zero)
        {
            problems.Add("\"by\" has a meaning only for delay and clock-off; leave it out");
        }

        if (problems.Count > 0)
        {
            return null;
        }

        // Faults begin and end with a step of the signal, so that the truth is a sum of whole steps.
        Instant from = OnStep(start.Plus(at!.Value));
        Instant to = length is { } lasts ? OnStep(start.Plus(at.Value + lasts)) : Fault.Never;
        return new Fault(kind!.Value, device, from, to, by ?? Fault.DefaultBy(kind.Value));
    }

    private static FaultKind? Kind(JsonElement line, List<string> problems)
    {
        string? text = Text(line, "kind");
        if (text is not null && Fault.KindsByName.TryGetValue(text, out FaultKind kind))
        {
            return kind;
        }

        string said = line.TryGetProperty("kind", out JsonElement value) ? $"{value.GetRawText()} is no kind" : "is missing";
        problems.Add($"\"kind\" {said}; use one of {string.Join(", ", Fault.KindsByName.Keys)}");
        return null;
    }

    private static int? Device(JsonElement line, FaultKind? kind, int rigs, List<string> problems)
    {
        bool given = line.TryGetProperty("device", out JsonElement value);
        string? text = Text(line, "device");
        if (text == "*" || (!given && kind == FaultKind.SiteOutage))
        {
            return null;
        }

        if (given && kind == FaultKind.SiteOutage)
        {
            problems.Add($"\"device\" {value.GetRawText()} has no meaning for site-outage; leave it out or write \"*\"");
        }
        else if (text is not null
            && text.StartsWith("rig-", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= 1
            && number <= rigs)
        {
            return number - 1;
        }
        else
        {
            string said = given ? $"{value.GetRawText()} is not in the fleet" : "is missing";
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"\"device\" {said}; use rig-1 to rig-{rigs}, or * for all"));
        }

        return null;
    }

    private static TimeSpan? Duration(JsonElement line, string name, List<string> problems)
    {
        if (!line.TryGetProperty(name, out JsonElement value))
        {
            return null;
        }

        if (DurationText.TryParse(Text(line, name), out TimeSpan duration))
        {
            return duration;
        }

        problems.Add($"\"{name}\" {value.GetRawText()} is no duration; write one {DurationText.Forms}, as a string");
        return null;
    }

    private static string? Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Instant OnStep(Instant time) =>
        new(time.UnixMilliseconds / PowerSignal.StepMilliseconds * PowerSignal.StepMilliseconds);

    private static string Brief(JsonException exception) =>
        string.Create(CultureInfo.InvariantCulture, $"it breaks off at character {(exception.BytePositionInLine ?? 0) + 1}");
}
