using System.Globalization;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;

namespace FleetMonitor.Service.Finance;

/// <summary>Periods and statements as the API answers and the commands print them.</summary>
internal static class PeriodJson
{
    /// <summary><c>{"rows":[…],"next":null}</c>: a row a period, without lines but of what is not filed.</summary>
    /// <param name="next">Where the next page starts; null after the last.</param>
    public static void WriteList(Utf8JsonWriter json, IEnumerable<PeriodBook> books, string? next = null)
    {
        json.WriteStartObject();
        json.WriteStartArray("rows");
        foreach (PeriodBook book in books)
        {
            json.WriteStartObject();
            WriteHead(json, book);
            CopyMembers(json, book.Statement, "energy", "unratedEnergy", "estimatedShare", "unconfirmed", "amounts", "deadlines", "closed");
            json.WriteNumber("gaps", book.Statement.Gaps.Count);
            WritePending(json, book);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("next", next);
        json.WriteEndObject();
    }

    /// <summary>One period: its state, and every member of the statement that stands — the filed one, or the draft.</summary>
    public static void Write(Utf8JsonWriter json, PeriodBook book)
    {
        json.WriteStartObject();
        WriteHead(json, book);
        CopyMembers(json, book.Statement);
        WriteAmendments(json, book);
        json.WriteEndObject();
    }

    /// <summary>The statement in its canonical form with its hash (null for a draft), each amendment, and what is still to be filed.</summary>
    public static void WriteStatement(Utf8JsonWriter json, PeriodBook book)
    {
        json.WriteStartObject();
        WriteHead(json, book);
        json.WritePropertyName("statement");
        StatementJson.Write(json, book.Statement);
        WriteAmendments(json, book);
        json.WriteEndObject();
    }

    /// <summary>What was filed just now, or would be, with what the person who files it should know.</summary>
    public static void WriteFiling(Utf8JsonWriter json, Filing filing, IReadOnlyList<CloseWarning> warnings, bool dryRun)
    {
        json.WriteStartObject();
        json.WriteBoolean("filed", !dryRun);
        json.WriteStartArray("warnings");
        foreach ((string code, string text) in warnings)
        {
            json.WriteStartObject();
            json.WriteString("code", code);
            json.WriteString("text", text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("site", filing.Site);
        json.WriteString("period", filing.Period.ToString());
        json.WriteNumber("number", filing.Number);
        json.WriteString("hash", filing.Hash);
        json.WritePropertyName(filing.Number == 0 ? "statement" : "amendment");
        json.WriteRawValue(filing.Content, skipInputValidation: true);
        json.WriteEndObject();
    }

    public static void WritePosting(Utf8JsonWriter json, Posting posting)
    {
        json.WriteStartObject();
        WritePostingMembers(json, posting);
        json.WriteEndObject();
    }

    public static void WritePostingMembers(Utf8JsonWriter json, Posting posting)
    {
        PostingDraft entry = posting.Entry;
        json.WriteNumber("seq", posting.Seq);
        json.WriteString("kind", entry.Kind.ToString().ToLowerInvariant());
        json.WriteString("site", entry.Site);
        json.WriteString("device", entry.Device);
        json.WriteString("day", Day(entry.Day));
        json.WriteString("period", entry.Period.ToString());
        WriteEnergy(json, entry.Energy);
        json.WriteString("charge", entry.Charge);
        WriteExact(json, "amount", entry.Amount?.Amount);
        json.WriteString("currency", entry.Amount?.Currency);
        json.WriteString("reason", entry.Reason);
        json.WriteString("by", entry.By);
        json.WriteString("postedAt", posting.PostedAt.ToString());
        json.WriteString("prevHash", posting.PrevHash);
        json.WriteString("hash", posting.Hash);
    }

    public static void WriteEnergy(Utf8JsonWriter json, Metering.EnergyByQuality energy)
    {
        WriteExact(json, "energyKwh", energy.Total.KilowattHours);
        WriteExact(json, "registerKwh", energy.Register.KilowattHours);
        WriteExact(json, "integratedKwh", energy.Integrated.KilowattHours);
        WriteExact(json, "estimatedKwh", energy.Estimated.KilowattHours);
    }

    public static void WriteExact(Utf8JsonWriter json, string name, decimal? value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value is { } number ? Money.Text(number) : "null", skipInputValidation: true);
    }

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void WriteHead(Utf8JsonWriter json, PeriodBook book)
    {
        json.WriteString("site", book.Site.Id);
        json.WriteString("period", book.Period.ToString());
        json.WriteString("state", book.State.ToString().ToLowerInvariant());
        json.WriteString("from", Day(book.Period.FirstDay));
        json.WriteString("to", Day(book.Period.End));
        WriteExact(json, "hours", (decimal)book.Period.Duration(DayCalendar.Of(book.Site.TimeZone)).TotalHours);
        json.WriteString("hash", book.Filed?.Filing.Hash);
        json.WritePropertyName("filed");
        if (book.Filed is null)
        {
            json.WriteNullValue();
        }
        else
        {
            StatementJson.WriteFiled(json, book.Return);
        }
    }

    private static void WriteAmendments(Utf8JsonWriter json, PeriodBook book)
    {
        json.WriteStartArray("amendments");
        foreach ((Filing filing, Amendment _) in book.Filed?.Amendments ?? [])
        {
            json.WriteStartObject();
            json.WriteString("hash", filing.Hash);
            using JsonDocument amendment = JsonDocument.Parse(filing.Content);
            CopyMembers(json, amendment.RootElement);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WritePending(json, book);
    }

    /// <summary>What differs from what was filed and is not filed itself: of a period that is amended, this part is still open.</summary>
    private static void WritePending(Utf8JsonWriter json, PeriodBook book)
    {
        json.WritePropertyName("pending");
        if (book.Pending is { } pending)
        {
            StatementJson.Write(json, pending);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void CopyMembers(Utf8JsonWriter json, Statement statement, params string[] only)
    {
        using JsonDocument document = JsonDocument.Parse(StatementJson.Write(statement));
        CopyMembers(json, document.RootElement, only);
    }

    private static void CopyMembers(Utf8JsonWriter json, JsonElement from, params string[] only)
    {
        foreach (JsonProperty member in from.EnumerateObject())
        {
            bool wanted = only.Length == 0 ? member.Name is not ("format" or "site" or "period") : only.Contains(member.Name);
            if (wanted)
            {
                member.WriteTo(json);
            }
        }
    }
}
