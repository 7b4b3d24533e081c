using System.Globalization;
using System.Text.Json;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Fleet;

/// <summary>Planned less power, <c>From ≤ t &lt; To</c>.</summary>
public readonly record struct Curtailment(Instant From, Instant To);

/// <summary>Reads <c>[{"from":"2026-11-21T18:00","to":"2026-11-21T21:00"}]</c>: times of the site's clock, or with an offset of their own.</summary>
internal static class CurtailmentReader
{
    private const string Fix = "write a time of the site's clock as \"2026-11-21T18:00\", or one with an offset";

    private static readonly string[] Local = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];
    private static readonly string[] WithOffset = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"];

    public static IReadOnlyList<Curtailment> Read(JsonObjectReader site, TimeZoneInfo zone, ProblemList problems)
    {
        if (site.Find("curtailments") is null)
        {
            return [];
        }

        var planned = new List<Curtailment>();
        foreach (JsonNode node in site.Items("curtailments"))
        {
            if (JsonObjectReader.Open(node, problems, "from", "to") is not { } entry)
            {
                continue;
            }

            JsonNode? fromNode = entry.Require("from", Fix);
            JsonNode? toNode = entry.Require("to", Fix);
            Instant? from = fromNode is null ? null : Time(fromNode, zone, problems);
            Instant? to = toNode is null ? null : Time(toNode, zone, problems);
            if (from is { } start && to is { } end)
            {
                if (end > start)
                {
                    planned.Add(new Curtailment(start, end));
                }
                else
                {
                    problems.Add(toNode!, "not after \"from\"", "\"to\" is when power is there again");
                }
            }
        }

        return planned;
    }

    private static Instant? Time(JsonNode node, TimeZoneInfo zone, ProblemList problems)
    {
        string text = node.Element.ValueKind == JsonValueKind.String ? node.Element.GetString()! : string.Empty;
        if (DateTime.TryParseExact(text, Local, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime local))
        {
            var near = Instant.From(new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Utc)).ToOffset(TimeSpan.Zero));
            return DayCalendar.Of(zone).ToInstant(local, near.Minus(zone.BaseUtcOffset));
        }

        if (DateTimeOffset.TryParseExact(text, WithOffset, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset at))
        {
            return Instant.From(at);
        }

        problems.Add(node, "not a time", Fix);
        return null;
    }
}
