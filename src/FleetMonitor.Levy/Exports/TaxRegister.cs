using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>What a document says of the period: energy at one rate of one day, or one decision, as it stands by that document.</summary>
/// <param name="Consumed">The local day of consumption; null where a line holds those of the whole period.</param>
/// <param name="Amount">Unrounded, or as filed where only that is known; null for energy without a known rate.</param>
/// <param name="Decision">For what a named person decided.</param>
public sealed record RegisterRow(
    DateOnly? Consumed, string Code, string LegalRef, Energy Energy, decimal? Rate, Money? Amount, Decision? Decision = null);

/// <summary>A document that a register books: the statement, or the draft of one; an amended return; what is not filed.</summary>
/// <param name="Name">As in <see cref="StatementTables"/>.</param>
/// <param name="On">The local day on which it was filed; null where it was not.</param>
/// <param name="Rows">All that the period consists of by this document, not what it changed.</param>
/// <param name="Amount">What it files: of the levy, in whole currency units, the difference for an amended return.</param>
public sealed record RegisterDocument(string Name, DateOnly? On, IReadOnlyList<RegisterRow> Rows, Money Amount);

/// <summary>One entry of a tax register.</summary>
/// <param name="Day">Local date it is booked on; null for what is not filed and so is not booked yet.</param>
/// <param name="Row">What is booked: for an amended return, the difference.</param>
/// <param name="Balance">Opening balance and all amounts up to this one; null for what is not filed.</param>
public sealed record TaxRegisterEntry(DateOnly? Day, string Document, RegisterRow Row, Money? Balance);

/// <summary>
/// The tax register of a payer, site and period (Tax Code arts 204–206): accrual basis, in the charge's currency, chronological, and
/// continuous from one period to the next through its balance.
/// <code>
///   statement         each day's energy on its day; decisions on the day they were booked; rounding when it was filed
///   amended return    what it changed, day of consumption by day, on the day it was filed: entries made before stay as they are
///   not filed         the same, apart, in no balance
/// </code>
/// </summary>
public sealed partial record TaxRegister
{
    public required Statement Statement { get; init; }

    /// <summary>Full name of the person responsible for the register.</summary>
    public required string Responsible { get; init; }

    public required Money Opening { get; init; }

    /// <summary>What is booked, or the draft of it.</summary>
    public required IReadOnlyList<TaxRegisterEntry> Entries { get; init; }

    /// <summary>What an amended return would book now.</summary>
    public required IReadOnlyList<TaxRegisterEntry> Pending { get; init; }

    public Money Closing => Entries.Count > 0 ? Entries[^1].Balance!.Value : Opening;

    /// <param name="documents">In the order in which they were filed; what is not filed last.</param>
    /// <param name="opening">The closing balance of the period before.</param>
    public static TaxRegister Make(Statement statement, IReadOnlyList<RegisterDocument> documents, string responsible, Money opening)
    {
        var entries = new List<TaxRegisterEntry>();
        var pending = new List<TaxRegisterEntry>();
        Money balance = opening;
        IReadOnlyList<RegisterRow> before = [];
        foreach (RegisterDocument document in documents)
        {
            bool isFirst = ReferenceEquals(document, documents[0]);
            bool isPending = document.Name == StatementTables.Pending;
            Money booked = Money.Zero(opening.Currency);
            DateOnly? last = null;
            foreach ((DateOnly? day, RegisterRow row) in Changes(before, document.Rows)
                .Select(row => (Day: BookedOn(row, before, statement) ?? (isFirst ? row.Consumed ?? statement.Period.LastDay : document.On), Row: row))
                .OrderBy(entry => entry.Day ?? DateOnly.MaxValue))
            {
                Add(day, row);
            }

            Money rounding = document.Amount - booked;
            if (rounding.Amount != 0m)
            {
                DateOnly? closed = document.On ?? (isFirst ? statement.Period.LastDay : null);
                Add(closed < last ? last : closed, new RegisterRow(null, RoundingCode, string.Empty, Energy.Zero, null, rounding));
            }

            before = document.Rows;

            void Add(DateOnly? day, RegisterRow row)
            {
                booked += row.Amount ?? Money.Zero(opening.Currency);
                last = day;
                if (isPending)
                {
                    pending.Add(new TaxRegisterEntry(day, document.Name, row, null));
                    return;
                }

                balance += row.Amount ?? Money.Zero(opening.Currency);
                entries.Add(new TaxRegisterEntry(day, document.Name, row, balance));
            }
        }

        return new TaxRegister { Statement = statement, Responsible = responsible, Opening = opening, Entries = entries, Pending = pending };
    }

