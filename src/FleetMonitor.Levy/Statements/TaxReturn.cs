using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>A line as it is filed now: by the statement, or by the last amended return that changed it.</summary>
/// <param name="Amount">Whole currency units; null for unrated energy, and for a line that has fallen away.</param>
public sealed record FiledLine(
    StatementLineKind Kind, string Charge, string Code, decimal? Rate, EnergyByQuality Energy, Money? Amount);

/// <summary>
/// All of a period's return: the statement, the amended returns filed since, and apart from them what is not filed. A draft is a statement that
/// nobody closed, without either.
/// </summary>
/// <param name="Amendments">In order.</param>
/// <param name="Pending">What an amended return would carry now; null where nothing differs. It is in no sum.</param>
public sealed record TaxReturn(Statement Statement, IReadOnlyList<Amendment> Amendments, Amendment? Pending)
{
    /// <summary>The statement's lines, and those that amended returns brought, as they are filed now.</summary>
    public IReadOnlyList<FiledLine> Lines => LinesOf(Statement, Amendments);

    public PeriodEnergy Sums => PeriodEnergy.Of(Lines.Select(line => new LineEnergy(line.Kind, line.Rate, line.Energy)));

    /// <summary>What is filed per charge, with all amended returns.</summary>
    public IReadOnlyList<(string Charge, Money Amount)> Amounts =>
    [
        .. Statement.Amounts.Concat(Amendments.SelectMany(amendment => amendment.Differences))
            .GroupBy(part => (part.Charge, part.Amount.Currency))
            .Select(parts => (parts.Key.Charge, parts.Aggregate(Money.Zero(parts.Key.Currency), (sum, part) => sum + part.Amount))),
    ];

    private static List<FiledLine> LinesOf(Statement statement, IReadOnlyList<Amendment> amendments)
    {
        List<FiledLine> lines =
            [.. statement.Lines.Select(line => new FiledLine(line.Kind, line.Charge, line.Code, line.Rate, line.Energy, line.Amount))];
        foreach (AmendmentLine amended in amendments.SelectMany(amendment => amendment.Lines))
        {
            var line = new FiledLine(amended.Kind, amended.Charge, amended.Code, amended.Rate, amended.NowEnergy, amended.Now);
            int at = lines.FindIndex(known =>
                (known.Kind, known.Charge, known.Code, known.Rate) == (line.Kind, line.Charge, line.Code, line.Rate));
            if (at < 0)
            {
                lines.Add(line);
            }
            else
            {
                lines[at] = line;
            }
        }

        return lines;
    }
}
