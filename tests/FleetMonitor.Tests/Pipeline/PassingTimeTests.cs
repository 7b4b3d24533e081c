using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>What becomes of a silent device's last readings. Windows are of a minute, and readings may come a minute out of order.</summary>
public sealed class PassingTimeTests
{
    private static readonly MeterContext Context = new(
        MeteringOptions.Default, new MeterLimits(new Power(5_000_000_000), new Energy(1_000_000), null), DayCalendar.Of(TimeZoneInfo.Utc));

    private static readonly Instant Start = DeviceWindow.StartOf(new Instant(1_790_000_000_000), Context.Options.Window);

    [Fact]
    public void Pass_SilentDevice_SettlesItsLastReadingsTogetherWithTheirWindow()
    {
        var heard = new Heard();
        var meter = new DeviceMeter(new ReadingPages());
        meter.Admit(At(10), Context, ref heard);
        meter.Admit(At(40), Context, ref heard);

        Assert.Equal(After(120), meter.QuietUntil(Context));
        meter.Pass(After(119.999), Context, ref heard);
        Assert.Equal((0, 0), (meter.SettledCount, heard.Windows.Count));

        meter.Pass(After(120), Context, ref heard);
        Assert.Equal(2, meter.SettledCount);
        Assert.Equal((Start, 2), Assert.Single(heard.Windows));
        Assert.Equal(new Instant(long.MaxValue), meter.QuietUntil(Context));
    }

    [Fact]
    public void Pass_ReadingsOfTwoWindows_CompletesOneAfterTheOther()
    {
        var heard = new Heard();
        var meter = new DeviceMeter(new ReadingPages());
        meter.Admit(At(59), Context, ref heard);
        meter.Admit(At(60), Context, ref heard);

        meter.Pass(After(120), Context, ref heard);
        Assert.Equal((Start, 1), Assert.Single(heard.Windows));
        Assert.Equal(After(180), meter.QuietUntil(Context));

        meter.Pass(After(180), Context, ref heard);
        Assert.Equal([(Start, 1), (After(60), 1)], heard.Windows);
    }

    /// <summary>A shard does not look at a device before that time, and a restart, which forgot it, looks at all: both must come to the same.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Pass_BeforeTheTimeThatItIsQuietUntil_ChangesNothing(int seed)
    {
        var random = new Random(seed);
        (DeviceMeter Meter, Heard Heard) always = (new DeviceMeter(new ReadingPages()), new Heard());
        (DeviceMeter Meter, Heard Heard) due = (new DeviceMeter(new ReadingPages()), new Heard());
        int spared = 0;
        int next = 0;
        for (int second = 0; second < 20_000; second++)
        {
            if (second == next)
            {
                foreach ((DeviceMeter meter, Heard heard) in ((DeviceMeter, Heard)[])[always, due])
                {
                    Heard sink = heard;
                    meter.Admit(At(second), Context, ref sink);
                    meter.Settle(After(second - 60), Context, ref sink);
                }

                next += random.Next(3) == 0 ? random.Next(60, 400) : random.Next(1, 60);
            }

            always.Meter.Pass(After(second), Context, ref always.Heard);
            if (due.Meter.QuietUntil(Context) <= After(second))
            {
                due.Meter.Pass(After(second), Context, ref due.Heard);
            }
            else
            {
                spared++;
            }

            Assert.Equal(always.Meter.SettledCount, due.Meter.SettledCount);
        }

        Assert.Equal(always.Heard.Windows, due.Heard.Windows);
        Assert.InRange(due.Heard.Windows.Count, 100, 334);
        Assert.InRange(spared, 19_000, 20_000);
    }

    private static Instant After(double seconds) => Start.Plus(TimeSpan.FromSeconds(seconds));

    private static Reading At(double seconds) => new(After(seconds), ReadingFields.Power, Power: new Power(3_250_000));

    private sealed class Heard : IDeviceSink
    {
        public List<(Instant Start, int Readings)> Windows { get; } = [];

        public void Add(in DeviceWindow window) => Windows.Add((window.Start, window.Readings));

        public void Add(DateOnly day, EnergyQuality quality, Energy energy)
        {
        }

        public void Add(in Gap gap)
        {
        }

        public void CoverGaps(Instant from)
        {
        }

        public void Add(in MeterEvent meterEvent)
        {
        }

        public void Restart(Instant foundAt)
        {
        }
    }
}
