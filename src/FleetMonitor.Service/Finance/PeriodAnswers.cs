using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Service.Http;

namespace FleetMonitor.Service.Finance;

/// <summary>What <c>/api/v1/levy/periods</c> answers and <c>levy periods</c> prints.</summary>
internal sealed record PeriodList(IReadOnlyList<PeriodAnswer> Rows);

/// <summary>What <c>/api/v1/levy/periods/{period}</c> answers.</summary>
internal sealed record PeriodDetails(IReadOnlyList<PeriodDetail> Rows);

/// <param name="Statement">What was filed; until the period is closed, what would be filed now.</param>
/// <param name="Amendments">Filed since, in order.</param>
/// <param name="Pending">What differs now from all that was filed; null where nothing does.</param>
internal sealed record PeriodDetail(PeriodAnswer Period, JsonElement Statement, IReadOnlyList<JsonElement> Amendments, JsonElement? Pending)
{
    public static PeriodDetail Of(PeriodBook book) => new(
        PeriodAnswer.Of(book),
        Json(StatementJson.Write(book.Statement)),
        [.. book.Filed?.Amendments.Select(amended => Json(amended.Filing.Content)) ?? []],
        book.Pending is { } pending ? Json(StatementJson.Write(pending)) : null);

    private static JsonElement Json(byte[] text) => JsonSerializer.Deserialize<JsonElement>(text);
}

/// <summary>Figures are those of the statement that stands: the filed one, or the draft.</summary>
/// <param name="State"><c>open</c>, <c>provisional</c> (over, and not closed), <c>closed</c> or <c>amended</c>.</param>
/// <param name="To">The day after the last.</param>
/// <param name="Hours">2185 in the quarter in which a zone set its clocks back.</param>
/// <param name="Amount">The levy as filed: the sum of rounded lines.</param>
/// <param name="AmountNow">The same as it would be filed now; differs from <paramref name="Amount"/> where the period is amended.</param>
/// <param name="Hash">Of the filed statement; null for a draft.</param>
internal sealed record PeriodAnswer(
    string Site,
    string? SiteName,
    string Period,
    string State,
    DateOnly From,
    DateOnly To,
    decimal Hours,
    EnergyAnswer Energy,
    decimal UnratedKwh,
    decimal EstimatedShare,
    decimal Amount,
    decimal AmountNow,
    string Currency,
    IReadOnlyList<string> Unconfirmed,
    DateOnly? DeclarationDue,
    DateOnly? PaymentDue,
    string? DeadlineRef,
    string? Hash,
    string? ClosedBy,
    Instant? ClosedAt,
    int Amendments)
{
    public static PeriodAnswer Of(PeriodBook book)
    {
        Statement statement = book.Statement;
        return new PeriodAnswer(
            book.Site.Id,
            book.Site.Name,
            book.Period.ToString(),
            ApiJson.Code(book.State),
            book.Period.FirstDay,
            book.Period.End,
            (decimal)book.Period.Duration(DayCalendar.Of(book.Site.TimeZone)).TotalHours,
            EnergyAnswer.Of(statement.Energy),
            statement.UnratedEnergy.Total.KilowattHours,
            statement.EstimatedShare,
            PeriodBook.ToPay(statement, book.Levy).Amount,
            PeriodBook.ToPay(book.Now, book.Levy).Amount,
            book.Levy.Currency,
            statement.Unconfirmed,
            statement.Deadlines?.Declaration,
            statement.Deadlines?.Payment,
            statement.Deadlines?.LegalRef,
            book.Filed?.Filing.Hash,
            statement.Closing?.By,
            statement.Closing?.At,
            book.Filed?.Amendments.Count ?? 0);
    }
}
