using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>One entry of a tax register.</summary>
/// <param name="Day">Local date it belongs to.</param>
/// <param name="Amount">Unrounded; null for energy without a known rate.</param>
/// <param name="Balance">Opening balance and all amounts up to this one.</param>
public sealed record TaxRegisterEntry(
    DateOnly Day, string Code, string LegalRef, Energy Energy, decimal? Rate, Money? Amount, Money Balance);

/// <summary>
/// The tax register of a payer, site and period (Tax Code arts 204–206): accrual basis, in the charge's currency, chronological, and
/// continuous from one period to the next through its balance.
/// </summary>
public sealed record TaxRegister
{
    private const string RoundingCode = "rounding";

    public required Statement Statement { get; init; }

    /// <summary>Full name of the person responsible for the register.</summary>
    public required string Responsible { get; init; }

    public required Money Opening { get; init; }

    public required IReadOnlyList<TaxRegisterEntry> Entries { get; init; }

    public Money Closing => Entries.Count > 0 ? Entries[^1].Balance : Opening;

    /// <summary>
    /// Energy day by day and rate by rate; then, on the period's last day, manual adjustments and what rounding the statement's lines
    /// made of them, so that the balance grows by what is filed.
    /// </summary>
    /// <param name="opening">The closing balance of the period before.</param>
    public static TaxRegister Make(StatementInputs inputs, string responsible, Money opening)
    {
        Statement statement = StatementDraft.Make(inputs);
        string levy = inputs.Schedule.Levy.Code;
        var entries = new List<TaxRegisterEntry>();
        Money balance = opening;
        IEnumerable<SiteDay> books = inputs.Books.Where(day => day.Site == inputs.Site.Id && inputs.Period.Contains(day.Day));
        foreach (TotalsRow row in LevyTotals.Compute(books, _ => inputs.Site, inputs.Schedule, new TotalsQuery { Group = TotalsGroup.Day }))
        {
            Add(row.Day!.Value, row.RateCode, row.LegalRef, row.Energy.Total, row.PerKwh, row.Amount);
        }

        foreach (StatementLine line in statement.Lines.Where(line => line.Kind == StatementLineKind.Manual && line.Charge == levy))
        {
            Add(inputs.Period.LastDay, line.Code, line.LegalRef, line.Energy.Total, line.Rate, line.Exact);
        }

        Money filed = statement.Amounts.Where(amount => amount.Charge == levy)
            .Aggregate(Money.Zero(opening.Currency), (sum, amount) => sum + amount.Amount);
        Money rounding = opening + filed - balance;
        if (rounding.Amount != 0m)
        {
            Add(inputs.Period.LastDay, RoundingCode, string.Empty, Energy.Zero, null, rounding);
        }

        return new TaxRegister { Statement = statement, Responsible = responsible, Opening = opening, Entries = entries };

        void Add(DateOnly day, string code, string legalRef, Energy energy, decimal? rate, Money? amount)
        {
            balance += amount ?? Money.Zero(balance.Currency);
            entries.Add(new TaxRegisterEntry(day, code, legalRef, energy, rate, amount, balance));
        }
    }

    public Table ToTable() => new(
        "register",
        new BilingualText("Tax register of the fee for digital mining", "Налоговый регистр по плате за цифровой майнинг"),
        [
            new("date", "Date", "Дата"),
            new("code", "Content", "Содержание"),
            new("legalRef", "Legal reference", "Основание"),
            new("energyKwh", "Energy, kWh", "Энергия, кВт·ч"),
            new("rate", "Rate", "Ставка"),
            new("amount", "Amount", "Сумма"),
            new("balance", "Balance", "Нарастающим итогом"),
        ],
        [
            .. Entries.Select(entry => (Cell[])
            [
                entry.Day, entry.Code, entry.LegalRef, entry.Energy.KilowattHours, entry.Rate, entry.Amount?.Amount, entry.Balance.Amount,
            ]),
        ]);
}
