using System.Text.Json;
using System.Text.RegularExpressions;

namespace FleetMonitor.Levy;

/// <summary>The schedule file's shape, read from the top; what a single charge holds is <see cref="ChargeReader"/>'s.</summary>
internal static partial class ScheduleReader
{
    private static readonly Dictionary<string, DayOfWeek> DaysOfWeek =
        Enum.GetValues<DayOfWeek>().ToDictionary(day => day.ToString().ToLowerInvariant());

    public static ScheduleParseResult Read(ReadOnlyMemory<byte> utf8Json, string sourceHash)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
                AllowDuplicateProperties = false,
            });
        }
        catch (JsonException notJson)
        {
            return new ScheduleParseResult(null, [new ScheduleProblem("$", $"is not JSON: {notJson.Message}")]);
        }

        using (document)
        {
            return Read(document.RootElement, sourceHash);
        }
    }

    private static ScheduleParseResult Read(JsonElement root, string sourceHash)
    {
        var json = new ScheduleJson();
        Dictionary<string, JsonElement> file = json.Object(root, "$", "format", "id", "name", "acts", "calendar", "charges");
        json.Whole(file, "format", "$", 1, 1);
        string? id = json.Code(file, "id", "$");
        BilingualText name = json.Bilingual(file, "name", "$");
        var acts = new LegalActs(json);
        foreach ((JsonElement element, string path) in json.Items(file, "acts", "$", required: true))
        {
            acts.Add(element, path);
        }

        WorkCalendar calendar = ReadCalendar(json, file);
        var reader = new ChargeReader(json, acts);
        var charges = new List<Charge>();
        foreach ((JsonElement element, string path) in json.Items(file, "charges", "$", required: true))
        {
            charges.Add(reader.Read(element, path));
        }

        if (charges.Count > 0 && charges.TrueForAll(charge => charge.Basis == ChargeBasis.Revenue))
        {
            json.Problem("$.charges", "hold no charge on energy; totals need one with the basis kWh or electricity-cost");
        }

        return json.Problems.Count > 0
            ? new ScheduleParseResult(null, json.Problems)
            : new ScheduleParseResult(new RateSchedule(id!, name, calendar, charges, sourceHash), []);
    }

    private static WorkCalendar ReadCalendar(ScheduleJson json, Dictionary<string, JsonElement> file)
    {
        var weekend = new HashSet<DayOfWeek>();
        var holidays = new Dictionary<DateOnly, string>();
        if (!file.TryGetValue("calendar", out JsonElement element))
        {
            json.Problem("$.calendar", "is missing; deadlines move to days that are worked");
            return new WorkCalendar(weekend, holidays);
        }

        Dictionary<string, JsonElement> calendar = json.Object(element, "$.calendar", "weekend", "holidays");
        foreach ((JsonElement day, string path) in json.Items(calendar, "weekend", "$.calendar", required: false))
        {
            if (json.WordOf(day, path, DaysOfWeek) is { } known)
            {
                weekend.Add(known);
            }
        }

        if (weekend.Count == 7)
        {
            json.Problem("$.calendar.weekend", "leaves no day that is worked");
        }

        foreach ((JsonElement holiday, string path) in json.Items(calendar, "holidays", "$.calendar", required: false))
        {
            Dictionary<string, JsonElement> properties = json.Object(holiday, path, "date", "name");
            string? holidayName = json.Text(properties, "name", path);
            if (json.Date(properties, "date", path, required: true) is { } date && !holidays.TryAdd(date, holidayName ?? string.Empty))
            {
                json.Problem(path, $"{date:yyyy-MM-dd} is listed twice");
            }
        }

        return new WorkCalendar(weekend, holidays);
    }

    /// <summary>The acts that legal references may name, so that a rule never rests on a law that was not in force.</summary>
    internal sealed partial class LegalActs(ScheduleJson json)
    {
        private readonly Dictionary<string, (DateOnly? From, DateOnly? To)> _acts = [];

        public void Add(JsonElement element, string path)
        {
            Dictionary<string, JsonElement> properties = json.Object(element, path, "ref", "title", "from", "to");
            string? reference = json.Text(properties, "ref", path);
            json.Text(properties, "title", path);
            DateOnly? from = json.Date(properties, "from", path);
            DateOnly? to = json.Date(properties, "to", path);
            if (reference is not null && !_acts.TryAdd(reference, (from, to)))
            {
                json.Problem($"{path}.ref", $"'{reference}' is listed twice");
            }
        }

        /// <summary>A reference is an act's name, alone or followed by <c>art.</c>, <c>arts</c> or <c>ch.</c> and its number.</summary>
        public string Check(string? reference, string path, DateOnly? from, DateOnly? to)
        {
            if (reference is null)
            {
                return string.Empty;
            }

            string? act = _acts.Keys.Where(known => reference == known || reference.StartsWith(known + " ", StringComparison.Ordinal))
                .MaxBy(known => known.Length);
            if (act is null)
            {
                json.Problem(path, $"'{reference}' names no act that the file lists under acts");
                return reference;
            }

            if (reference.Length > act.Length && !Article().IsMatch(reference[act.Length..]))
            {
                json.Problem(path, $"'{reference}' must be '{act}', alone or with an article such as '{act} art. 1'");
            }

            (DateOnly? inForceFrom, DateOnly? inForceTo) = _acts[act];
            if ((inForceFrom is { } start && (from is null || from < start)) || (inForceTo is { } end && (to is null || to > end)))
            {
                json.Problem(path, $"'{act}' is not in force on all days that rest on it");
            }

            return reference;
        }

        [GeneratedRegex(@"^ (art\.|arts|ch\.) \d[^<>]*$")]
        private static partial Regex Article();
    }
}
