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
    Money Difference);

/// <summary>
/// An amended return: the difference of each line against the figure filed before, under the period of consumption (Tax Code art. 116).
/// </summary>
public sealed record Amendment
{
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

        var lines = new List<AmendmentLine>();
        foreach (LineKey key in now.Lines.Select(Key).Concat(filed.Lines.Select(Key)).Concat(amended.Keys).Distinct())
        {
            AmendmentLine line = Line(
                key, was.GetValueOrDefault(key), amended.GetValueOrDefault(key), current.GetValueOrDefault(key), now.Lines.Concat(filed.Lines));
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
        LineKey key, StatementLine? filed, AmendmentLine? amended, StatementLine? now, IEnumerable<StatementLine> known)
    {
        EnergyByQuality filedEnergy = filed?.Energy ?? EnergyByQuality.Zero;
        EnergyByQuality energyBefore = amended?.NowEnergy ?? filedEnergy;
        EnergyByQuality nowEnergy = now?.Energy ?? EnergyByQuality.Zero;
        Money? before = amended is null ? filed?.Amount : amended.Now;
        string currency = (now ?? filed)?.Currency ?? before?.Currency ?? known.First(line => line.Charge == key.Charge).Currency;
        Money zero = Money.Zero(currency);
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
            (now?.Amount ?? zero) - (before ?? zero));
    }

    private static LineKey Key(StatementLine line) => new(line.Kind, line.Charge, line.Code, line.Rate);

    private readonly record struct LineKey(StatementLineKind Kind, string Charge, string Code, decimal? Rate);
}