    /// <summary>The rows of a period, day by day and rate by rate, with its manual adjustments.</summary>
    public static IReadOnlyList<RegisterRow> RowsOf(StatementInputs inputs)
    {
        string levy = inputs.Schedule.Levy.Code;
        IEnumerable<SiteDay> books = inputs.Books.Where(day => day.Site == inputs.Site.Id && inputs.Period.Contains(day.Day));
        return
        [
            .. LevyTotals.Compute(books, _ => inputs.Site, inputs.Schedule, new TotalsQuery { Group = TotalsGroup.Day })
                .Select(row => new RegisterRow(row.Day, row.RateCode, row.LegalRef, row.Energy.Total, row.PerKwh, row.Amount)),
            .. StatementDraft.Make(inputs).Lines.Where(line => line.Kind == StatementLineKind.Manual && line.Charge == levy)
                .Select(line => new RegisterRow(
                    line.Decisions[0].Day, line.Code, line.LegalRef, line.Energy.Total, line.Rate, line.Exact, line.Decisions[0])),
        ];
    }

    /// <summary>The rows of a return of which only its lines are known: without days.</summary>
    public static IReadOnlyList<RegisterRow> RowsOf(TaxReturn filed, string levy) =>
    [
        .. filed.Lines.Where(line => line.Charge == levy).Select(line => new RegisterRow(
            null, line.Code, LegalRefOf(filed, line), line.Energy.Total, line.Rate, line.Amount)),
    ];

    private const string RoundingCode = "rounding";

    private static string LegalRefOf(TaxReturn filed, FiledLine line) =>
        filed.Statement.Lines.FirstOrDefault(known => known.Code == line.Code)?.LegalRef
        ?? filed.Amendments.SelectMany(amendment => amendment.Lines).First(known => known.Code == line.Code).LegalRef;

    /// <summary>
    /// The day on which a decision that is new was booked, but not before the day that it is about; null for everything else: that is booked with its
    /// document.
    /// </summary>
    private static DateOnly? BookedOn(RegisterRow row, IReadOnlyList<RegisterRow> before, Statement statement)
    {
        if (row.Decision is not { } decision || before.Any(known => known.Code == row.Code))
        {
            return null;
        }

        DateOnly booked = StatementTables.BookedOn(decision.BookedAt, statement);
        return booked < decision.Day ? decision.Day : booked;
    }

    /// <summary>What brings the rows of one document to those of the next, in their order.</summary>
    private static IEnumerable<RegisterRow> Changes(IReadOnlyList<RegisterRow> before, IReadOnlyList<RegisterRow> now)
    {
        Dictionary<object, RegisterRow> was = before.ToDictionary(Key);
        Dictionary<object, RegisterRow> current = now.ToDictionary(Key);
        foreach (object key in current.Keys.Union(was.Keys))
        {
            RegisterRow? old = was.GetValueOrDefault(key);
            RegisterRow? row = current.GetValueOrDefault(key);
            Energy energy = (row?.Energy ?? Energy.Zero) - (old?.Energy ?? Energy.Zero);
            Money? amount = old?.Amount is not { } less ? row?.Amount : (row?.Amount ?? Money.Zero(less.Currency)) - less;
            if (energy != Energy.Zero || (amount?.Amount ?? 0m) != 0m || before.Count == 0)
            {
                yield return (row ?? old!) with { Energy = energy, Amount = amount };
            }
        }

        static object Key(RegisterRow row) => (row.Consumed, row.Code, row.Rate);
    }
}
