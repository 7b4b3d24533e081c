namespace FleetMonitor.Service.Influx;

/// <summary>One window of a site: the sum of its devices' shares, whatever order they come in.</summary>
internal struct SiteSums
{
    public long? Power { get; private set; }

    public long? HashRate { get; private set; }

    public long? Energy { get; private set; }

    public long Estimated { get; private set; }

    public int? Temperature { get; private set; }

    public long Readings { get; private set; }

    public void Add(in WindowShare share)
    {
        if (share.Billed)
        {
            Power = Sum(Power, share.Power);
            Energy = Sum(Energy, share.Energy);
            Estimated += share.Estimated;
        }

        HashRate = Sum(HashRate, share.HashRate);
        Temperature = share.Temperature is { } degrees && !(Temperature >= degrees) ? degrees : Temperature;
        Readings += share.Readings;
    }

    private static long? Sum(long? sum, long? share) => share is null ? sum : (sum ?? 0) + share;
}

/// <summary>A site's devices by what they were doing at a window's end.</summary>
internal readonly record struct StateCounts(int Mining, int Idle, int Stale, int Offline);

/// <summary>The levy accrued on the local day a window belongs to, and in its tax period; null where some of the energy is unrated.</summary>
internal sealed record SiteLevy(decimal? Today, decimal? Period);
