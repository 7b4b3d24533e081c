using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;

namespace FleetMonitor.Service.Finance;

/// <summary>A period's tax register, out of the books: each document that was filed, as it was filed, and what is not filed.</summary>
internal static class PeriodRegister
{
    /// <param name="periods">The books that the period is out of: the balance goes on from the periods before it.</param>
    public static TaxRegister Of(PeriodBooks periods, PeriodBook book, string? responsible)
    {
        // What is filed later of an earlier period stands in that period's own register: this one keeps the balance it was filed with.
        Instant? closed = book.Filed?.Statement.Closing?.At;
        Money opening = periods.Of(book.Site).Where(earlier => earlier.Period < book.Period)
            .Aggregate(Money.Zero(book.Levy.Currency), (sum, earlier) => sum + earlier.LevyFiledBy(closed));
        return TaxRegister.Make(book.Statement, Documents(periods, book), responsible ?? book.Statement.Closing?.By ?? string.Empty, opening);
    }

    private static List<RegisterDocument> Documents(PeriodBooks periods, PeriodBook book)
    {
        StatementInputs now = periods.Inputs(book.Site, book.Period);
        if (book.Filed is null)
        {
            return [new RegisterDocument(StatementTables.Draft, null, TaxRegister.RowsOf(now), Levy(book.Statement.Amounts))];
        }

        Statement statement = book.Statement;
        IReadOnlyList<Amendment> amendments = book.Return.Amendments;
        FiledInputs frozen = periods.FiledInputs;
        StatementInputs?[] inputs =
        [
            Frozen(statement.ScheduleHash, statement.FleetHash, statement.Head),
            .. amendments.Select(amendment => Frozen(amendment.ScheduleHash, amendment.FleetHash, amendment.Head)),
        ];

        // Without the files that one of them was filed by, its days cannot be rated as they were; its lines are known.
        bool byDay = inputs.All(known => known is not null);
        var documents = new List<RegisterDocument>();
        for (int number = 0; number <= amendments.Count; number++)
        {
            var filed = new TaxReturn(statement, [.. amendments.Take(number)], null);
            Closing closing = number == 0 ? statement.Closing! : amendments[number - 1].Closing!;
            documents.Add(new RegisterDocument(
                number == 0 ? StatementTables.Filed : StatementTables.DocumentOf(amendments[number - 1]),
                DayCalendar.Of(book.Site.TimeZone).DateOf(closing.At),
                byDay ? TaxRegister.RowsOf(inputs[number]!) : TaxRegister.RowsOf(filed, book.Levy.Code),
                Levy(number == 0 ? statement.Amounts : amendments[number - 1].Differences)));
        }

        if (book.Pending is { } pending)
        {
            documents.Add(new RegisterDocument(
                StatementTables.Pending,
                null,
                byDay ? TaxRegister.RowsOf(now) : TaxRegister.RowsOf(new TaxReturn(statement, [.. amendments, pending], null), book.Levy.Code),
                Levy(pending.Differences)));
        }

        return documents;

        StatementInputs? Frozen(string? scheduleHash, string? fleetHash, PostingHead head) =>
            statement.Format < 2 || scheduleHash is null ? null : frozen.Of(statement, scheduleHash, fleetHash, head).Inputs;

        Money Levy(IEnumerable<(string Charge, Money Amount)> amounts) => amounts.Where(amount => amount.Charge == book.Levy.Code)
            .Aggregate(Money.Zero(book.Levy.Currency), (sum, amount) => sum + amount.Amount);
    }
}
