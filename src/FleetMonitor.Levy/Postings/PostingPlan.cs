using FleetMonitor.Fleet;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>What postings have summed to so far, per device and day; what metering says now less this is what is still to be posted.</summary>
public sealed class PostedSums
{
    private readonly Dictionary<(DeviceKey Key, DateOnly Day), EnergyByQuality> _sums = [];

    /// <summary>Adds a posting of metered energy; manual ones and turnover are beside what metering says.</summary>
    public void Add(PostingDraft entry)
    {
        if (entry is { Kind: PostingKind.Accrual or PostingKind.Adjustment, Device: { } device })
        {
            (DeviceKey, DateOnly) key = (new DeviceKey(entry.Site, device), entry.Day);
            _sums[key] = _sums.GetValueOrDefault(key) + entry.Energy;
        }
    }

    public EnergyByQuality Of(DeviceKey key, DateOnly day) => _sums.GetValueOrDefault((key, day));

    public IEnumerable<DeviceDay> DeviceDays() => _sums.Select(sum => new DeviceDay(sum.Key.Key, sum.Key.Day, sum.Value));
}

public static class PostingPlan
{
    /// <summary>
    /// The postings that bring what is posted to what metering says now: nothing where they agree. In a closed period the difference is
    /// an adjustment, which keeps its day of consumption.
    /// </summary>
    /// <param name="books">The device-days as they are now; one that fell to nothing must be there, as zero.</param>
    /// <param name="posted">The sum posted so far for a device and day.</param>
    /// <param name="isClosed">Whether a site's period is closed.</param>
    /// <param name="reason">Why closed periods change, such as <c>late readings</c>.</param>
    public static IEnumerable<PostingDraft> Bring(
        IEnumerable<DeviceDay> books,
        Func<DeviceKey, DateOnly, EnergyByQuality> posted,
        Func<string, TaxPeriod, bool> isClosed,
        string reason)
    {
        foreach (DeviceDay day in books)
        {
            EnergyByQuality difference = day.Energy - posted(day.Key, day.Day);
            if (difference == default)
            {
                continue;
            }

            bool closed = isClosed(day.Key.Site, TaxPeriod.Of(day.Day));
            yield return new PostingDraft
            {
                Kind = closed ? PostingKind.Adjustment : PostingKind.Accrual,
                Site = day.Key.Site,
                Device = day.Key.Device,
                Day = day.Day,
                Energy = difference,
                Reason = closed ? reason : null,
            };
        }
    }
}
