using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Http;

/// <summary>What a site's devices did at one moment. Values of stale and offline devices are not live, and not in the sums.</summary>
internal sealed class SiteNow(RosterSite site)
{
    private readonly int[] _states = new int[Enum.GetValues<DeviceState>().Length];
    private long _milliwatts;
    private long _megahashes;
    private long _hashingMilliwatts;
    private long _hashingMegahashes;

    public RosterSite Site { get; } = site;

    public int Count(DeviceState state) => _states[(int)state];

    /// <summary>Of what draws from the site's supply: what a feeder already counts is not counted again.</summary>
    public Power Power => new(_milliwatts);

    public HashRate HashRate => new(_megahashes);

    /// <summary>Joules per terahash over the devices that report both power and hash rate; null where none does.</summary>
    public decimal? Efficiency => _hashingMegahashes == 0
        ? null
        : decimal.Round(_hashingMilliwatts * 1_000m / _hashingMegahashes, 3);

    public void Add(DeviceState state, in Reading? last, bool counted)
    {
        _states[(int)state]++;
        if (last is not { } reading || state is not (DeviceState.Mining or DeviceState.Idle))
        {
            return;
        }

        _milliwatts += counted && reading.HasPower ? reading.Power.Milliwatts : 0;
        _megahashes += reading.HasHashRate ? reading.HashRate.MegahashesPerSecond : 0;
        if (reading is { HasPower: true, HasHashRate: true } && reading.HashRate.MegahashesPerSecond > 0)
        {
            _hashingMilliwatts += reading.Power.Milliwatts;
            _hashingMegahashes += reading.HashRate.MegahashesPerSecond;
        }
    }

    public void Add(SiteNow other)
    {
        for (int state = 0; state < _states.Length; state++)
        {
            _states[state] += other._states[state];
        }

        _milliwatts += other._milliwatts;
        _megahashes += other._megahashes;
        _hashingMilliwatts += other._hashingMilliwatts;
        _hashingMegahashes += other._hashingMegahashes;
    }
}

/// <param name="States">By the roster's index.</param>
internal sealed record FleetNow(Instant At, FleetRoster Roster, DeviceState[] States, IReadOnlyList<SiteNow> Sites);

/// <summary>
/// The fleet as it is now, for everybody who watches: at most about one walk over the devices a second, on the pipeline's loop, which holds it up
/// for some milliseconds at 55,000 of them.
/// </summary>
internal sealed class FleetView
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly ServiceContext _context;
    private readonly Cached<FleetNow> _now;
    private readonly Dictionary<HeatMeasure, Cached<FleetHeat>> _heat;
    private FleetRoster? _roster;

    public FleetView(ServiceContext context)
    {
        _context = context;
        _now = new Cached<FleetNow>(LookAsync, Least, context.Time);
        _heat = Enum.GetValues<HeatMeasure>().ToDictionary(measure => measure, measure => new Cached<FleetHeat>(() => MeasureAsync(measure), Least, context.Time));
    }

    public Task<FleetNow> NowAsync() => _now.GetAsync();

    public Task<FleetHeat> HeatAsync(HeatMeasure measure) => _heat[measure].GetAsync();

    private async Task<FleetHeat> MeasureAsync(HeatMeasure measure)
    {
        FleetNow now = await NowAsync();
        double[] values = await _context.AskAsync(_ => Array.ConvertAll(now.Roster.Devices, device => Value(device.Last, measure)));
        for (int index = 0; index < values.Length; index++)
        {
            // What a stale or offline device said last is not live.
            values[index] = now.States[index] is DeviceState.Mining or DeviceState.Idle ? values[index] : double.NaN;
        }

        return new FleetHeat(now.Roster, values);
    }

    private static double Value(in Reading? last, HeatMeasure measure) => (measure, last) switch
    {
        (HeatMeasure.Power, { HasPower: true } reading) => (double)reading.Power.Watts,
        (HeatMeasure.HashRate, { HasHashRate: true } reading) => (double)reading.HashRate.TerahashesPerSecond,
        (HeatMeasure.Efficiency, { HasPower: true, HasHashRate: true, HashRate.MegahashesPerSecond: > 0 } reading) =>
            1_000.0 * reading.Power.Milliwatts / reading.HashRate.MegahashesPerSecond,
        (HeatMeasure.Temperature, { HasTemperature: true } reading) => (double)reading.Temperature.Celsius,
        _ => double.NaN,
    };

    private async Task<FleetNow> LookAsync()
    {
        FleetRoster? known = _roster;
        TrackedDevice[]? devices = await _context.AskAsync(decider =>
            known is null || known.Devices.Length != decider.Shards.Devices.Count ? decider.Shards.Devices.ToArray() : null);
        if (devices is not null || known!.Fleet != _context.Engine.Fleet.Current)
        {
            _roster = known = new FleetRoster(devices ?? known!.Devices, _context.Engine.Fleet.Current);
        }

        return await _context.AskAsync(decider => Look(decider.Shards, known, Instant.From(_context.Time.GetUtcNow())));
    }

    private static FleetNow Look(ShardSet shards, FleetRoster roster, Instant now)
    {
        var states = new DeviceState[roster.Devices.Length];
        var sites = new List<SiteNow>(roster.Sites.Count);
        foreach (RosterSite site in roster.Sites)
        {
            var sums = new SiteNow(site);
            WatchContext context = shards.WatchContextOf(site.Id);
            for (int index = site.First; index < site.First + site.Count; index++)
            {
                TrackedDevice device = roster.Devices[index];
                states[index] = device.StateAt(now, context);
                sums.Add(states[index], device.Last, roster.Counted[index]);
            }

            sites.Add(sums);
        }

        return new FleetNow(now, roster, states, sites);
    }
}
