using System.Globalization;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>
/// Reads statements and amendments back from their canonical text. The text is the books' own: one that cannot be read is damage, and an
/// exception (<see cref="JsonException"/>, <see cref="KeyNotFoundException"/>, <see cref="FormatException"/> or
/// <see cref="InvalidOperationException"/>).
/// </summary>
public static class StatementReader
{
    private static readonly Dictionary<string, StatementLineKind> Kinds =
        Enum.GetValues<StatementLineKind>().ToDictionary(StatementJson.KindName);

    public static Statement ReadStatement(ReadOnlyMemory<byte> canonical)
    {
        using JsonDocument document = JsonDocument.Parse(canonical);
        JsonElement json = document.RootElement;
        int format = Known(json.GetProperty("format").GetInt32());

        return new Statement
        {
            Format = format,
            Site = Text(json, "site"),
            SiteName = TextOrNull(json, "siteName"),
            TimeZone = Text(json, "timeZone"),
            Basis = FleetNames.Bases[Text(json, "basis")],
            Payer = ObjectOrNull(json, "payer") is { } payer ? new Payer(Text(payer, "name"), Text(payer, "bin")) : null,
            Period = TaxPeriod.Parse(Text(json, "period")),
            Schedule = Text(json, "schedule"),
            ScheduleHash = Text(json, "scheduleHash"),
            FleetHash = format >= 2 ? TextOrNull(json, "fleetHash") : null,
            Facts = format >= 2 ? [.. json.GetProperty("facts").EnumerateArray().Select(ReadFact)] : [],
            Lines = [.. json.GetProperty("lines").EnumerateArray().Select(line => ReadLine(line, format))],
            Gaps = [.. json.GetProperty("gaps").EnumerateArray().Select(gap => new StatementGap(Text(gap, "device"), Time(gap, "from"), Time(gap, "to")))],
            Exposure = ObjectOrNull(json, "deemedExposure") is { } exposure ? ReadExposure(exposure) : null,
            Deadlines = ObjectOrNull(json, "deadlines") is { } deadlines
                ? new Deadlines(DayOrNull(deadlines, "declaration"), DayOrNull(deadlines, "payment")!.Value, Text(deadlines, "legalRef"), deadlines.TryGetProperty("provisional", out _))
                : null,
            Head = ReadHead(json),
            Closing = ReadClosing(json),
        };
    }

    public static Amendment ReadAmendment(ReadOnlyMemory<byte> canonical)
    {
        using JsonDocument document = JsonDocument.Parse(canonical);
        JsonElement json = document.RootElement;
        bool hasSchedule = json.TryGetProperty("scheduleHash", out JsonElement schedule);
        int format = json.TryGetProperty("format", out JsonElement stated) ? Known(stated.GetInt32()) : hasSchedule ? 2 : 1;
        return new Amendment
        {
            Format = format,
            Number = json.GetProperty("number").GetInt32(),
            Site = Text(json, "site"),
            Period = TaxPeriod.Parse(Text(json, "period")),
            StatementHash = Text(json, "statementHash"),
            ScheduleHash = hasSchedule ? schedule.GetString() : null,
            FleetHash = json.TryGetProperty("fleetHash", out JsonElement fleet) ? fleet.GetString() : null,
            Lines = [.. json.GetProperty("lines").EnumerateArray().Select(line => ReadAmendmentLine(line, format))],
            Head = ReadHead(json),
            Closing = ReadClosing(json),
        };
    }

    private static int Known(int format) =>
        format is >= 1 and <= StatementJson.Format ? format : throw new FormatException($"Format {format} is not known.");

    private static StatementFact ReadFact(JsonElement json) => new(
        Text(json, "name"),
        DayOrNull(json, "from")!.Value,
        DayOrNull(json, "to"),
        Text(json, "value"),
        TextOrNull(json, "evidence"),
        TextOrNull(json, "by"));

