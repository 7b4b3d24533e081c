using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>How one line stands against what was filed. Absent money is energy without a known rate.</summary>
/// <param name="Filed">In the statement.</param>
/// <param name="Before">In the statement and the amendments made since.</param>
/// <param name="Difference">Now less before: what the amended return carries.</param>
public sealed record AmendmentLine(
    StatementLineKind Kind,
    string Charge,
    string Code,
    decimal? Rate,
    string LegalRef,
    EnergyByQuality FiledEnergy,
    EnergyByQuality NowEnergy,
    EnergyByQuality EnergyDifference,
    Money? Filed,
    Money? Before,
    Money? Now,
    Money Difference)
{
    /// <summary>As in the statement's line: what was decided why, or the codes of the rules that applied. Empty before format 3.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>For manual lines and turnover: who decided. Null before format 3.</summary>
    public string? By { get; init; }

    /// <summary>
    /// For manual lines and turnover: what was decided since the return before, or, where the line differs for another reason, all that it is made
    /// of. Empty before format 3.
    /// </summary>
    public IReadOnlyList<Decision> Decisions { get; init; } = [];
}

/// <summary>
/// An amended return: the difference of each line against the figure filed before, under the period of consumption (Tax Code art. 116).
/// </summary>
public sealed record Amendment
{
    /// <summary>Of the canonical text. What was filed is written again as it was.</summary>
    public int Format { get; init; } = StatementJson.Format;

    /// <summary>1 for the first after the statement.</summary>
    public required int Number { get; init; }

    public required string Site { get; init; }

    public required TaxPeriod Period { get; init; }

    /// <summary>The statement it amends.</summary>
    public required string StatementHash { get; init; }

    /// <summary>The rate schedule that it was rated by; null in amendments made before statements of format 2.</summary>
    public string? ScheduleHash { get; init; }

    /// <summary>The fleet file that it was rated by; null where the site registered itself.</summary>
    public string? FleetHash { get; init; }

    /// <summary>The lines that differ; never empty.</summary>
    public required IReadOnlyList<AmendmentLine> Lines { get; init; }

    /// <summary>How far the postings went when the difference was taken.</summary>
    public required PostingHead Head { get; init; }

    /// <summary>Who files it, and when; null while it is a draft.</summary>
    public Closing? Closing { get; init; }

    /// <summary>What it changes per charge.</summary>
    public IReadOnlyList<(string Charge, Money Amount)> Differences =>
    [
        .. Lines.GroupBy(line => (line.Charge, line.Difference.Currency))
            .Select(lines => (lines.Key.Charge, lines.Aggregate(Money.Zero(lines.Key.Currency), (sum, line) => sum + line.Difference))),
    ];

    /// <summary>What is still to be filed: each line as it is now against what was filed before.</summary>
    /// <param name="filed">The closed statement.</param>
    /// <param name="earlier">Amendments already made to it, in order.</param>
    /// <param name="now">The statement as it would be filed now.</param>
    /// <returns>Null where no line's filed figure, nor any energy, changed.</returns>
    public static Amendment? Between(Statement filed, IReadOnlyList<Amendment> earlier, Statement now)
    {
        if (filed.Site != now.Site || filed.Period != now.Period)
        {
            throw new ArgumentException("An amendment compares one site and period.", nameof(now));
        }

        Dictionary<LineKey, StatementLine> was = filed.Lines.ToDictionary(Key);
        Dictionary<LineKey, StatementLine> current = now.Lines.ToDictionary(Key);
        Dictionary<LineKey, AmendmentLine> amended = [];
        foreach (AmendmentLine line in earlier.SelectMany(amendment => amendment.Lines))
        {
            amended[new LineKey(line.Kind, line.Charge, line.Code, line.Rate)] = line;
        }

        long filedUpTo = earlier.Count > 0 ? earlier[^1].Head.Count : filed.Head.Count;
        var lines = new List<AmendmentLine>();
        foreach (LineKey key in now.Lines.Select(Key).Concat(filed.Lines.Select(Key)).Concat(amended.Keys).Distinct())
        {
            AmendmentLine line = Line(
                key, was.GetValueOrDefault(key), amended.GetValueOrDefault(key), current.GetValueOrDefault(key), filedUpTo);
            if (line.Difference.Amount != 0m || line.EnergyDifference != EnergyByQuality.Zero)
            {
                lines.Add(line);
            }
        }

        return lines.Count == 0 ? null : new Amendment
        {
            Number = earlier.Count + 1,
            Site = filed.Site,
            Period = filed.Period,
            StatementHash = StatementJson.HashOf(filed),
            ScheduleHash = now.ScheduleHash,
            FleetHash = now.FleetHash,
            Lines = lines,
            Head = now.Head,
        };
    }

    private static AmendmentLine Line(
        LineKey key, StatementLine? filed, AmendmentLine? amended, StatementLine? now, long filedUpTo)
    {
        EnergyByQuality filedEnergy = filed?.Energy ?? EnergyByQuality.Zero;
        EnergyByQuality energyBefore = amended?.NowEnergy ?? filedEnergy;
        EnergyByQuality nowEnergy = now?.Energy ?? EnergyByQuality.Zero;
        Money? before = amended is null ? filed?.Amount : amended.Now;
        Money zero = Money.Zero((now ?? filed)?.Currency ?? amended!.Difference.Currency);
        IReadOnlyList<Decision> all = now?.Decisions ?? amended?.Decisions ?? filed?.Decisions ?? [];
        IReadOnlyList<Decision> since = [.. all.Where(decision => decision.Posting > filedUpTo)];
        IReadOnlyList<Decision> decisions = since.Count > 0 ? since : all;
        return new AmendmentLine(
            key.Kind,
            key.Charge,
            key.Code,
            key.Rate,
            (now ?? filed)?.LegalRef ?? amended!.LegalRef,
            filedEnergy,
            nowEnergy,
            nowEnergy - energyBefore,
            filed?.Amount,
            before,
            now?.Amount,
            (now?.Amount ?? zero) - (before ?? zero))
        {
            Reasons = decisions.Count > 0 ? [.. decisions.Select(decision => decision.Reason)] : (now ?? filed)?.Reasons ?? [],
            By = decisions.Count > 0 ? Decision.Names(decisions) : (now ?? filed)?.By,
            Decisions = decisions,
        };
    }

    private static LineKey Key(StatementLine line) => new(line.Kind, line.Charge, line.Code, line.Rate);

    private readonly record struct LineKey(StatementLineKind Kind, string Charge, string Code, decimal? Rate);
}
