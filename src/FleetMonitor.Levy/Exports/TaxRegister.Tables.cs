namespace FleetMonitor.Levy;

public sealed partial record TaxRegister
{
    private static readonly BilingualText Title = new("Tax register of the fee for digital mining", "Налоговый регистр по плате за цифровой майнинг");

    private static readonly Column[] EntryColumns =
    [
        new("date", "Date", "Дата"),
        new("code", "Content", "Содержание"),
        new("legalRef", "Legal reference", "Основание"),
        new("energyKwh", "Energy, kWh", "Энергия, кВт·ч"),
        new("rate", "Rate", "Ставка"),
        new("amount", "Amount", "Сумма"),
        new("balance", "Balance", "Нарастающим итогом"),
    ];

    private static readonly Column[] WhyColumns =
    [
        new("consumed", "Day of consumption", "День потребления"),
        new("period", "Tax period", "Налоговый период"),
        new("document", "Document", "Документ"),
        new("by", "By", "Кто"),
        new("reason", "Reason", "Причина"),
    ];

    /// <summary>All entries; what is not filed last, in two columns of its own.</summary>
    public Table ToTable() => new(
        "register",
        Title,
        [
            .. EntryColumns, .. WhyColumns,
            new("pendingKwh", "Not filed, kWh", "Не представлено, кВт·ч"),
            new("pendingAmount", "Not filed, amount", "Не представлено, сумма"),
        ],
        [
            .. Entries.Select(entry => (Cell[])[.. Cells(entry), .. Why(entry), default, default]),
            .. Pending.Select(entry => (Cell[])
            [
                entry.Day, entry.Row.Code, entry.Row.LegalRef, default, entry.Row.Rate, default, default, .. Why(entry),
                entry.Row.Energy.KilowattHours, entry.Row.Amount?.Amount,
            ]),
        ]);

    /// <summary>What is booked alone, for people.</summary>
    public Table ToBookedTable() => new(
        "register", Title, [.. EntryColumns, .. WhyColumns], [.. Entries.Select(ForPeople).Select(entry => (Cell[])[.. Cells(entry), .. Why(entry)])]);

    /// <summary>What is not filed alone, for people: it has no balance.</summary>
    public Table ToPendingTable() => new(
        "register-pending",
        new BilingualText("NOT FILED, in no balance", "НЕ ПРЕДСТАВЛЕНО, в сальдо не входит"),
        [.. EntryColumns.SkipLast(1), .. WhyColumns],
        [.. Pending.Select(ForPeople).Select(entry => (Cell[])[.. Cells(entry).SkipLast(1), .. Why(entry)])]);

    private static Cell[] Cells(TaxRegisterEntry entry) =>
    [
        entry.Day, entry.Row.Code, entry.Row.LegalRef, entry.Row.Energy.KilowattHours, entry.Row.Rate, entry.Row.Amount?.Amount,
        entry.Balance?.Amount,
    ];

    private static TaxRegisterEntry ForPeople(TaxRegisterEntry entry) => entry with
    {
        Document = entry.Document switch
        {
            StatementTables.Draft => "проект / draft",
            StatementTables.Filed => "отчёт / statement",
            StatementTables.Pending => "не представлено / not filed",
            _ => "дополнительная отчётность / " + entry.Document,
        },
        Row = entry.Row.Code == RoundingCode ? entry.Row with { Code = "округление / rounding" } : entry.Row,
    };

    private Cell[] Why(TaxRegisterEntry entry) =>
        [entry.Row.Consumed, Statement.Period.ToString(), entry.Document, entry.Row.Decision?.By, entry.Row.Decision?.Reason];
}
