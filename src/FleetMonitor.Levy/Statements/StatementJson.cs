using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>
/// The canonical text of a statement: one order of fields, no spaces, shortest decimals, UTF-8. Its SHA-256 is the statement's hash, so
/// the stored bytes prove themselves. <see cref="StatementReader"/> reads it back.
/// </summary>
public static class StatementJson
{
    /// <summary>
    /// 2 froze facts and fleet file. 3 names the decisions behind lines, in amendments too, and counts energy entered by hand in the sums.
    /// </summary>
    public const int Format = 3;

    internal static readonly JsonWriterOptions Canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>SHA-256 of the canonical text, lower-case hex.</summary>
    public static string HashOf(Statement statement) => Convert.ToHexStringLower(SHA256.HashData(Write(statement)));

    public static byte[] Write(Statement statement)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Canonical))
        {
            Write(json, statement);
        }

        return stream.ToArray();
    }

    /// <summary>Writes the canonical object into a larger text.</summary>
    public static void Write(Utf8JsonWriter json, Statement statement)
    {
        json.WriteStartObject();
        json.WriteNumber("format", statement.Format);
        json.WriteString("site", statement.Site);
        json.WriteString("siteName", statement.SiteName);
        json.WriteString("timeZone", statement.TimeZone);
        json.WriteString("basis", FleetNames.Bases.NameOf(statement.Basis));
        WritePayer(json, statement.Payer);
        json.WriteString("period", statement.Period.ToString());
        json.WriteString("schedule", statement.Schedule);
        json.WriteString("scheduleHash", statement.ScheduleHash);
        if (statement.Format >= 2)
        {
            json.WriteString("fleetHash", statement.FleetHash);
            WriteFacts(json, statement.Facts);
        }

        json.WriteStartArray("lines");
        foreach (StatementLine line in statement.Lines)
        {
            Write(json, line, statement.Format);
        }

        json.WriteEndArray();
        WriteTotals(json, statement);
        WriteGaps(json, statement.Gaps);
        WriteExposure(json, statement.Exposure);
        WriteDeadlines(json, statement.Deadlines);
        WriteHead(json, statement.Head);
        WriteClosing(json, statement.Closing);
        json.WriteEndObject();
    }

    /// <summary>An amendment as the API and the exports show it.</summary>
    public static void Write(Utf8JsonWriter json, Amendment amendment)
    {
        json.WriteStartObject();
        if (amendment.Format >= 3)
        {
            json.WriteNumber("format", amendment.Format);
        }

        json.WriteNumber("number", amendment.Number);
        json.WriteString("site", amendment.Site);
        json.WriteString("period", amendment.Period.ToString());
        json.WriteString("statementHash", amendment.StatementHash);
        if (amendment.ScheduleHash is not null)
        {
            json.WriteString("scheduleHash", amendment.ScheduleHash);
            json.WriteString("fleetHash", amendment.FleetHash);
        }

        json.WriteStartArray("lines");
        foreach (AmendmentLine line in amendment.Lines)
        {
            Write(json, line, amendment.Format);
        }

        json.WriteEndArray();
        if (amendment.Format >= 3)
        {
            WriteAmounts(json, "differences", amendment.Differences);
        }

        WriteHead(json, amendment.Head);
        WriteClosing(json, amendment.Closing);
        json.WriteEndObject();
    }

    /// <summary>What is filed in all, as the API shows it beside the statement: energy and amounts with all amended returns.</summary>
    public static void WriteFiled(Utf8JsonWriter json, TaxReturn filed)
    {
        json.WriteStartObject();
        json.WriteNumber("amendments", filed.Amendments.Count);
        WriteTotals(json, filed.Sums);
        WriteAmounts(json, "amounts", filed.Amounts);
        json.WriteEndObject();
    }

    /// <summary>The canonical text of an amendment, for storing.</summary>
    public static byte[] Write(Amendment amendment)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Canonical))
        {
            Write(json, amendment);
        }

        return stream.ToArray();
    }

    public static void Write(Utf8JsonWriter json, AmendmentLine line, int format = Format)
    {
        json.WriteStartObject();
        json.WriteString("kind", KindName(line.Kind));
        json.WriteString("charge", line.Charge);
        json.WriteString("code", line.Code);
        json.WriteExact("rate", line.Rate);
        json.WriteString("legalRef", line.LegalRef);
        WriteEnergy(json, "filedEnergy", line.FiledEnergy);
        WriteEnergy(json, "energy", line.NowEnergy);
        WriteEnergy(json, "energyDifference", line.EnergyDifference);
        json.WriteExact("filed", line.Filed?.Amount);
        json.WriteExact("before", line.Before?.Amount);
        json.WriteExact("amount", line.Now?.Amount);
        json.WriteExact("difference", line.Difference.Amount);
        json.WriteString("currency", line.Difference.Currency);
        if (format >= 3)
        {
            WriteTexts(json, "reasons", line.Reasons);
            json.WriteString("by", line.By);
            WriteDecisions(json, line.Decisions);
        }

        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, StatementLine line, int format = Format)
    {
        json.WriteStartObject();
        json.WriteString("kind", KindName(line.Kind));
        json.WriteString("charge", line.Charge);
        json.WriteString("code", line.Code);
        json.WriteExact("rate", line.Rate);
        json.WriteString("legalRef", line.LegalRef);
        WriteEnergy(json, "energy", line.Energy);
        json.WriteExact("turnover", line.Turnover?.Amount);
        json.WriteExact("exact", line.Exact?.Amount);
        json.WriteExact("amount", line.Amount?.Amount);
        json.WriteString("currency", line.Currency);
        WriteTexts(json, "unconfirmed", line.Unconfirmed);
        WriteTexts(json, "reasons", line.Reasons);
        json.WriteString("by", line.By);
        if (format >= 3)
        {
            WriteDecisions(json, line.Decisions);
        }

        json.WriteEndObject();
    }

    internal static string KindName(StatementLineKind kind) => kind switch
    {
        StatementLineKind.Energy => "energy",
        StatementLineKind.Manual => "manual",
        StatementLineKind.Turnover => "turnover",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static void WritePayer(Utf8JsonWriter json, Payer? payer)
    {
        if (payer is null)
        {
            json.WriteNull("payer");
            return;
        }

        json.WriteStartObject("payer");
        json.WriteString("name", payer.Name);
        json.WriteString("bin", payer.Bin);
        json.WriteEndObject();
    }

    private static void WriteDecisions(Utf8JsonWriter json, IReadOnlyList<Decision> decisions)
    {
        json.WriteStartArray("decisions");
        foreach (Decision decision in decisions)
        {
            json.WriteStartObject();
            json.WriteNumber("posting", decision.Posting);
            json.WriteString("bookedAt", decision.BookedAt.ToString());
            json.WriteString("day", Day(decision.Day));
            json.WriteString("device", decision.Device);
            json.WriteExact("energyKwh", decision.Energy.KilowattHours);
            json.WriteExact("amount", decision.Amount?.Amount);
            json.WriteString("currency", decision.Amount?.Currency);
            json.WriteString("by", decision.By);
            json.WriteString("reason", decision.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTotals(Utf8JsonWriter json, Statement statement)
    {
        WriteTotals(json, statement.Sums);
        WriteTexts(json, "unconfirmed", statement.Unconfirmed);
        WriteAmounts(json, "amounts", statement.Amounts);
    }

    private static void WriteTotals(Utf8JsonWriter json, PeriodEnergy energy)
    {
        WriteEnergy(json, "energy", energy.Energy, energy.ByHand);
        WriteEnergy(json, "unratedEnergy", energy.Unrated);
        json.WriteExact("estimatedShare", energy.EstimatedShare);
    }

    private static void WriteAmounts(Utf8JsonWriter json, string name, IReadOnlyList<(string Charge, Money Amount)> amounts)
    {
        json.WriteStartArray(name);
        foreach ((string charge, Money amount) in amounts)
        {
            json.WriteStartObject();
            json.WriteString("charge", charge);
            json.WriteExact("amount", amount.Amount);
            json.WriteString("currency", amount.Currency);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFacts(Utf8JsonWriter json, IReadOnlyList<StatementFact> facts)
    {
        json.WriteStartArray("facts");
        foreach (StatementFact fact in facts)
        {
            json.WriteStartObject();
            json.WriteString("name", fact.Name);
            json.WriteString("from", Day(fact.From));
            json.WriteString("to", fact.To is { } to ? Day(to) : null);
            json.WriteString("value", fact.Value);
            json.WriteString("evidence", fact.Evidence);
            json.WriteString("by", fact.By);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteGaps(Utf8JsonWriter json, IReadOnlyList<StatementGap> gaps)
    {
        json.WriteStartArray("gaps");
        foreach (StatementGap gap in gaps)
        {
            json.WriteStartObject();
            json.WriteString("device", gap.Device);
            json.WriteString("from", gap.From.ToString());
            json.WriteString("to", gap.To.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteExposure(Utf8JsonWriter json, DeemedExposure? exposure)
    {
        if (exposure is null)
        {
            json.WriteNull("deemedExposure");
            return;
        }

        json.WriteStartObject("deemedExposure");
        json.WriteExact("maxPowerKw", exposure.MaxPower.Watts / 1000m);
        json.WriteNumber("milliseconds", exposure.Duration.Ticks / TimeSpan.TicksPerMillisecond);
        json.WriteExact("volumeKwh", exposure.Volume.KilowattHours);
        json.WriteExact("perKwh", exposure.PerKwh);
        json.WriteExact("amount", exposure.Amount.Amount);
        json.WriteString("currency", exposure.Amount.Currency);
        json.WriteString("legalRef", exposure.LegalRef);
        json.WriteEndObject();
    }

    private static void WriteDeadlines(Utf8JsonWriter json, Deadlines? deadlines)
    {
        if (deadlines is null)
        {
            json.WriteNull("deadlines");
            return;
        }

        json.WriteStartObject("deadlines");
        json.WriteString("declaration", deadlines.Declaration is { } declaration ? Day(declaration) : null);
        json.WriteString("payment", Day(deadlines.Payment));
        json.WriteString("legalRef", deadlines.LegalRef);
        if (deadlines.Provisional)
        {
            json.WriteBoolean("provisional", true);
        }

        json.WriteEndObject();
    }

    private static void WriteHead(Utf8JsonWriter json, PostingHead head)
    {
        json.WriteStartObject("postings");
        json.WriteNumber("count", head.Count);
        json.WriteString("headHash", head.Hash);
        json.WriteEndObject();
    }

    private static void WriteClosing(Utf8JsonWriter json, Closing? closing)
    {
        if (closing is null)
        {
            json.WriteNull("closed");
            return;
        }

        json.WriteStartObject("closed");
        json.WriteString("by", closing.By);
        json.WriteString("at", closing.At.ToString());
        json.WriteEndObject();
    }

    private static void WriteEnergy(Utf8JsonWriter json, string name, EnergyByQuality energy, Energy? byHand = null)
    {
        json.WriteStartObject(name);
        json.WriteExact("energyKwh", energy.Total.KilowattHours);
        json.WriteExact("registerKwh", energy.Register.KilowattHours);
        json.WriteExact("integratedKwh", energy.Integrated.KilowattHours);
        json.WriteExact("estimatedKwh", energy.Estimated.KilowattHours);
        if (byHand is { } manual)
        {
            json.WriteExact("manualKwh", manual.KilowattHours);
        }

        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
