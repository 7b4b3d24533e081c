using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Http;

/// <summary>One device at one moment.</summary>
internal readonly record struct DeviceNow(TrackedDevice Device, DeviceState State, Reading? Last, Instant LastReceived);

/// <summary>
/// A few devices out of many with their books of the running period, without a walk over the others. One thread at a time; dispose of it soon.
/// </summary>
internal sealed class DeviceBooks : IDisposable
{
    /// <summary>Stands for all other devices of the site; no device can be called so.</summary>
    private const string TheOthers = "/others";

    private readonly ILookup<DeviceKey, DeviceDay> _since;
    private readonly RateSchedule _schedule;

    private DeviceBooks(
        Instant at, IReadOnlyList<DeviceNow> devices, LedgerReader ledger, IReadOnlyList<DeviceDay> since, FleetSnapshot fleet, RateSchedule schedule)
    {
        (At, Devices, Ledger, Fleet, _schedule) = (at, devices, ledger, fleet, schedule);
        _since = since.ToLookup(day => day.Key);
    }

    public Instant At { get; }

    public IReadOnlyList<DeviceNow> Devices { get; }

    public LedgerReader Ledger { get; }

    public FleetSnapshot Fleet { get; }

    public static Task<DeviceBooks> OpenAsync(ServiceContext context, IReadOnlyList<TrackedDevice> devices) => context.AskAsync(decider =>
    {
        var now = Instant.From(context.Time.GetUtcNow());
        DeviceNow[] states =
        [
            .. devices.Select(device => new DeviceNow(
                device,
                device.StateAt(now, decider.Shards.WatchContextOf(device.Key.Site)),
                device.Last,
                device.LastReceived)),
        ];
        return new DeviceBooks(
            now,
            states,
            LedgerReader.Open(context.Engine.Ledger.Files),
            ShardSet.Overlay(devices),
            context.Engine.Fleet.Current,
            context.Engine.Schedule);
    });

    /// <summary>A device's energy by local day, <c>from ≤ day &lt; to</c>, in order.</summary>
    public IReadOnlyList<(DateOnly Day, EnergyByQuality Energy)> Days(TrackedDevice device, DateOnly from, DateOnly to) =>
    [
        .. Ledger.DeviceDays(device.Id, from, to)
            .Concat(_since[device.Key].Where(day => day.Day >= from && day.Day < to).Select(day => (day.Day, day.Energy)))
            .GroupBy(day => day.Day, day => day.Energy)
            .Select(day => (day.Key, day.Aggregate((sum, energy) => sum + energy)))
            .OrderBy(day => day.Key),
    ];

    /// <summary>
    /// The levy on the devices of one site that are asked for. Where the site is billed by control meter that is their share of it, within a
    /// microwatt-hour a day of what totals by device give, which know all of the others by name.
    /// </summary>
    /// <param name="site">The site's books of the running period, with what was entered by hand.</param>
    /// <returns>Nothing for a device whose energy is counted elsewhere: by its feeder, or as the control meter itself.</returns>
    public IReadOnlyDictionary<DeviceKey, (LevySum Today, LevySum ThisPeriod)> Levy(SiteLevy site)
    {
        Site? listed = Fleet.Site(site.Site);
        DeviceDay[] own =
        [
            .. Devices.Where(device => device.Device.Key.Site == site.Site).SelectMany(device =>
                Days(device.Device, site.Period.FirstDay, site.Period.End).Select(day => new DeviceDay(device.Device.Key, day.Day, day.Energy))),
        ];
        DeviceDay[] books = [.. own.Where(day => ClassOf(listed, day.Key) != BillingClass.ControlMeter), .. Others(listed, site, own)];
        ILookup<string?, TotalsRow> today = Rows(new TotalsQuery { From = site.Day, To = site.Day.AddDays(1), Group = TotalsGroup.Device });
        ILookup<string?, TotalsRow> period = Rows(new TotalsQuery { From = site.Period.FirstDay, To = site.Period.End, Group = TotalsGroup.Device });
        string currency = _schedule.Levy.Currency;
        return Devices.Where(device => ClassOf(listed, device.Device.Key) == BillingClass.Metered && device.Device.Key.Site == site.Site)
            .ToDictionary(
                device => device.Device.Key,
                device => (LevySum.Of(today[device.Device.Key.Device], currency), LevySum.Of(period[device.Device.Key.Device], currency)));

        ILookup<string?, TotalsRow> Rows(TotalsQuery query) =>
            LevyTotals.Compute(books, _ => listed, _schedule, query, site.ByHand).ToLookup(row => row.Device);
    }

    public void Dispose() => Ledger.Dispose();

    /// <summary>What the rest of the site adds to an average price or an allocation, as one device and one control meter.</summary>
    private static IEnumerable<DeviceDay> Others(Site? listed, SiteLevy site, DeviceDay[] own)
    {
        var others = new DeviceKey(site.Site, TheOthers);
        string? controlMeter = listed?.Devices.Values.FirstOrDefault(device => device.Role == DeviceRole.ControlMeter)?.Id;
        ILookup<DateOnly, EnergyByQuality> ownByDay = own.Where(day => ClassOf(listed, day.Key) == BillingClass.Metered)
            .ToLookup(day => day.Day, day => day.Energy);
        foreach (IGrouping<(DateOnly Day, BillingClass Class), SiteDay> days in site.PeriodDays.GroupBy(day => (day.Day, day.Class)))
        {
            EnergyByQuality sum = Sum(days.Select(day => day.Energy));
            if (days.Key.Class == BillingClass.Metered)
            {
                yield return new DeviceDay(others, days.Key.Day, Less(sum, Sum(ownByDay[days.Key.Day])));
            }
            else if (days.Key.Class == BillingClass.ControlMeter && controlMeter is not null)
            {
                yield return new DeviceDay(new DeviceKey(site.Site, controlMeter), days.Key.Day, sum);
            }
        }
    }

    /// <summary>The sums may be a moment older than the devices: where they are, the others have nothing rather than less.</summary>
    private static EnergyByQuality Less(EnergyByQuality whole, EnergyByQuality part)
    {
        EnergyByQuality rest = whole - part;
        return new(NotNegative(rest.Register), NotNegative(rest.Integrated), NotNegative(rest.Estimated));

        static Energy NotNegative(Energy energy) => energy > Energy.Zero ? energy : Energy.Zero;
    }

    private static EnergyByQuality Sum(IEnumerable<EnergyByQuality> energies) =>
        energies.Aggregate(EnergyByQuality.Zero, (sum, energy) => sum + energy);

    private static BillingClass ClassOf(Site? site, DeviceKey key) => Billing.ClassOf(site, key.Device);
}
