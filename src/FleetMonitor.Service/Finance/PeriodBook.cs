using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;

namespace FleetMonitor.Service.Finance;

/// <summary>What was filed for a site and period: the statement and the amendments made since, in order.</summary>
internal sealed record FiledReturn(Filing Filing, Statement Statement, IReadOnlyList<(Filing Filing, Amendment Amendment)> Amendments)
{
    /// <param name="filings">Of one site and period, in order.</param>
    /// <returns>Null where nothing was filed.</returns>
    public static FiledReturn? Of(IReadOnlyList<Filing> filings) => filings.Count == 0 ? null : new FiledReturn(
        filings[0],
        StatementReader.ReadStatement(filings[0].Content),
        [.. filings.Skip(1).Select(filing => (filing, StatementReader.ReadAmendment(filing.Content)))]);

    /// <summary>What an amended return would carry now; null where nothing differs.</summary>
    public Amendment? Against(Statement now) => Amendment.Between(Statement, [.. Amendments.Select(amended => amended.Amendment)], now);
}

/// <summary>A site's tax period as finance sees it.</summary>
/// <param name="Levy">The charge that the period's energy is under.</param>
/// <param name="Now">The statement as it would be filed now.</param>
/// <param name="Filed">Null until it is closed.</param>
/// <param name="Pending">What differs now from what was filed, amendments included; null where nothing does.</param>
internal sealed record PeriodBook(
    Site Site, TaxPeriod Period, PeriodState State, Charge Levy, Statement Now, FiledReturn? Filed, Amendment? Pending)
{
    /// <summary>What stands: the filed statement, or the draft.</summary>
    public Statement Statement => Filed?.Statement ?? Now;

    /// <summary>The statement with all amended returns, and apart from them what is not filed.</summary>
    public TaxReturn Return { get; } = new(
        Filed?.Statement ?? Now, [.. Filed?.Amendments.Select(amended => amended.Amendment) ?? []], Pending);

    /// <summary>What the levy comes to by what was filed until then, amended returns included; by all that is filed, where no time is given.</summary>
    public Money LevyFiledBy(Instant? until) => Filed is null ? Money.Zero(Levy.Currency)
        : Filed.Statement.Amounts.Where(_ => IsFiledBy(Filed.Statement.Closing, until))
            .Concat(Return.Amendments.Where(amendment => IsFiledBy(amendment.Closing, until)).SelectMany(amendment => amendment.Differences))
            .Where(amount => amount.Charge == Levy.Code)
            .Aggregate(Money.Zero(Levy.Currency), (sum, amount) => sum + amount.Amount);

    private static bool IsFiledBy(Closing? closing, Instant? until) => until is null || closing?.At <= until;

    /// <summary>What a statement's lines of a charge come to, as filed.</summary>
    public static Money ToPay(Statement statement, Charge charge) => statement.Amounts.Where(amount => amount.Charge == charge.Code)
        .Aggregate(Money.Zero(charge.Currency), (sum, amount) => sum + amount.Amount);
}
