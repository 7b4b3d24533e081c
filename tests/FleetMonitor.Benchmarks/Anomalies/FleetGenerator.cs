using FleetMonitor.Anomalies;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>
/// A fleet with its weather, its curtailments and its faults. Its numbers are its own: none is taken from the detectors, and sizes are
/// drawn down to what nobody could see.
/// </summary>
internal sealed class FleetGenerator
{
    public const int MinutesPerDay = 1440;
    public const int RigsPerSite = 200;

    private static readonly (double Terahashes, double Watts)[] Models =
        [(95, 3250), (110, 3250), (104, 3068), (140, 3010), (200, 3500), (112, 3472), (126, 3276), (172, 3423), (107, 3250)];

    private static readonly AnomalyKind[] DeviceKinds =
    [
        AnomalyKind.Offline, AnomalyKind.Stale, AnomalyKind.PowerWithoutHash, AnomalyKind.HashBelowBaseline, AnomalyKind.CounterReset,
        AnomalyKind.StuckValue, AnomalyKind.HashWithoutPower, AnomalyKind.EfficiencyDrift, AnomalyKind.DeadHashBoard,
        AnomalyKind.ThermalThrottling, AnomalyKind.OverNameplate, AnomalyKind.CounterRollback, AnomalyKind.CounterJump,
        AnomalyKind.ClockOff, AnomalyKind.DuplicateIdentity,
    ];

    private readonly Random _random;

    public FleetGenerator(int seed, int rigs, int days)
    {
        _random = new Random(seed);
        Days = days;
        Rigs = [.. Enumerable.Range(0, rigs).Select(MakeRig)];
        Sites = (rigs + RigsPerSite - 1) / RigsPerSite;
        Weather = MakeWeather();
        Curtailments = [.. Enumerable.Range(0, Sites).SelectMany(MakeCurtailments)];
        Outages = [.. Enumerable.Range(0, Sites).Select(MakeOutage)];
        Faults = [.. Rigs.SelectMany(MakeFaults)];
        Thefts = [.. Enumerable.Range(0, Sites).SelectMany(MakeThefts)];
        SessionGaps = [.. Enumerable.Range(0, Sites).Select(MakeSessionGap)];
        Losses = [.. Enumerable.Range(0, Sites).Select(_ => Between(0.01, 0.06))];
        Unregistered = [.. Enumerable.Range(0, rigs).Where(_ => _random.NextDouble() < 0.01)];
        WithoutPermit = [.. Enumerable.Range(0, rigs).Where(_ => _random.NextDouble() < 0.01)];
    }

    public int Days { get; }

    public int Sites { get; }

    public IReadOnlyList<GeneratedRig> Rigs { get; }

    /// <summary>Degrees above the average, an entry a minute.</summary>
    public float[] Weather { get; }

    /// <summary>Planned, and known to the detectors.</summary>
    public IReadOnlyList<(int Site, int From, int To, PlannedStop Stop)> Curtailments { get; }

    /// <summary>A site loses power: the fault's rig is the number of the site.</summary>
    public IReadOnlyList<FleetFault> Outages { get; }

    public IReadOnlyList<FleetFault> Faults { get; }

    /// <summary>Energy that the control meter counts and no rig does, as a share: the fault's rig is the number of the site.</summary>
    public IReadOnlyList<FleetFault> Thefts { get; }

    /// <summary>The broker of a site forgets: the fault's rig is the number of the site.</summary>
    public IReadOnlyList<FleetFault> SessionGaps { get; }

    /// <summary>What transformers and fans of a site take, as a share of what its rigs draw.</summary>
    public IReadOnlyList<double> Losses { get; }

    public HashSet<int> Unregistered { get; }

    public HashSet<int> WithoutPermit { get; }

    private double Between(double low, double high) => low + ((high - low) * _random.NextDouble());

    private GeneratedRig MakeRig(int number)
    {
        (double terahashes, double watts) = Models[_random.Next(Models.Length)];
        double tuned = Between(0.94, 1.03);
        return new GeneratedRig(
            number / RigsPerSite, number, watts * tuned, terahashes * tuned * Between(0.97, 1.02), watts,
            Between(0.01, 0.06), Between(0.003, 0.012), Between(58, 76));
    }

