using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Journal;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Tests.Alerts;

/// <summary>
/// Rigs of one site through a shard (admitted, metered, watched) and the site's alert book, without I/O: each draws about 3 kW, says so every
/// ten seconds in a message of its own, and time passes in between.
/// </summary>
internal sealed class WatchedSite(int messagesPerBatch = 1)
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private const double WattHours = 3000.0 / 360;

    private readonly WatchContext _watched = new(new AnomalyOptions { WarmUp = TimeSpan.Zero });
    private readonly MeterContext _metered = new(
        MeteringOptions.Default, new MeterLimits(Power.FromWatts(6500), new Energy(1_000_000), null), DayCalendar.Of(TimeZoneInfo.Utc));
    private readonly AlertBook _book = new("north", new AlertOptions { Levels = new StakeLevels() }, []);
    private readonly Dictionary<string, TrackedDevice> _devices = [];
    private readonly Dictionary<string, double> _registers = [];
    private readonly List<AlertChange> _changes = [];
    private Shard? _shard;
    private long _sequence = 1;
    private int _inBatch;

    public Instant Now { get; private set; } = Anomalies.WatchedRig.Start;

    public IReadOnlyList<AlertChange> Changes => _changes;

    /// <summary>Kinds of all that was told, oldest first.</summary>
    public string[] Told => [.. _changes.Where(change => change is { Tell: true, Step: AlertStep.Raised }).Select(change => change.Alert.Anomaly.Kind.Code())];

    /// <summary>What stands for itself.</summary>
    public Alert[] Standing => [.. _book.Standing.Where(alert => alert.Cause is null)];

    private Shard Shard => _shard ??= new Shard((_, _) => [], _ => _watched, 1_000, shards: 1);

    /// <param name="seconds">What the rigs' clocks are fast by; slow where negative.</param>
    public void Runs(TimeSpan duration, int seconds, bool register, params string[] rigs)
    {
        for (Instant end = Now.Plus(duration); Now < end;)
        {
            foreach (string rig in rigs)
            {
                Says(rig, seconds, register ? rig : null);
            }

            Passes(Every);
        }
    }

    /// <param name="register">Whose register it reports; null for none.</param>
    public void Says(string device, int seconds, string? register)
    {
        double counted = register is null ? 0 : _registers[register] = _registers.GetValueOrDefault(register, 50_000 + (90_000 * register.Length)) + WattHours;
        int watts = 3000 + (int)(Now.UnixMilliseconds / 10_000 * 7919 % 41);
        ReadingFields fields = ReadingFields.Power | ReadingFields.HashRate | (register is null ? ReadingFields.None : ReadingFields.Register);
        Hears(device, new Reading(
            Now.Plus(TimeSpan.FromSeconds(seconds)), fields, Power.FromWatts(watts), Energy.FromWattHours((decimal)counted), HashRate.FromTerahashes(110), default, default));
    }

    public void Hears(string device, Reading reading)
    {
        TrackedDevice tracked = Device(device);
        Shard.Apply(tracked, new JournalEntry(tracked.Id, JournalEntryKind.Reading, Now, reading));
        if (++_inBatch >= messagesPerBatch)
        {
            Shard.EndBatch(_sequence++);
            _inBatch = 0;
        }
    }

    /// <summary>Time passes, and nobody is there to see it.</summary>
    public void Sleeps(TimeSpan duration) => Now = Now.Plus(duration);

    public void Passes(TimeSpan duration)
    {
        for (Instant end = Now.Plus(duration); Now < end;)
        {
            Now = Now.Plus(duration < Every ? duration : Every);
            Shard.Tick(Now, _sequence);
            foreach (AnomalyChange change in Shard.Output.Anomalies.OrderBy(change => change.At))
            {
                _book.Apply(change, _changes);
            }

            Shard.Output.Clear();
            _book.Tick(Now, new Roster(_devices), _changes);
        }
    }

    private TrackedDevice Device(string name)
    {
        if (!_devices.TryGetValue(name, out TrackedDevice? device))
        {
            device = new TrackedDevice(_devices.Count, new DeviceKey("north", name), Shard.Memory) { Context = _metered };
            _devices.Add(name, device);
            Shard.Add(device);
        }

        return device;
    }

    private sealed class Roster(Dictionary<string, TrackedDevice> devices) : ISiteRoster
    {
        public int Devices => devices.Count;

        public bool Counts(string device) => devices[device].TakeOutWatch().ReportsSteadily;

        public IEnumerable<DeviceGroup> GroupsOf(string device) => [];

        public int CountOf(DeviceGroup group) => 0;
    }
}
