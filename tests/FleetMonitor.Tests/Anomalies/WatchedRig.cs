using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

/// <summary>One rig under watch, fed by hand: 3,250 W and 110 TH/s with 1 % noise every 10 s, until a test says otherwise.</summary>
internal sealed class WatchedRig(int seed = 1)
{
    public static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero));

    private readonly Random _random = new(seed);

    public DeviceWatch Watch { get; private set; } = new();

    public List<AnomalyChange> Changes { get; } = [];

    public WatchedDevice Device { get; set; } = new(new DeviceKey("site", "rig-1"), new WatchedFacts
    {
        NameplatePower = Power.FromWatts(3250),
        NameplateHashRate = HashRate.FromTerahashes(110),
        LevyPerKwh = 2m,
    });

    public WatchContext Context { get; set; } = new(new AnomalyOptions());

    public Instant Now { get; set; } = Start;

    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    public double Watts { get; set; } = 3250;

    public double? Terahashes { get; set; } = 110;

    public double? Celsius { get; set; }

    public double Noise { get; set; } = 0.01;

    /// <summary>What the register counts of what is drawn; null where the rig has none. It stands at 1,000 kWh first.</summary>
    public double? Counts { get; set; }

    /// <summary>What the register shows is a multiple of this, in kWh.</summary>
    public double Resolution { get; set; } = 0.01;

    /// <summary>In kWh, as it would be without a resolution.</summary>
    public double Register { get; set; } = 1000;

    /// <summary>Watts of each phase; null where it reports none.</summary>
    public (double A, double B, double C)? Phases { get; set; }

    public DeviceState State => Watch.StateAt(Now, Device, Context);

    public IEnumerable<AnomalyChange> Of(AnomalyKind kind) => Changes.Where(change => change.Anomaly.Kind == kind);

    public IEnumerable<Anomaly> Raised(AnomalyKind kind) =>
        Of(kind).Where(change => change.Type == AnomalyChangeType.Raised).Select(change => change.Anomaly);

    public IEnumerable<Anomaly> Cleared(AnomalyKind kind) =>
        Of(kind).Where(change => change.Type == AnomalyChangeType.Cleared).Select(change => change.Anomaly);

    /// <summary>Readings and ticks for a while.</summary>
    public WatchedRig Runs(TimeSpan duration)
    {
        for (Instant end = Now.Plus(duration); Now < end;)
        {
            Now = Now.Plus(Interval);
            Register += (Counts ?? 0) * Watts * Interval.TotalHours / 1000;
            Send(Now, Now);
            Watch.Tick(Now, Device, Context, Changes);
        }

        return this;
    }

    /// <summary>Only time passes.</summary>
    public WatchedRig IsSilent(TimeSpan duration)
    {
        for (Instant end = Now.Plus(duration); Now < end;)
        {
            Now = Now.Plus(TimeSpan.FromSeconds(10));
            Watch.Tick(Now, Device, Context, Changes);
        }

        return this;
    }

    public void Send(Instant at, Instant receivedAt)
    {
        ReadingFields fields = ReadingFields.Power;
        fields |= Terahashes is null ? ReadingFields.None : ReadingFields.HashRate;
        fields |= Counts is null ? ReadingFields.None : ReadingFields.Register;
        fields |= Celsius is null ? ReadingFields.None : ReadingFields.Temperature;
        Watch.Observe(
            new Reading(
                at,
                fields,
                Power.FromWatts((decimal)Noisy(Watts)),
                Energy.FromWattHours((decimal)(Math.Floor((Register / Resolution) + 1e-6) * Resolution * 1000)),
                HashRate.FromTerahashes((decimal)Noisy(Terahashes ?? 0)),
                Temperature.FromCelsius((decimal)Noisy(Celsius ?? 0))),
            Phases is { } phases ? new PhaseValues(PhaseQuantity.Power, Phase(phases.A), Phase(phases.B), Phase(phases.C)) : default,
            receivedAt,
            Device,
            Context,
            Changes);
    }

    /// <summary>Metering noticed something about the register just now; from and to in kWh.</summary>
    public void Notices(MeterEventKind kind, double before, double after) => Watch.Observe(
        new MeterEvent(Now, kind, Energy.FromWattHours((decimal)(before * 1000)), Energy.FromWattHours((decimal)(after * 1000))), Device, Context, Changes);

    public void Restart()
    {
        byte[] kept = new byte[DeviceWatch.SerializedSize];
        Watch.WriteTo(kept);
        Watch = new DeviceWatch();
        Assert.True(Watch.TryRead(kept));
        Context = Context with { ServiceStarted = Now };
    }

    private long Phase(double watts) => (long)(1000 * Noisy(watts));

    private double Noisy(double value)
    {
        // Sum of twelve uniform numbers: near enough to a normal one, and bounded.
        double normal = -6;
        for (int i = 0; i < 12; i++)
        {
            normal += _random.NextDouble();
        }

        return Math.Max(0, value * (1 + (Noise * normal)));
    }
}
