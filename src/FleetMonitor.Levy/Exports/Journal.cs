using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>The accounts that a charge is booked on.</summary>
public sealed record ChargeAccounts(string Expense, string Payable);

/// <summary>One line for the general ledger: the amount is never negative; what lessens a charge has its accounts swapped.</summary>
public sealed record JournalLine(DateOnly Day, string Debit, string Credit, Money Amount, string Document, string Text)
{
    /// <summary>Who decided, where somebody did, and why.</summary>
    public string? By { get; init; }

    public string? Reason { get; init; }
}

/// <summary>What a statement or an amendment books: one journal line for each of its lines that carries an amount.</summary>
public static class Journal
{
    /// <param name="accounts">By charge code: of any charge, also one that the schedule has no longer.</param>
    public static IReadOnlyList<JournalLine> Of(Statement statement, Func<string, ChargeAccounts> accounts) =>
    [
        .. statement.Lines.Where(line => line.Amount is { Amount: not 0m }).Select(line => Line(
            statement.Period.LastDay, accounts(line.Charge), line.Amount!.Value, $"{statement.Site} {statement.Period}", line.Code, line.By, line.Reasons)),
    ];

    /// <param name="day">The day the amendment is booked on.</param>
    /// <param name="accounts">By charge code: of any charge, also one that the schedule has no longer.</param>
    public static IReadOnlyList<JournalLine> Of(Amendment amendment, DateOnly day, Func<string, ChargeAccounts> accounts) =>
    [
        .. amendment.Lines.Where(line => line.Difference.Amount != 0m).Select(line => Line(
            day, accounts(line.Charge), line.Difference, $"{amendment.Site} {amendment.Period} amendment {amendment.Number}", line.Code, line.By, line.Reasons)),
    ];

    public static Table ToTable(IReadOnlyList<JournalLine> lines) => new(
        "journal",
        new BilingualText("Journal", "Проводки"),
        [
            new("date", "Date", "Дата"),
            new("debit", "Debit", "Дебет"),
            new("credit", "Credit", "Кредит"),
            new("amount", "Amount", "Сумма"),
            new("currency", "Currency", "Валюта"),
            new("document", "Document", "Документ"),
            new("text", "Text", "Содержание"),
            new("by", "By", "Кто"),
            new("reason", "Reason", "Причина"),
        ],
        [
            .. lines.Select(line => (Cell[])
            [
                line.Day, line.Debit, line.Credit, line.Amount.Amount, line.Amount.Currency, line.Document, line.Text,
                line.By, line.Reason,
            ]),
        ]);

    private static JournalLine Line(
        DateOnly day, ChargeAccounts accounts, Money amount, string document, string text, string? by, IReadOnlyList<string> reasons)
    {
        (string debit, string credit) = amount.Amount >= 0m ? (accounts.Expense, accounts.Payable) : (accounts.Payable, accounts.Expense);
        return new JournalLine(day, debit, credit, amount.Amount >= 0m ? amount : -amount, document, text)
        {
            By = by,
            Reason = by is null ? null : string.Join("; ", reasons),
        };
    }
}
