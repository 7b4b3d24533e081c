using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>One rig, minute by minute: what it is doing, what is wrong with it, what it therefore sends.</summary>
internal sealed class RigRun(FleetGenerator fleet, GeneratedRig rig, WatchContext context, int seed)
{
    private readonly Random _random = new(seed);
    private readonly DeviceWatch _watch = new();
    private readonly List<AnomalyChange> _changes = [];
    private readonly WatchedDevice _device = new(new DeviceKey($"site-{rig.Site}", $"rig-{rig.Number}"), new WatchedFacts
    {
        NameplatePower = Power.FromWatts((decimal)rig.NameplateWatts),
        NameplateHashRate = HashRate.FromTerahashes((decimal)rig.Terahashes),
        Registered = !fleet.Unregistered.Contains(rig.Number),
        PermitMissing = fleet.WithoutPermit.Contains(rig.Number),
        LevyPerKwh = 2m,
    });

    private int _rebootUntil;
    private int _blipUntil;
    private FleetFault? _counted;
    private double _stuckAt;
    private int _meteredTo = int.MinValue / 2;
    private double _meteredAt;
    private Instant _lastTime;

    public long Readings { get; private set; }

    /// <summary>Watt-hours that it drew, by the hour.</summary>
    public double[] Drawn { get; } = new double[fleet.Days * 24];

    /// <summary>Watt-hours between its messages, by the hour.</summary>
    public double[] Metered { get; } = new double[fleet.Days * 24];

    public List<(int Minute, AnomalyChange Change)> Run()
    {
        FleetFault[] faults = [.. fleet.Faults.Where(fault => fault.Rig == rig.Number)];
        (int Site, int From, int To, PlannedStop Stop)[] stops = [.. fleet.Curtailments.Where(c => c.Site == rig.Site)];
        FleetFault outage = fleet.Outages[rig.Site];
        int phase = _random.Next(60_000);
        int next = 0;
        List<(int, AnomalyChange)> told = [];
        for (int minute = 0; minute < fleet.Days * FleetGenerator.MinutesPerDay; minute++)
        {
            while (next < faults.Length && minute >= faults[next].To)
            {
                next++;
            }

            FleetFault? fault = next < faults.Length && faults[next].Holds(minute) ? faults[next] : null;
            Instant now = FleetRun.At(minute).Plus(TimeSpan.FromMilliseconds(phase));
            Live(minute, now, fault, stops, outage);
            _watch.Tick(now, _device, context, _changes);
            foreach (AnomalyChange change in _changes)
            {
                told.Add((minute, change));
            }

            _changes.Clear();
        }

        return told;
    }

    private void Live(int minute, Instant now, FleetFault? fault, (int Site, int From, int To, PlannedStop Stop)[] stops, FleetFault outage)
    {
        // Everyday life: a reboot every four days or so, lost messages, short network trouble.
        if (_random.NextDouble() < 1.0 / 6000)
        {
            _rebootUntil = minute + _random.Next(2, 6);
        }

        if (_random.NextDouble() < 1.0 / 3000)
        {
            _blipUntil = minute + _random.Next(1, 4);
        }

        bool tripped = fleet.IsDark(rig.Number, minute);
        bool silent = minute < _blipUntil || _random.NextDouble() < 0.004 || outage.Holds(minute)
            || tripped || fault?.Kind == AnomalyKind.Offline;
        double hash = 1;
        double power = 1;
        foreach ((_, int from, int to, PlannedStop stop) in stops)
        {
            bool off = stop == PlannedStop.Off || (stop == PlannedStop.Maintenance && (rig.Number + from) % 9 == 0);
            if (minute >= from && minute < to && (off || stop == PlannedStop.Half))
            {
                silent |= off;
                (hash, power) = off ? (0, 0) : (0.45, 0.5);
            }
        }

        // After a stop rigs come up within some minutes, not all at once.
        if (outage.To <= minute && minute < outage.To + (rig.Number % 7))
        {
            silent = true;
        }

        if (minute < _rebootUntil)
        {
            (hash, power) = (0, 0.25);
        }

        bool dark = outage.Holds(minute) || tripped || (fault is { Kind: AnomalyKind.Offline, Variant: < 0.7 });
        Drawn[minute / 60] += dark ? 0 : rig.Watts * power / 60;
        if (!silent)
        {
            Send(minute, now, fault, hash, power);
        }
    }

