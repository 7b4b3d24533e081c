using System.Globalization;
using System.Text.RegularExpressions;
using FleetMonitor.Fleet.Json;

namespace FleetMonitor.Levy;

/// <summary>The kinds of field that a schedule file has beside plain texts and numbers.</summary>
internal sealed partial class ScheduleFields(ProblemList problems)
{
    private const string DateFix = "write a date as \"2026-01-31\"";

    // Six decimals and six digits before them: times any energy the books can hold, an amount stays exact.
    private const decimal MostRate = 999_999.999999m;

    // A code is what a total is quoted by: it may stand for one thing only, in the whole file.
    private readonly HashSet<string> _codes = [];
    private readonly Dictionary<string, (DateOnly? From, DateOnly? To)> _acts = [];

    public ProblemList Problems => problems;

    public JsonObjectReader? Open(JsonNode node, params ReadOnlySpan<string> known) => JsonObjectReader.Open(node, problems, known);

    public string Text(JsonObjectReader reader, string name, string fix)
    {
        reader.Require(name, fix);
        return reader.Text(name) ?? string.Empty;
    }

    public string Code(JsonObjectReader reader)
    {
        string code = Text(reader, "code", "name it in lower-case words with hyphens, such as \"kz-2026-base\"");
        if (code.Length > 0 && !KebabCase().IsMatch(code))
        {
            problems.Add(reader.Find("code")!, "not a code", "use lower-case letters and digits, joined by single hyphens");
        }
        else if (code.Length > 0 && !_codes.Add(code))
        {
            problems.Add(reader.Find("code")!, "the code already stands for something else", "give each charge, rule and line its own code");
        }

        return code;
    }

    public BilingualText Name(JsonObjectReader reader)
    {
        const string fix = "write {\"en\":\"…\",\"ru\":\"…\"}";
        return reader.Require("name", fix) is { } node && Open(node, "en", "ru") is { } name
            ? new BilingualText(Text(name, "en", fix), Text(name, "ru", fix))
            : new BilingualText(string.Empty, string.Empty);
    }

    public DateOnly? Date(JsonObjectReader reader, string name)
    {
        if (reader.Find(name) is not { } node)
        {
            return null;
        }

        if (reader.Text(name) is { } text
            && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            return day;
        }

        problems.Add(node, "not a date", DateFix);
        return null;
    }

    /// <summary>Money per kWh, a share or a price; null where it is not stated.</summary>
    public decimal? Rate(JsonObjectReader reader, string name)
    {
        decimal? value = reader.Number(name, MostRate, aboveZero: false);
        if (value is { } rate && decimal.Round(rate, 6) != rate)
        {
            problems.Add(reader.Find(name)!, "more than 6 decimals", "write at most 6");
        }

        return value;
    }

    public int Whole(JsonObjectReader reader, string name, int least, int most)
    {
        string fix = string.Create(CultureInfo.InvariantCulture, $"write a whole number from {least} to {most}");
        if (reader.Require(name, fix) is { } node && reader.Number(name, most, aboveZero: false) is { } value)
        {
            if (value == decimal.Truncate(value) && value >= least)
            {
                return (int)value;
            }

            problems.Add(node, "out of range", fix);
        }

        return least;
    }

    /// <summary>An act that legal references may name, so that a rule never rests on a law that was not in force.</summary>
    public void ReadAct(JsonNode node)
    {
        if (Open(node, "ref", "title", "from", "to") is not { } act)
        {
            return;
        }

        string reference = Text(act, "ref", "write the act's short name, as legal references begin with it");
        Text(act, "title", "say which act this is");
        if (!_acts.TryAdd(reference, (Date(act, "from"), Date(act, "to"))))
        {
            problems.Add(act.Find("ref")!, "the act is listed twice", "keep one of them");
        }
    }

    /// <summary>A reference is an act's name, alone or followed by <c>art.</c>, <c>arts</c> or <c>ch.</c> and its number.</summary>
    public string LegalRef(JsonObjectReader reader, DateOnly? from, DateOnly? to)
    {
        string reference = Text(reader, "legalRef", "name the act and article that the figure comes from");
        if (reference.Length == 0)
        {
            return reference;
        }

        JsonNode node = reader.Find("legalRef")!;
        string? act = _acts.Keys.Where(known => reference == known || reference.StartsWith(known + " ", StringComparison.Ordinal))
            .MaxBy(known => known.Length);
        if (act is null)
        {
            problems.Add(node, "names no act of this file", "list the act under acts, or begin with one that is");
            return reference;
        }

        if (reference.Length > act.Length && !Article().IsMatch(reference[act.Length..]))
        {
            problems.Add(node, "not a reference", $"write \"{act}\" alone or with an article, such as \"{act} art. 1\"");
        }

        (DateOnly? inForceFrom, DateOnly? inForceTo) = _acts[act];
        if ((inForceFrom is { } start && (from is null || from < start)) || (inForceTo is { } end && (to is null || to > end)))
        {
            problems.Add(node, "the act is not in force on all days that rest on it", "correct the dates or name the act that is");
        }

        return reference;
    }

    /// <summary>Checks that dated entries follow each other, and where <paramref name="gapless"/>, that every day has one.</summary>
    public void CheckOrder(IReadOnlyList<(JsonNode Node, DateOnly? From, DateOnly? To)> entries, bool gapless)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            (JsonNode node, DateOnly? from, DateOnly? to) = entries[i];
            if (to <= from)
            {
                problems.Add(node, $"ends on {Text(to)}, not after it begins on {Text(from)}", "\"to\" is the first day it no longer holds");
            }

            if (i > 0)
            {
                CheckJoin(node, from, entries[i - 1].To, gapless);
            }
            else if (gapless && from is not null)
            {
                problems.Add(node, $"leaves a hole before {Text(from)}", "begin with an entry without from (with a rate of 0 where none was due)");
            }

            if (gapless && i == entries.Count - 1 && to is not null)
            {
                problems.Add(node, $"leaves a hole from {Text(to)}", "end with an entry without to (with a rate of 0 where none is due)");
            }
        }
    }

    private void CheckJoin(JsonNode node, DateOnly? from, DateOnly? endBefore, bool gapless)
    {
        if (endBefore is null || from is null || from < endBefore)
        {
            problems.Add(node, "overlaps the entry before it", "keep entries in order of time, each from where the one before ends");
        }
        else if (gapless && from > endBefore)
        {
            problems.Add(node, $"leaves a hole from {Text(endBefore)} to {Text(from)}", "join the entries");
        }
    }

    private static string Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? string.Empty;

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex KebabCase();

    [GeneratedRegex(@"^ (art\.|arts|ch\.) \d[^<>]*$")]
    private static partial Regex Article();
}
