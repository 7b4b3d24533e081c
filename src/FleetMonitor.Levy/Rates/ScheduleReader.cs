using System.Text.Json;
using FleetMonitor.Fleet.Json;

namespace FleetMonitor.Levy;

/// <summary>The schedule file's shape, read from the top; what a single charge holds is <see cref="ChargeReader"/>'s.</summary>
internal static class ScheduleReader
{
    private static readonly Dictionary<string, DayOfWeek> DaysOfWeek =
        Enum.GetValues<DayOfWeek>().ToDictionary(day => day.ToString().ToLowerInvariant());

    private static readonly Dictionary<string, Paper> Papers =
        Enum.GetValues<Paper>().ToDictionary(paper => JsonNamingPolicy.KebabCaseLower.ConvertName(paper.ToString()));

    public static Parsed<RateSchedule> Read(ReadOnlyMemory<byte> utf8, string source)
    {
        var problems = new ProblemList(source);
        using JsonDocument? document = problems.Open(utf8);
        RateSchedule? schedule = document is null ? null : Read(JsonNode.Root(document.RootElement), problems, utf8);
        return schedule is null ? Parsed<RateSchedule>.Failed(problems.Problems) : Parsed<RateSchedule>.Of(schedule);
    }

    private static RateSchedule? Read(JsonNode root, ProblemList problems, ReadOnlyMemory<byte> utf8)
    {
        var fields = new ScheduleFields(problems);
        if (fields.Open(root, "format", "code", "name", "acts", "calendar", "requirements", "charges") is not { } file)
        {
            return null;
        }

        fields.Whole(file, "format", 1, 1);
        string code = fields.Code(file);
        BilingualText name = fields.Name(file);
        file.Require("acts", "list the acts that legal references name");
        foreach (JsonNode act in file.Items("acts"))
        {
            fields.ReadAct(act);
        }

        WorkCalendar calendar = ReadCalendar(fields, file);
        List<Requirement> requirements = [.. file.Items("requirements").Select(node => ReadRequirement(fields, node)).OfType<Requirement>()];
        file.Require("charges", "list the charges");
        var reader = new ChargeReader(fields);
        var charges = new List<Charge>();
        foreach (JsonNode node in file.Items("charges"))
        {
            if (reader.Read(node) is { } charge)
            {
                charges.Add(charge);
            }
        }

        if (charges.TrueForAll(charge => charge.Basis == ChargeBasis.Revenue))
        {
            problems.Add(root.PathOf("charges"), null, "hold no charge on energy", "add one with the basis kWh or electricity-cost");
        }

        return problems.IsEmpty ? new RateSchedule(code, name, calendar, requirements, charges, utf8) : null;
    }

    private static WorkCalendar ReadCalendar(ScheduleFields fields, JsonObjectReader file)
    {
        var weekend = new HashSet<DayOfWeek>();
        var holidays = new Dictionary<DateOnly, string>();
        if (file.Require("calendar", "state the weekend and the holidays: deadlines move to days that are worked") is not { } node
            || fields.Open(node, "weekend", "holidays", "confirmedThrough") is not { } calendar)
        {
            return new WorkCalendar(weekend, holidays, null);
        }

        foreach (JsonNode day in calendar.Items("weekend"))
        {
            if (JsonObjectReader.ChoiceOf(day, fields.Problems, DaysOfWeek) is { } known)
            {
                weekend.Add(known);
            }
        }

        if (weekend.Count == DaysOfWeek.Count)
        {
            fields.Problems.Add(calendar.Find("weekend")!, "leaves no day that is worked", "list the days of rest only");
        }

        foreach (JsonNode item in calendar.Items("holidays"))
        {
            if (fields.Open(item, "date", "name") is not { } holiday)
            {
                continue;
            }

            holiday.Require("date", "write a date as \"2026-01-31\"");
            string name = fields.Text(holiday, "name", "name the holiday");
            if (fields.Date(holiday, "date") is { } date && !holidays.TryAdd(date, name))
            {
                fields.Problems.Add(holiday.Find("date")!, "the date is listed twice", "keep one of them");
            }
        }

        return new WorkCalendar(weekend, holidays, fields.Date(calendar, "confirmedThrough"));
    }

    private static Requirement? ReadRequirement(ScheduleFields fields, JsonNode node)
    {
        if (fields.Open(node, "paper", "from", "to", "values", "legalRef") is not { } requirement)
        {
            return null;
        }

        requirement.Require("paper", $"say which: {string.Join(", ", Papers.Keys)}");
        Paper? paper = requirement.Choice("paper", Papers);
        (DateOnly? from, DateOnly? to) = (fields.Date(requirement, "from"), fields.Date(requirement, "to"));
        var values = new List<string>();
        foreach (JsonNode value in requirement.Items("values"))
        {
            if (value.Element.ValueKind == JsonValueKind.String)
            {
                values.Add(value.Element.GetString()!);
            }
            else
            {
                fields.Problems.Add(value, "not a code", "write it in quotes");
            }
        }

        if (paper is { } known && (known == Paper.ActivityCode) != (values.Count > 0))
        {
            fields.Problems.Add(node, "the values do not fit the paper", "list codes for activity-code, and none for the others");
        }

        string legalRef = fields.LegalRef(requirement, from, to);
        return paper is { } needed ? new Requirement(needed, from, to, values, legalRef) : null;
    }
}
