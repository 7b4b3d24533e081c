using FleetMonitor.Fleet;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>What is to be posted, from what metering says now.</summary>
public static class PostingPlan
{
    /// <summary>
    /// The posting that brings what is posted for a device-day to what metering says now: none where they agree. In a closed period the
    /// difference is an adjustment, which keeps its day of consumption.
    /// </summary>
    /// <param name="books">As it is now; one that fell to nothing is zero.</param>
    /// <param name="posted">The sum posted so far.</param>
    /// <param name="isClosed">Whether a site's period is closed.</param>
    /// <param name="reason">Why closed periods change, such as <c>late readings</c>.</param>
    public static PostingDraft? Bring(in DeviceDay books, in EnergyByQuality posted, Func<string, TaxPeriod, bool> isClosed, string reason)
    {
        EnergyByQuality difference = books.Energy - posted;
        if (difference == EnergyByQuality.Zero)
        {
            return null;
        }

        bool closed = isClosed(books.Key.Site, TaxPeriod.Of(books.Day));
        return new PostingDraft
        {
            Kind = closed ? PostingKind.Adjustment : PostingKind.Accrual,
            Site = books.Key.Site,
            Device = books.Key.Device,
            Day = books.Day,
            Energy = difference,
            Reason = closed ? reason : null,
        };
    }
}
