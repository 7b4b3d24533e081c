using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>A statement, an amendment and their details as tables.</summary>
public static class StatementTables
{
    private static readonly Column[] EnergyColumns =
    [
        new("energyKwh", "Energy, kWh", "Энергия, кВт·ч"),
        new("registerKwh", "by register, kWh", "по счётчику, кВт·ч"),
        new("integratedKwh", "by power, kWh", "по мощности, кВт·ч"),
        new("estimatedKwh", "estimated, kWh", "оценка, кВт·ч"),
    ];

    /// <summary>What stands at the head of a statement: a name and a value a row.</summary>
    public static Table Summary(Statement statement)
    {
        var rows = new List<IReadOnlyList<Cell>>();
        Add("payer", "Payer", "Плательщик", statement.Payer?.Name);
        Add("bin", "Business id (BIN)", "БИН", statement.Payer?.Bin);
        Add("site", "Site", "Площадка", statement.SiteName is { } name ? $"{statement.Site} ({name})" : statement.Site);
        Add("timeZone", "Time zone", "Часовой пояс", statement.TimeZone);
        Add("basis", "Counted on", "Учёт по", FleetNames.Bases.NameOf(statement.Basis));
        Add("period", "Tax period", "Налоговый период", statement.Period.ToString());
        Add("declarationBy", "Declaration by", "Декларация до", statement.Deadlines?.Declaration);
        Add("paymentBy", "Payment by", "Уплата до", statement.Deadlines?.Payment);
        Add("energyKwh", "Energy, kWh", "Энергия, кВт·ч", statement.Energy.Total.KilowattHours);
        Add("estimatedShare", "Estimated share", "Доля оценки", statement.EstimatedShare);
        Add("unratedKwh", "Energy without a known rate, kWh", "Энергия без известной ставки, кВт·ч", statement.UnratedEnergy.Total.KilowattHours);
        foreach ((string charge, Fleet.Units.Money amount) in statement.Amounts)
        {
            Add("amount:" + charge, $"To pay, {amount.Currency} ({charge})", $"К уплате, {amount.Currency} ({charge})", amount.Amount);
        }

        Add("unconfirmed", "Unconfirmed facts", "Неподтверждённые сведения", string.Join(", ", statement.Unconfirmed));
        if (statement.Exposure is { } exposure)
        {
            Add(
                "deemedExposure",
                $"Exposure to a deemed volume, {exposure.Amount.Currency} ({exposure.LegalRef}; shown, not charged)",
                $"Риск по расчётному объёму, {exposure.Amount.Currency} ({exposure.LegalRef}; справочно, не начислено)",
                exposure.Amount.Amount);
        }

        Add("gaps", "Gaps in readings", "Пропуски показаний", statement.Gaps.Count);
        Add("postings", "Postings", "Записей в журнале", statement.Head.Count);
        Add("headHash", "Hash of the last posting", "Хеш последней записи", statement.Head.Hash);
        Add("scheduleHash", "Hash of the rate schedule", "Хеш файла ставок", statement.ScheduleHash);
        Add("fleetHash", "Hash of the fleet file", "Хеш файла площадок", statement.FleetHash);
        Add("closedBy", "Closed by", "Закрыл(а)", statement.Closing?.By);
        Add("closedAt", "Closed at", "Закрыто", statement.Closing?.At.ToString());
        Add("hash", "SHA-256 of the statement", "SHA-256 отчёта", StatementJson.HashOf(statement));
        return new Table(
            "summary",
            new BilingualText("Statement of the levy on digital mining", "Отчёт по плате за цифровой майнинг"),
            [new("key", "Key", "Ключ"), new("name", "Name", "Показатель"), new("value", "Value", "Значение")],
            rows);

        void Add(string key, string en, string ru, Cell value) => rows.Add([key, $"{ru} / {en}", value]);
    }

    public static Table Lines(Statement statement) => new(
        "lines",
        new BilingualText("Lines", "Строки"),
        [
            new("kind", "Kind", "Вид"),
            new("charge", "Charge", "Платёж"),
            new("code", "Rate", "Ставка (код)"),
            new("rate", "Rate", "Ставка"),
            new("legalRef", "Legal reference", "Основание"),
            .. EnergyColumns,
            new("turnover", "Turnover", "Оборот"),
            new("exact", "Exact amount", "Точная сумма"),
            new("amount", "Amount", "Сумма"),
            new("currency", "Currency", "Валюта"),
            new("unconfirmed", "Unconfirmed", "Не подтверждено"),
            new("reasons", "Reasons", "Причины"),
            new("by", "By", "Кто"),
        ],
        [
            .. statement.Lines.Select(line => (Cell[])
            [
                StatementJson.KindName(line.Kind), line.Charge, line.Code, line.Rate, line.LegalRef, .. Energy(line.Energy),
                line.Turnover?.Amount, line.Exact?.Amount, line.Amount?.Amount, line.Currency,
                string.Join(' ', line.Unconfirmed), string.Join("; ", line.Reasons), line.By,
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

    public static Table Lines(Amendment amendment) => new(
        "amendment-" + amendment.Number.ToString(CultureInfo.InvariantCulture),
        new BilingualText($"Amended return {amendment.Number}", $"Дополнительная отчётность {amendment.Number}"),
        [
            new("kind", "Kind", "Вид"),
            new("charge", "Charge", "Платёж"),
            new("code", "Rate", "Ставка (код)"),
            new("rate", "Rate", "Ставка"),
            new("legalRef", "Legal reference", "Основание"),
            new("energyDifferenceKwh", "Energy, difference, kWh", "Энергия, разница, кВт·ч"),
            new("filed", "Filed", "Представлено"),
            new("before", "Filed with earlier amendments", "С учётом прежних дополнений"),
            new("amount", "Now", "Сейчас"),
            new("difference", "Difference", "Разница"),
            new("currency", "Currency", "Валюта"),
        ],
        [
            .. amendment.Lines.Select(line => (Cell[])
            [
                StatementJson.KindName(line.Kind), line.Charge, line.Code, line.Rate, line.LegalRef,
                line.EnergyDifference.Total.KilowattHours, line.Filed?.Amount, line.Before?.Amount, line.Now?.Amount,
                line.Difference.Amount, line.Difference.Currency,
            ]),
        ]);

    private static Cell[] Energy(EnergyByQuality energy) =>
    [
        energy.Total.KilowattHours, energy.Register.KilowattHours, energy.Integrated.KilowattHours, energy.Estimated.KilowattHours,
    ];
}
