using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>What a statement is made of.</summary>
public sealed record StatementInputs
{
    public required Site Site { get; init; }

    public required TaxPeriod Period { get; init; }

    public required RateSchedule Schedule { get; init; }

    /// <summary>The site's books of the whole period (<see cref="Billing.RollUp"/>); other sites and days are left out.</summary>
    public required IReadOnlyList<SiteDay> Books { get; init; }

    /// <summary>Manual adjustments and turnover; those of other sites and periods, and metered postings, are left out.</summary>
    public IReadOnlyList<Posting> Postings { get; init; } = [];

    public IReadOnlyList<StatementGap> Gaps { get; init; } = [];

    public required PostingHead Head { get; init; }

    /// <summary>SHA-256 of the fleet file that the site is out of; null where it registered itself.</summary>
    public string? FleetHash { get; init; }
}

public static class StatementDraft
{
    /// <summary>The statement as it would be filed now; closing it is adding <see cref="Statement.Closing"/>.</summary>
    public static Statement Make(StatementInputs inputs)
    {
        Site site = inputs.Site;
        return new Statement
        {
            Site = site.Id,
            SiteName = site.Name,
            TimeZone = site.TimeZone.Id,
            Basis = site.Basis,
            Payer = site.Payer,
            Period = inputs.Period,
            Schedule = inputs.Schedule.Code,
            ScheduleHash = inputs.Schedule.SourceHash,
            FleetHash = inputs.FleetHash,
            Facts =
            [
                .. Facts("licence", site.Licence, inputs.Period, value => value),
                .. Facts("energySource", site.EnergySource, inputs.Period, FleetNames.EnergySources.NameOf),
                .. Facts("contractPrice", site.ContractPrice, inputs.Period, Money.Text),
                .. Facts("meterStatus", site.MeterStatus, inputs.Period, FleetNames.MeterStatuses.NameOf),
            ],
            Lines = [.. EnergyLines(inputs), .. ManualLines(inputs), .. TurnoverLines(inputs)],
            Gaps = inputs.Gaps,
            Exposure = Exposure(site, inputs.Period, inputs.Schedule.Levy),
            Deadlines = Deadlines.Of(inputs.Schedule.Levy, inputs.Period, inputs.Schedule.Calendar),
            Head = inputs.Head,
        };
    }

    public static DeemedExposure? Exposure(Site site, TaxPeriod period, Charge levy)
    {
        DeemedVolumeRule? rule = levy.DeemedVolume.FirstOrDefault(rule =>
            (rule.From is not { } from || from <= period.FirstDay) && (rule.To is not { } to || period.FirstDay < to));
        if (rule is null || site.MaxPower is not { } maxPower)
        {
            return null;
        }

        // 1 mW for 1 ms is 1/3600 µWh.
        TimeSpan duration = period.Duration(DayCalendar.Of(site.TimeZone));
        Int128 milliwattMilliseconds = (Int128)maxPower.Milliwatts * (duration.Ticks / TimeSpan.TicksPerMillisecond);
        var volume = new Energy((long)((milliwattMilliseconds + 1800) / 3600));
        return new DeemedExposure(maxPower, duration, volume, rule.PerKwh, Money.For(volume, rule.PerKwh, levy.Currency), rule.LegalRef);
    }

    private static IEnumerable<StatementFact> Facts<T>(string name, IReadOnlyList<Dated<T>> facts, TaxPeriod period, Func<T, string> text) => facts
        .Where(fact => fact.From < period.End && (fact.To is not { } to || to > period.FirstDay))
        .Select(fact => new StatementFact(name, fact.From, fact.To, text(fact.Value), fact.Evidence, fact.By));

    private static IEnumerable<StatementLine> EnergyLines(StatementInputs inputs)
    {
        IReadOnlyList<TotalsRow> rows = LevyTotals.Compute(Books(inputs), _ => inputs.Site, inputs.Schedule, new TotalsQuery());
        foreach (TotalsRow row in rows)
        {
            yield return new StatementLine
            {
                Kind = StatementLineKind.Energy,
                Charge = inputs.Schedule.Levy.Code,
                Code = row.RateCode,
                Rate = row.PerKwh,
                LegalRef = row.LegalRef,
                Energy = row.Energy,
                Exact = row.Amount,
                Currency = row.Currency,
                Unconfirmed = row.Unconfirmed,
                Reasons = row.Reasons,
            };
        }
    }

