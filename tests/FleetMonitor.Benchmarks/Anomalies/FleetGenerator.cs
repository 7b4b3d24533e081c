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
    public const int RigsPerFeeder = 10;
    public const int RigsPerRack = 20;

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
        Feeders = [.. Enumerable.Range(0, rigs / RigsPerFeeder).Select(MakeFeeder)];
        PartOutages = [.. Enumerable.Range(0, Sites).SelectMany(MakePartOutages)];
        PhaseFaults = [.. Enumerable.Range(0, Feeders.Count).SelectMany(MakePhaseFaults)];
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

    public IReadOnlyList<GeneratedFeeder> Feeders { get; }

    /// <summary>A breaker or a switch of a part of a site goes: the fault's rig is the number of the part, as <see cref="PartOf"/> counts.</summary>
    public IReadOnlyList<FleetFault> PartOutages { get; }

    /// <summary>A feeder's phase carries less: the fault's rig is the number of the part.</summary>
    public IReadOnlyList<FleetFault> PhaseFaults { get; }

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

    /// <summary>One number for each rig, feeder and rack: feeders follow the rigs, racks the feeders.</summary>
    public int PartOf(bool isRack, int number) => Rigs.Count + (isRack ? Feeders.Count : 0) + number;

    /// <summary>True where the feeder or the rack of a rig is without power.</summary>
    public bool IsDark(int rig, int minute)
    {
        foreach (FleetFault outage in PartOutages)
        {
            if (outage.Holds(minute) && IsPartOf(rig, outage.Rig))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsPartOf(int rig, int part) =>
        part == PartOf(false, rig / RigsPerFeeder) || part == PartOf(true, rig / RigsPerRack);

    private double Between(double low, double high) => low + ((high - low) * _random.NextDouble());

    private GeneratedRig MakeRig(int number)
    {
        (double terahashes, double watts) = Models[_random.Next(Models.Length)];
        double tuned = Between(0.94, 1.03);
        return new GeneratedRig(
            number / RigsPerSite, number, watts * tuned, terahashes * tuned * Between(0.97, 1.02), watts,
            Between(0.01, 0.06), Between(0.003, 0.012), Between(58, 76));
    }

    private GeneratedFeeder MakeFeeder(int number)
    {
        int[] phases = [.. Enumerable.Range(0, RigsPerFeeder).Select(rig => rig % 3)];
        _random.Shuffle(phases);
        return new GeneratedFeeder(number * RigsPerFeeder / RigsPerSite, number, phases, Between(0.004, 0.02));
    }

    private IEnumerable<FleetFault> MakePartOutages(int site)
    {
        for (int i = 0; i < 8; i++)
        {
            bool isRack = _random.NextDouble() < 0.4;
            int parts = RigsPerSite / (isRack ? RigsPerRack : RigsPerFeeder);
            int part = PartOf(isRack, (site * parts) + _random.Next(parts));
            int from = (int)(Between(0.1, 0.97) * Days * MinutesPerDay);
            var fault = new FleetFault(AnomalyKind.GroupDrop, part, from, from + _random.Next(20, 300), 1, 0);
            if (!Interferes(site, fault))
            {
                yield return fault;
            }
        }
    }

    private IEnumerable<FleetFault> MakePhaseFaults(int feeder)
    {
        for (int minute = 2 * MinutesPerDay; ;)
        {
            minute += (int)(-Math.Log(1 - _random.NextDouble()) * 20 * MinutesPerDay);
            double size = _random.NextDouble() < 0.4 ? 1 : Between(0.05, 0.9);
            var fault = new FleetFault(
                AnomalyKind.PhaseImbalance, PartOf(false, feeder), minute, minute + (int)(Between(1, 12) * 60), size, _random.NextDouble());
            if (fault.To > (Days * MinutesPerDay) - 300)
            {
                yield break;
            }

            if (!Interferes(Feeders[feeder].Site, fault) && !PartOutages.Any(outage => Near(outage, fault) && IsPartOf(feeder * RigsPerFeeder, outage.Rig)))
            {
                yield return fault;
            }

            minute = fault.To;
        }
    }

    private static bool Near(FleetFault left, FleetFault right) => left.From - 60 < right.To && right.From < left.To + 180;

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
            if (!Near(Outages[site], fault))
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

            if (!Interferes(rig.Site, fault) && !PartOutages.Any(outage => Near(outage, fault) && IsPartOf(rig.Number, outage.Rig)))
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
        || Near(Outages[site], fault);

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
