namespace FleetMonitor.Levy;

/// <summary>What totals are split by, beside site, period and rate, which always split them.</summary>
[Flags]
public enum TotalsGroup
{
    None = 0,
    Device = 1,
    Tenant = 2,
    Day = 4,
}

public static class TotalsGroups
{
    /// <summary>Reads <c>site,device,tenant,day,rate</c> in any order; false, with the first word not known, where it is something else.</summary>
    public static bool TryParse(string? text, out TotalsGroup group, out string? unknown)
    {
        group = TotalsGroup.None;
        unknown = null;
        foreach (string word in (text ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word)
            {
                case "site" or "rate" or "period":
                    break;
                case "device":
                    group |= TotalsGroup.Device;
                    break;
                case "tenant":
                    group |= TotalsGroup.Tenant;
                    break;
                case "day":
                    group |= TotalsGroup.Day;
                    break;
                default:
                    unknown = word;
                    return false;
            }
        }

        return true;
    }
}

/// <summary>Which totals to compute: local days <c>From ≤ day &lt; To</c>, open where absent.</summary>
public sealed record TotalsQuery
{
    public DateOnly? From { get; init; }

    public DateOnly? To { get; init; }

    public TotalsGroup Group { get; init; }

    /// <summary>
    /// Today's local date, so that rates by average price can be shown as provisional while their period lasts; null shows none so.
    /// </summary>
    public DateOnly? Today { get; init; }

    /// <summary>
    /// First day of the books to feed: whole tax periods, since an average price is of its whole period whatever part is asked for.
    /// </summary>
    public DateOnly? FeedFrom => From is { Year: <= TaxPeriod.LastYear } from ? TaxPeriod.Of(from).FirstDay : From;

    /// <summary>First day after the books to feed.</summary>
    public DateOnly? FeedTo => To is { Year: <= TaxPeriod.LastYear } to && to > DateOnly.MinValue ? TaxPeriod.Of(to.AddDays(-1)).End : To;

    public bool Holds(DateOnly day) => (From is not { } from || from <= day) && (To is not { } to || day < to);
}