    private float[] MakeWeather()
    {
        float[] weather = new float[Days * MinutesPerDay];
        double front = 0;
        for (int i = 0; i < weather.Length; i++)
        {
            front += (0.004 * (_random.NextDouble() - 0.5)) - (front * 0.0002);
            weather[i] = (float)((5 * Math.Sin(2 * Math.PI * (i - 540) / MinutesPerDay)) + (12 * front));
        }

        return weather;
    }

    private IEnumerable<(int, int, int, PlannedStop)> MakeCurtailments(int site)
    {
        for (int i = 0; i < 6; i++)
        {
            int from = (int)Between(2, Days - 1) * MinutesPerDay;
            from += _random.Next(MinutesPerDay);
            yield return (site, from, from + _random.Next(60, 300), (PlannedStop)_random.Next(3));
        }
    }

    private IEnumerable<FleetFault> MakeThefts(int site)
    {
        for (int i = 0; i < 3; i++)
        {
            int from = (int)((0.15 + (0.28 * i) + (0.1 * _random.NextDouble())) * Days * MinutesPerDay);
            var fault = new FleetFault(AnomalyKind.MeterMismatch, site, from, from + (int)(Between(8, 40) * 60), Between(0.01, 0.1), 0);
            if (!Interferes(site, fault))
            {
                yield return fault;
            }
        }
    }

    private FleetFault MakeSessionGap(int site)
    {
        int from = (int)(Between(0.1, 0.95) * Days * MinutesPerDay);
        return new FleetFault(AnomalyKind.SessionGap, site, from, from + _random.Next(1, 5), 1, 0);
    }

    private FleetFault MakeOutage(int site)
    {
        int from = (int)(Between(0.2, 0.9) * Days * MinutesPerDay);
        return new FleetFault(AnomalyKind.SiteDrop, site, from, from + _random.Next(30, 200), 1, 0);
    }

    private IEnumerable<FleetFault> MakeFaults(GeneratedRig rig)
    {
        // Two days to settle, then a fault every ten days or so, a day apart at least.
        int minute = 2 * MinutesPerDay;
        while (true)
        {
            minute += MinutesPerDay + (int)(-Math.Log(1 - _random.NextDouble()) * 9 * MinutesPerDay);
            FleetFault fault = MakeFault(DeviceKinds[_random.Next(DeviceKinds.Length)], rig.Number, minute);
            if (fault.To > (Days * MinutesPerDay) - 300)
            {
                yield break;
            }

            if (!Interferes(rig.Site, fault))
            {
                yield return fault;
            }

            minute = fault.To;
        }
    }

    /// <summary>Minutes slow; below zero fast, and beyond what is taken at all, refused.</summary>
    private double ClockSize(double sort) => sort < 0.25 ? -Between(3, 4.9) : sort < 0.4 ? -Between(20, 600) : Between(3, 120);

    /// <summary>Faults and planned stops that hide each other cannot be labelled.</summary>
    private bool Interferes(int site, FleetFault fault) =>
        Curtailments.Any(c => c.Site == site && fault.From < c.To + 180 && c.From < fault.To + 60)
        || (Outages[site].From - 60 < fault.To && fault.From < Outages[site].To + 180);

    private FleetFault MakeFault(AnomalyKind kind, int rig, int from)
    {
        (double size, double hours) = kind switch
        {
            AnomalyKind.Offline => (1, Between(0.2, 8)),
            AnomalyKind.Stale => (1, Between(0.25, 6)),
            AnomalyKind.PowerWithoutHash => (1, Between(0.6, 8)),
            AnomalyKind.HashBelowBaseline => (Between(0.02, 0.55), Between(2, 40)),
            AnomalyKind.StuckValue => (1, Between(1.5, 24)),
            AnomalyKind.HashWithoutPower => (1, Between(0.6, 24)),
            AnomalyKind.EfficiencyDrift => (Between(0.02, 0.16), Between(48, 110)),
            AnomalyKind.DeadHashBoard => (_random.NextDouble() < 0.7 ? 1 : 2, Between(12, 60)),
            AnomalyKind.ThermalThrottling => (Between(0.07, 0.25), Between(1, 8)),
            AnomalyKind.OverNameplate => (Between(0.05, 0.35), Between(3, 48)),
            AnomalyKind.ClockOff => (ClockSize(_random.NextDouble()), Between(2, 30)),
            AnomalyKind.DuplicateIdentity => (Between(0.02, 0.3), Between(2, 30)),
            _ => (1, 0.5),
        };
        return new FleetFault(kind, rig, from, from + (int)(hours * 60), size, _random.NextDouble());
    }
}
