using System.Globalization;
using System.Text.Json;
using FleetMonitor.Fleet.Json;

namespace FleetMonitor.Fleet;

/// <summary>
/// Reads a list of dated facts, <c>[{"from":"2022-01-01","to":"2024-01-01","value":…,"evidence":"…","by":"…"}]</c>, into entries in order of
/// time. What shows a fact and who decided it may be left out.
/// </summary>
internal static class DatedReader
{
    private const string DateFix = "write a date as \"2024-01-31\"";

    /// <param name="owner">The object that holds the list.</param>
    /// <param name="name">The list's key.</param>
    /// <param name="problems">Where what is wrong goes.</param>
    /// <param name="readValue">Reads a value; where it is wrong, notes that and returns false.</param>
    public static IReadOnlyList<Dated<T>> Read<T>(
        JsonObjectReader owner, string name, ProblemList problems, TryRead<T> readValue)
    {
        if (owner.Find(name) is null)
        {
            return [];
        }

        var entries = new List<(Dated<T> Fact, JsonNode Node)>();
        foreach (JsonNode node in owner.Items(name))
        {
            if (ReadEntry(node, problems, readValue) is { } fact)
            {
                entries.Add((fact, node));
            }
        }

        entries.Sort((left, right) => left.Fact.From.CompareTo(right.Fact.From));
        for (int i = 1; i < entries.Count; i++)
        {
            Dated<T> before = entries[i - 1].Fact;
            if (before.To is not { } end || end > entries[i].Fact.From)
            {
                problems.Add(
                    entries[i].Node.PathOf("from"),
                    $"\"{Text(entries[i].Fact.From)}\"",
                    $"the fact from {Text(before.From)} still holds on this day",
                    $"end that one with \"to\":\"{Text(entries[i].Fact.From)}\" (its last day is the day before)");
            }
        }

        return entries.ConvertAll(entry => entry.Fact);
    }

    private static Dated<T>? ReadEntry<T>(JsonNode node, ProblemList problems, TryRead<T> readValue)
    {
        if (JsonObjectReader.Open(node, problems, "from", "to", "value", "evidence", "by") is not { } entry)
        {
            return null;
        }

        JsonNode? fromNode = entry.Require("from", DateFix);
        JsonNode? valueNode = entry.Require("value", "state the fact");
        DateOnly? from = fromNode is null ? null : Date(fromNode, problems);
        JsonNode? toNode = entry.Find("to");
        DateOnly? to = toNode is null ? null : Date(toNode, problems);
        string? evidence = entry.Text("evidence");
        string? by = entry.Text("by");
        T value = default!;
        bool hasValue = valueNode is not null && readValue(valueNode, out value);
        if (from is { } start && to is { } end && end <= start)
        {
            problems.Add(toNode!, $"not after {Text(start)}", "\"to\" is the first day on which the fact no longer holds");
            return null;
        }

        return from is { } day && hasValue && (toNode is null || to is not null)
            ? new Dated<T>(day, to, value) { Evidence = evidence, By = by }
            : null;
    }

    private static DateOnly? Date(JsonNode node, ProblemList problems)
    {
        if (node.Element.ValueKind == JsonValueKind.String
            && DateOnly.TryParseExact(node.Element.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date))
        {
            return date;
        }

        problems.Add(node, "not a date", DateFix);
        return null;
    }

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

internal delegate bool TryRead<T>(JsonNode node, out T value);
