using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>
/// A return and its details as tables. What was filed, each amended return and what is not filed stand apart in all of them: a column never sums
/// the one with the other.
/// </summary>
public static class StatementTables
{
    /// <summary>What names the document that a row is out of, beside <see cref="DocumentOf(Amendment)"/>.</summary>
    public const string Draft = "draft";
    public const string Filed = "statement";
    public const string Pending = "pending";

    private static readonly Column[] LineColumns =
    [
        new("kind", "Kind", "Вид"),
        new("charge", "Charge", "Платёж"),
        new("code", "Rate", "Ставка (код)"),
        new("rate", "Rate", "Ставка"),
        new("legalRef", "Legal reference", "Основание"),
    ];

    private static readonly Column[] EnergyColumns =
    [
        new("energyKwh", "Energy, kWh", "Энергия, кВт·ч"),
        new("registerKwh", "by register, kWh", "по счётчику, кВт·ч"),
        new("integratedKwh", "by power, kWh", "по мощности, кВт·ч"),
        new("estimatedKwh", "estimated, kWh", "оценка, кВт·ч"),
    ];

    private static readonly Column[] AmountColumns =
    [
        new("turnover", "Turnover", "Оборот"),
        new("exact", "Exact amount", "Точная сумма"),
        new("amount", "Amount", "Сумма"),
        new("currency", "Currency", "Валюта"),
        new("unconfirmed", "Unconfirmed", "Не подтверждено"),
    ];

    private static readonly Column[] WhyColumns =
    [
        new("reasons", "Reasons", "Причины"),
        new("by", "By", "Кто"),
    ];

    private static readonly Column Decisions = new("decisions", "Decisions", "Решения");

    public static string DocumentOf(Statement statement) => statement.Closing is null ? Draft : Filed;

    public static string DocumentOf(Amendment amendment) =>
        amendment.Closing is null ? Pending : "amendment-" + amendment.Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The statement's lines alone, as they stand in it.</summary>
    public static Table Lines(Statement statement) => new(
        "lines",
        new BilingualText("Lines", "Строки"),
        [.. LineColumns, .. EnergyColumns, .. AmountColumns, .. WhyColumns, Decisions],
        [.. statement.Lines.Select(line => (Cell[])[.. LineCells(line), Text(line.Decisions, statement)])]);

    /// <summary>
    /// Every line of the statement, then of each amended return as the difference that it files, then what is not filed. The columns up to
    /// <c>filedToDate</c> hold what is filed (or the draft) and sum to it; what is not filed stands in two columns of its own.
    /// </summary>
    public static Table Lines(TaxReturn filed) => new(
        "lines",
        new BilingualText("Lines", "Строки"),
        [
            .. LineColumns, .. EnergyColumns, .. AmountColumns, .. WhyColumns,
            new("document", "Document", "Документ"),
            new("filedToDate", "Filed to date", "Представлено всего"),
            Decisions,
            new("pendingKwh", "Not filed, kWh", "Не представлено, кВт·ч"),
            new("pendingAmount", "Not filed, amount", "Не представлено, сумма"),
        ],
        [
            .. filed.Statement.Lines.Select(line => (Cell[])
            [
                .. LineCells(line), DocumentOf(filed.Statement), filed.Statement.Closing is null ? null : line.Amount?.Amount,
                Text(line.Decisions, filed.Statement), default, default,
            ]),
            .. filed.Amendments.SelectMany(amendment => amendment.Lines.Select(line => (Cell[])
            [
                .. Head(line), .. Energy(line.EnergyDifference), default, default, line.Difference.Amount, line.Difference.Currency, default,
                .. Why(line), DocumentOf(amendment), line.Now?.Amount, Text(line.Decisions, filed.Statement), default, default,
            ])),
            .. filed.Pending?.Lines.Select(line => (Cell[])
            [
                .. Head(line), default, default, default, default, default, default, default, line.Difference.Currency, default,
                .. Why(line), Pending, default, Text(line.Decisions, filed.Statement),
                line.EnergyDifference.Total.KilowattHours, line.Difference.Amount,
            ]) ?? [],
        ]);

