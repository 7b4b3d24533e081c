using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>One PDU with a meter on each phase, minute by minute: what its rigs draw, on which phase, and which phase has a fault.</summary>
internal sealed class FeederRun(FleetGenerator fleet, GeneratedFeeder feeder, WatchContext context, int seed)
{
    private readonly Random _random = new(seed);
    private readonly DeviceWatch _watch = new();
    private readonly List<AnomalyChange> _changes = [];
    private readonly int[] _rebootUntil = new int[feeder.Phases.Length];
    private readonly WatchedDevice _device = new(
        new DeviceKey($"site-{feeder.Site}", $"pdu-{feeder.Number}"), new WatchedFacts { Role = DeviceRole.Feeder, LevyPerKwh = 2m });

    public List<(int Minute, AnomalyChange Change)> Run()
    {
        int first = feeder.Number * FleetGenerator.RigsPerFeeder;
        int part = fleet.PartOf(false, feeder.Number);
        FleetFault[] own = [.. fleet.PhaseFaults.Where(fault => fault.Rig == part)];
        FleetFault[] rigs = [.. fleet.Faults.Where(fault => fault.Rig / FleetGenerator.RigsPerFeeder == feeder.Number)];
        (int Site, int From, int To, PlannedStop Stop)[] stops = [.. fleet.Curtailments.Where(stop => stop.Site == feeder.Site)];
        int phase = _random.Next(60_000);
        List<(int, AnomalyChange)> told = [];
        for (int minute = 0; minute < fleet.Days * FleetGenerator.MinutesPerDay; minute++)
        {
            Instant now = FleetRun.At(minute).Plus(TimeSpan.FromMilliseconds(phase));
            bool dark = fleet.Outages[feeder.Site].Holds(minute) || fleet.IsDark(first, minute);
            if (!dark && _random.NextDouble() >= 0.004)
            {
                double[] load = Load(minute, first, [.. rigs.Where(fault => fault.Holds(minute))], [.. stops.Where(stop => minute >= stop.From && minute < stop.To)]);
                foreach (FleetFault fault in own.Where(fault => fault.Holds(minute)))
                {
                    load[(int)(fault.Variant * 3)] *= 1 - fault.Size;
                }

                Send(now, load);
            }

            _watch.Tick(now, _device, context, _changes);
            told.AddRange(_changes.Select(change => (minute, change)));
            _changes.Clear();
        }

        return told;
    }

    private double[] Load(int minute, int first, FleetFault[] faults, (int Site, int From, int To, PlannedStop Stop)[] stops)
    {
        double[] load = new double[3];
        for (int i = 0; i < feeder.Phases.Length; i++)
        {
            if (_random.NextDouble() < 1.0 / 6000)
            {
                _rebootUntil[i] = minute + _random.Next(2, 6);
            }

            double power = minute < _rebootUntil[i] ? 0.25 : 1 + (0.0006 * fleet.Weather[minute]);
            foreach ((_, int from, _, PlannedStop stop) in stops)
            {
                bool off = stop == PlannedStop.Off || (stop == PlannedStop.Maintenance && (first + i + from) % 9 == 0);
                power *= off ? 0 : stop == PlannedStop.Half ? 0.5 : 1;
            }

            foreach (FleetFault fault in faults.Where(fault => fault.Rig == first + i))
            {
                power *= fault.Kind switch
                {
                    AnomalyKind.Offline => fault.Variant < 0.7 ? 0 : 1,
                    AnomalyKind.PowerWithoutHash => 0.3 + (0.7 * fault.Variant),
                    AnomalyKind.DeadHashBoard => 1 - (fault.Size / 3 * 0.93),
                    AnomalyKind.ThermalThrottling => 1 - (fault.Size * 0.8),
                    AnomalyKind.OverNameplate => 1 + fault.Size,
                    _ => 1,
                };
            }

            load[feeder.Phases[i]] += fleet.Rigs[first + i].Watts * power;
        }

        return load;
    }

    private void Send(Instant now, double[] load)
    {
        long[] milliwatts = [.. load.Select(watts => (long)(1000 * Math.Max(0, watts * (1 + (feeder.Noise * ((2 * _random.NextDouble()) - 1))))))];
        _watch.Observe(
            new Reading(now, ReadingFields.Power, new Power(milliwatts.Sum())),
            new PhaseValues(PhaseQuantity.Power, milliwatts[0], milliwatts[1], milliwatts[2]),
            now, _device, context, _changes);
    }
}