    private void Send(int minute, Instant now, FleetFault? fault, double hash, double power)
    {
        double warm = fleet.Weather[minute];
        double celsius = rig.Celsius + (0.8 * warm) + (0.7 * Gauss());
        hash *= 1 - (0.0008 * warm) + (rig.HashNoise * Gauss());
        power *= 1 + (0.0006 * warm) + (rig.PowerNoise * Gauss());
        Instant at = now;
        if (fault is not null)
        {
            Spoil(minute, fault, ref at, ref hash, ref power, ref celsius);
        }

        double watts = Math.Round(rig.Watts * Math.Max(0, power), 1);
        if (fault?.Kind == AnomalyKind.StuckValue)
        {
            _stuckAt = fault.From == minute || _stuckAt == 0 ? watts : _stuckAt;
            watts = _stuckAt;
        }
        else
        {
            _stuckAt = 0;
        }

        if (fault?.Kind == AnomalyKind.Stale && _lastTime != default)
        {
            at = _lastTime;
        }

        _lastTime = at;
        Readings++;
        if (fault is { Kind: AnomalyKind.ClockOff, Size: < -5 })
        {
            _watch.ObserveRefusedClock(at, now, _device, context, _changes);
            return;
        }

        if (minute - _meteredTo <= 5)
        {
            Metered[minute / 60] += (minute - _meteredTo) * (watts + _meteredAt) / 2 / 60;
        }

        (_meteredTo, _meteredAt) = (minute, watts);
        _watch.Observe(
            new Reading(
                at,
                ReadingFields.Power | ReadingFields.HashRate | ReadingFields.Temperature,
                new Power((long)(watts * 1000)),
                default,
                new HashRate((long)(rig.Terahashes * Math.Max(0, hash) * 1e6)),
                new Temperature((int)(celsius * 1000))),
            now,
            _device,
            context,
            _changes);
    }

    private void Spoil(int minute, FleetFault fault, ref Instant at, ref double hash, ref double power, ref double celsius)
    {
        switch (fault.Kind)
        {
            case AnomalyKind.PowerWithoutHash:
                hash = 0;
                power *= 0.3 + (0.7 * fault.Variant);
                break;
            case AnomalyKind.HashBelowBaseline:
                hash *= 1 - fault.Size;
                power *= 1 - (fault.Size * 0.4 * fault.Variant);
                break;
            case AnomalyKind.HashWithoutPower:
                power *= 0.01 * fault.Variant;
                break;
            case AnomalyKind.EfficiencyDrift:
                double worn = fault.Size * Math.Min(1, (minute - fault.From) / (60 * (4 + (20 * fault.Variant))));
                power *= 1 + (worn / 2);
                hash /= 1 + (worn / 2);
                break;
            case AnomalyKind.DeadHashBoard:
                hash *= 1 - (fault.Size / 3);
                power *= 1 - (fault.Size / 3 * (0.88 + (0.1 * fault.Variant)));
                break;
            case AnomalyKind.ThermalThrottling:
                celsius += 9 + (12 * fault.Variant);
                hash *= 1 - fault.Size;
                power *= 1 - (fault.Size * 0.8);
                break;
            case AnomalyKind.OverNameplate:
                power *= (1 + fault.Size) * rig.NameplateWatts / rig.Watts;
                hash *= (1 + (fault.Size * 0.8)) * rig.NameplateWatts / rig.Watts;
                break;
            case AnomalyKind.ClockOff:
                at = at.Minus(TimeSpan.FromMinutes(fault.Size));
                break;
            case AnomalyKind.DuplicateIdentity:
                Double(minute, fault, at, ref hash, ref power);
                break;
            case AnomalyKind.CounterReset or AnomalyKind.CounterRollback or AnomalyKind.CounterJump when _counted != fault:
                _counted = fault;
                MeterEventKind noticed = fault.Kind switch
                {
                    AnomalyKind.CounterReset => MeterEventKind.RegisterReset,
                    AnomalyKind.CounterRollback => MeterEventKind.RegisterNoise,
                    _ => MeterEventKind.RegisterImplausible,
                };
                _watch.Observe(new MeterEvent(at, noticed), _device, context, _changes);
                break;
            default:
                break;
        }
    }

    private void Double(int minute, FleetFault fault, Instant at, ref double hash, ref double power)
    {
        // With registers, half of the fleet: metering sees the other's register with every other message. Without: another level.
        if (fault.Variant < 0.5)
        {
            if (minute % 2 == 0)
            {
                _watch.Observe(new MeterEvent(at, MeterEventKind.RegisterReset), _device, context, _changes);
            }

            return;
        }

        if (minute % 2 == 0)
        {
            hash *= 1 - (fault.Size * 0.7);
            power *= 1 - fault.Size;
        }
    }

    private double Gauss() => (_random.NextSingle() + _random.NextSingle() + _random.NextSingle() + _random.NextSingle() - 2) * 1.732;
}