    // One line a decision, so that each stands there with its name and reason.
    private static IEnumerable<StatementLine> ManualLines(StatementInputs inputs)
    {
        decimal? average = AveragePrice.Of(
            inputs.Site,
            inputs.Schedule.Levy,
            Books(inputs).Where(day => day.Class == Billing.Billed(inputs.Site)).Select(day => (day.Day, day.Energy.Total)));
        foreach (Posting posting in Entries(inputs, PostingKind.Manual))
        {
            PostingDraft entry = posting.Entry;
            // An amount stands whatever has become of its charge in the schedule.
            Charge levy = inputs.Schedule.Levy;
            RateLine? line = entry.Amount is null ? inputs.Schedule.Rate(inputs.Site, entry.Day, average) : null;
            yield return new StatementLine
            {
                Kind = StatementLineKind.Manual,
                Charge = entry.Charge ?? levy.Code,
                Code = $"manual-{posting.Seq}",
                Rate = line?.PerKwh,
                LegalRef = line?.LegalRef ?? string.Empty,
                Energy = entry.Energy,
                Exact = entry.Amount ?? (line?.PerKwh is { } perKwh ? Money.For(entry.Energy.Total, perKwh, levy.Currency) : null),
                Currency = entry.Amount?.Currency ?? levy.Currency,
                Unconfirmed = line?.Unconfirmed ?? [],
                Reasons = [entry.Reason ?? string.Empty],
                By = entry.By,
                Decisions = [Decision.Of(posting)],
            };
        }
    }

    private static IEnumerable<StatementLine> TurnoverLines(StatementInputs inputs)
    {
        foreach (IGrouping<(string Charge, RateRule? Rule), Posting> entries in Entries(inputs, PostingKind.Turnover)
            .GroupBy(posting => (Charge: posting.Entry.Charge!, Rule: Rule(inputs.Schedule, posting.Entry)))
            .OrderBy(group => group.Key.Rule?.Code ?? group.Key.Charge, StringComparer.Ordinal))
        {
            (string charge, RateRule? rule) = entries.Key;
            string currency = entries.First().Entry.Amount!.Value.Currency;
            Money turnover = entries.Aggregate(Money.Zero(currency), (sum, posting) => sum + posting.Entry.Amount!.Value);
            yield return new StatementLine
            {
                Kind = StatementLineKind.Turnover,
                Charge = charge,
                Code = rule?.Code ?? charge,
                Rate = rule?.Rate,
                LegalRef = rule?.LegalRef ?? string.Empty,
                Energy = EnergyByQuality.Zero,
                Turnover = turnover,
                Exact = rule?.Rate is { } rate ? turnover.Times(rate) : null,
                Currency = currency,
                By = Decision.Names(entries.Select(Decision.Of)),
                Reasons = [.. entries.Select(posting => posting.Entry.Reason ?? string.Empty)],
                Decisions = [.. entries.Select(Decision.Of)],
            };
        }
    }

    private static IEnumerable<SiteDay> Books(StatementInputs inputs) =>
        inputs.Books.Where(day => day.Site == inputs.Site.Id && inputs.Period.Contains(day.Day));

    /// <summary>Null where the schedule has the charge no longer: its rate is then not known.</summary>
    private static RateRule? Rule(RateSchedule schedule, PostingDraft entry) =>
        schedule.FindCharge(entry.Charge!) is { } charge ? schedule.TurnoverRate(charge, entry.Day) : null;

    private static IEnumerable<Posting> Entries(StatementInputs inputs, PostingKind kind) => inputs.Postings
        .Where(posting => posting.Entry.Kind == kind && posting.Entry.Site == inputs.Site.Id && posting.Entry.Period == inputs.Period)
        .OrderBy(posting => posting.Seq);
}