    private static StatementLine ReadLine(JsonElement json, int format)
    {
        string currency = Text(json, "currency");
        return new StatementLine
        {
            Kind = Kinds[Text(json, "kind")],
            Charge = Text(json, "charge"),
            Code = Text(json, "code"),
            Rate = NumberOrNull(json, "rate"),
            LegalRef = Text(json, "legalRef"),
            Energy = ReadEnergy(json, "energy"),
            Turnover = MoneyOrNull(json, "turnover", currency),
            Exact = MoneyOrNull(json, "exact", currency),
            Currency = currency,
            Unconfirmed = Texts(json, "unconfirmed"),
            Reasons = Texts(json, "reasons"),
            By = TextOrNull(json, "by"),
            Decisions = format >= 3 ? ReadDecisions(json) : [],
        };
    }

    private static AmendmentLine ReadAmendmentLine(JsonElement json, int format)
    {
        string currency = Text(json, "currency");
        return new AmendmentLine(
            Kinds[Text(json, "kind")],
            Text(json, "charge"),
            Text(json, "code"),
            NumberOrNull(json, "rate"),
            Text(json, "legalRef"),
            ReadEnergy(json, "filedEnergy"),
            ReadEnergy(json, "energy"),
            ReadEnergy(json, "energyDifference"),
            MoneyOrNull(json, "filed", currency),
            MoneyOrNull(json, "before", currency),
            MoneyOrNull(json, "amount", currency),
            MoneyOrNull(json, "difference", currency)!.Value)
        {
            Reasons = format >= 3 ? Texts(json, "reasons") : [],
            By = format >= 3 ? TextOrNull(json, "by") : null,
            Decisions = format >= 3 ? ReadDecisions(json) : [],
        };
    }

    private static Decision[] ReadDecisions(JsonElement json) =>
    [
        .. json.GetProperty("decisions").EnumerateArray().Select(decision => new Decision(
            decision.GetProperty("posting").GetInt64(),
            Time(decision, "bookedAt"),
            DayOrNull(decision, "day")!.Value,
            TextOrNull(decision, "device"),
            Kwh(decision, "energyKwh"),
            TextOrNull(decision, "currency") is { } currency ? MoneyOrNull(decision, "amount", currency) : null,
            Text(decision, "by"),
            Text(decision, "reason"))),
    ];

    private static DeemedExposure ReadExposure(JsonElement json) => new(
        Power.FromWatts(NumberOrNull(json, "maxPowerKw")!.Value * 1000m),
        TimeSpan.FromMilliseconds(json.GetProperty("milliseconds").GetInt64()),
        Kwh(json, "volumeKwh"),
        NumberOrNull(json, "perKwh")!.Value,
        MoneyOrNull(json, "amount", Text(json, "currency"))!.Value,
        Text(json, "legalRef"));

    private static PostingHead ReadHead(JsonElement json)
    {
        JsonElement head = json.GetProperty("postings");
        return new PostingHead(head.GetProperty("count").GetInt64(), Text(head, "headHash"));
    }

    private static Closing? ReadClosing(JsonElement json) =>
        ObjectOrNull(json, "closed") is { } closed ? new Closing(Text(closed, "by"), Time(closed, "at")) : null;

    private static EnergyByQuality ReadEnergy(JsonElement json, string name)
    {
        JsonElement energy = json.GetProperty(name);
        return new EnergyByQuality(Kwh(energy, "registerKwh"), Kwh(energy, "integratedKwh"), Kwh(energy, "estimatedKwh"));
    }

    private static Energy Kwh(JsonElement json, string name) => Energy.FromWattHours(json.GetProperty(name).GetDecimal() * 1000m);

    private static string Text(JsonElement json, string name) =>
        TextOrNull(json, name) ?? throw new FormatException($"'{name}' is null.");

    private static string? TextOrNull(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static string[] Texts(JsonElement json, string name) =>
        [.. json.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];

    private static decimal? NumberOrNull(JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: not JsonValueKind.Null } number ? number.GetDecimal() : null;

    private static Money? MoneyOrNull(JsonElement json, string name, string currency) =>
        NumberOrNull(json, name) is { } amount ? new Money(amount, currency) : null;

    private static JsonElement? ObjectOrNull(JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    private static DateOnly? DayOrNull(JsonElement json, string name) =>
        TextOrNull(json, name) is { } text ? DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;

    private static Instant Time(JsonElement json, string name) => Instant.From(DateTimeOffset.Parse(Text(json, name), CultureInfo.InvariantCulture));
}
