using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Alerts;

/// <summary>
/// Sums a site's windows by the hour and holds the control meters against the devices under them. Only hours that were heard from beginning to
/// end count: after a start, while much of the site is down, and where power was planned to go, nothing is concluded.
/// </summary>
internal sealed class SiteBalance(string site, StakeLevels levels)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>How long after its end an hour is taken as complete: devices that report every few minutes are in by then.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    private readonly MeterBalance _balance = new(site, levels);
    private readonly SortedDictionary<Instant, (long Meters, long Devices)> _hours = [];
    private Instant? _begun;
    private Instant? _done;

    /// <summary>True where an hour was concluded since the last <see cref="Save"/>.</summary>
    public bool Changed { get; private set; }

    public byte[] Save()
    {
        Changed = false;
        byte[] state = new byte[MeterBalance.SerializedSize];
        _balance.WriteTo(state);
        return state;
    }

    public void Restore(byte[] state) => _balance.TryRead(state);

    /// <summary>Counts a device's window, once: a later correction of it is not worth a wrong conclusion.</summary>
    public void Take(TrackedDevice device, in DeviceWindow window, Site? facts)
    {
        if (facts is null || window.Start <= device.BalancedThrough)
        {
            return;
        }

        bool meter = device.Watched.Role == DeviceRole.ControlMeter;
        string? feeder = facts.Devices.GetValueOrDefault(device.Key.Device)?.FedBy;
        if (feeder is not null && facts.Devices.GetValueOrDefault(feeder)?.Role != DeviceRole.ControlMeter)
        {
            return;
        }

        device.BalancedThrough = window.Start;
        Instant hour = DeviceWindow.StartOf(window.Start, Hour);
        if (hour <= _done)
        {
            return;
        }

        _begun ??= window.Start;
        (long meters, long devices) = _hours.GetValueOrDefault(hour);
        _hours[hour] = meter ? (meters + window.Energy, devices) : (meters, devices + window.Energy);
    }

    /// <param name="down">True while much of the site is.</param>
    public void Tick(Instant now, bool down, IReadOnlyList<CurtailmentWindow> planned, decimal? levyPerKwh, List<AnomalyChange> found)
    {
        while (_hours.Count > 0 && _hours.Keys.First() is var hour && now >= hour.Plus(Hour + Grace))
        {
            (long meters, long devices) = _hours[hour];
            _hours.Remove(hour);
            _done = hour;
            if (!down && _begun <= hour && !planned.Any(window => window.Overlaps(hour, hour.Plus(Hour))))
            {
                _balance.Observe(hour.Plus(Hour), new Energy(meters), new Energy(devices), Hour, levyPerKwh, found);
                Changed |= meters > 0;
            }
        }
    }
}