    public static Table Lines(Amendment amendment, Statement statement) => new(
        DocumentOf(amendment),
        amendment.Closing is null
            ? new BilingualText("NOT FILED: differences from what was filed", "НЕ ПРЕДСТАВЛЕНО: отличия от представленного")
            : new BilingualText($"Amended return {amendment.Number}", $"Дополнительная отчётность {amendment.Number}"),
        [
            .. LineColumns,
            new("energyDifferenceKwh", "Energy, difference, kWh", "Энергия, разница, кВт·ч"),
            new("filed", "Filed", "Представлено"),
            new("before", "Filed with earlier amendments", "С учётом прежних дополнений"),
            new("amount", "Now", "Сейчас"),
            new("difference", "Difference", "Разница"),
            new("currency", "Currency", "Валюта"),
            .. WhyColumns,
            Decisions,
        ],
        [
            .. amendment.Lines.Select(line => (Cell[])
            [
                .. Head(line), line.EnergyDifference.Total.KilowattHours, line.Filed?.Amount, line.Before?.Amount, line.Now?.Amount,
                line.Difference.Amount, line.Difference.Currency, .. Why(line), Text(line.Decisions, statement),
            ]),
        ]);

    public static Table Facts(Statement statement) => new(
        "facts",
        new BilingualText("Facts stated for the period", "Сведения, действовавшие в периоде"),
        [
            new("name", "Fact", "Сведения"), new("from", "From", "С"), new("to", "To", "По (не включая)"), new("value", "Value", "Значение"),
            new("evidence", "Evidence", "Подтверждение"), new("by", "Decided by", "Кто решил"),
        ],
        [.. statement.Facts.Select(fact => (Cell[])[fact.Name, fact.From, fact.To, fact.Value, fact.Evidence, fact.By])]);

    public static Table Gaps(Statement statement) => new(
        "gaps",
        new BilingualText("Gaps in readings", "Пропуски показаний"),
        [new("device", "Device", "Устройство"), new("from", "From", "С"), new("to", "To", "По")],
        [.. statement.Gaps.Select(gap => (Cell[])[gap.Device, gap.From.ToString(), gap.To.ToString()])]);

    /// <summary>The local day, in the statement's zone, on which something was booked.</summary>
    internal static DateOnly BookedOn(Instant at, Statement statement) =>
        DayCalendar.Of(TimeZoneInfo.FindSystemTimeZoneById(statement.TimeZone)).DateOf(at);

    private static Cell[] LineCells(StatementLine line) =>
    [
        StatementJson.KindName(line.Kind), line.Charge, line.Code, line.Rate, line.LegalRef, .. Energy(line.Energy),
        line.Turnover?.Amount, line.Exact?.Amount, line.Amount?.Amount, line.Currency,
        string.Join(' ', line.Unconfirmed), string.Join("; ", line.Reasons), line.By,
    ];

    private static Cell[] Head(AmendmentLine line) =>
        [StatementJson.KindName(line.Kind), line.Charge, line.Code, line.Rate, line.LegalRef];

    private static Cell[] Why(AmendmentLine line) => [string.Join("; ", line.Reasons), line.By];

    private static Cell[] Energy(EnergyByQuality energy) =>
    [
        energy.Total.KilowattHours, energy.Register.KilowattHours, energy.Integrated.KilowattHours, energy.Estimated.KilowattHours,
    ];

    /// <summary>Each decision's posting, the day it was booked and the day it is about: <c>posting 3 of 2026-10-20 for 2026-09-30 rig-1</c>.</summary>
    private static string Text(IReadOnlyList<Decision> decisions, Statement statement) => string.Join("; ", decisions.Select(decision =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"posting {decision.Posting} of {BookedOn(decision.BookedAt, statement):yyyy-MM-dd} for {decision.Day:yyyy-MM-dd} {decision.Device}").TrimEnd()));
}
