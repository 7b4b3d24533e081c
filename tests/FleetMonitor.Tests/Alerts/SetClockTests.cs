using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Alerts;

/// <summary>Clocks of devices that are set while they report: a clock is a clock, and not two devices, and not a register that jumps.</summary>
public sealed class SetClockTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly WatchedSite _site = new();

    /// <summary>A little, past some readings, past the reorder window; back and forward; then right again.</summary>
    [Theory]
    [InlineData(-5, true)]
    [InlineData(-10, true)]
    [InlineData(-15, true)]
    [InlineData(-20, false)]
    [InlineData(-70, true)]
    [InlineData(-110, true)]
    [InlineData(-110, false)]
    [InlineData(60, true)]
    [InlineData(110, false)]
    public void Clock_SetByLessThanMakesItOff_IsNoAlert(int seconds, bool register)
    {
        _site.Runs(90 * Minute, 0, register, "rig-0");
        _site.Runs(60 * Minute, seconds, register, "rig-0");
        _site.Runs(90 * Minute, 0, register, "rig-0");

        Assert.Empty(_site.Changes);
    }

    [Theory]
    [InlineData(-3600, true, "60 min slow")]
    [InlineData(-3600, false, "60 min slow")]
    [InlineData(-600, true, "10 min slow")]
    [InlineData(-86_400, true, "24 h slow")]
    [InlineData(240, true, "4 min fast")]
    [InlineData(240, false, "4 min fast")]
    public void Clock_SetFar_IsAClockThatIsOff_AndNothingElse(int seconds, bool register, string says)
    {
        _site.Runs(90 * Minute, 0, register, "rig-0");
        _site.Runs(120 * Minute, seconds, register, "rig-0");
        Assert.Contains(says, Assert.Single(_site.Standing).Anomaly.Text, StringComparison.Ordinal);

        _site.Runs(90 * Minute, 0, register, "rig-0");

        Assert.Empty(_site.Standing);
        Assert.Equal(["clock-off"], _site.Told);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clock_SetAgainAndAgain_IsNeverTwoDevices(bool register)
    {
        foreach (int seconds in (int[])[0, -3600, -1800, -60, -7200, 0, 120, -300, 0])
        {
            _site.Runs(12 * Minute, seconds, register, "rig-0");
        }

        Assert.All(_site.Changes, change => Assert.Equal("clock-off", FleetMonitor.Anomalies.AnomalyKindCodes.Code(change.Alert.Anomaly.Kind)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clocks_OfAWholeSite_AreOneAlert_AndOneEnd(bool register)
    {
        string[] rigs = [.. Enumerable.Range(0, 20).Select(rig => $"rig-{rig}")];
        _site.Runs(90 * Minute, 0, register, rigs);
        _site.Runs(90 * Minute, -3600, register, rigs);

        Alert one = Assert.Single(_site.Standing);
        Assert.Null(one.Anomaly.Device);
        Assert.Equal(
            "20 of 20 devices have clocks that are off, 60 min slow at the median: one cause, such as the time server that they follow.", one.Anomaly.Text);

        _site.Runs(90 * Minute, 0, register, rigs);
        Assert.Empty(_site.Standing);
        Assert.Equal(["clock-off"], _site.Told);
        Assert.Single(_site.Changes, change => change is { Tell: true, Step: AlertStep.Cleared });
    }

    /// <summary>Two under one name, their clocks alike or not: within two minutes after the second came.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(-45)]
    [InlineData(-200)]
    [InlineData(45)]
    public void TwoDevices_UnderOneName_AreFoundAtOnce(int apart)
    {
        _site.Runs(30 * Minute, 0, register: true, "rig-0");
        for (int i = 0; i < 12; i++)
        {
            _site.Says("rig-0", 0, "rig-0");
            _site.Passes(WatchedSite.Every / 2);
            _site.Says("rig-0", apart, "the other one");
            _site.Passes(WatchedSite.Every / 2);
        }

        _site.Passes(Minute);
        Assert.Contains("duplicate-identity", _site.Told);
    }

    /// <summary>The last of their readings settle when the next time passes, which after a stop of the service can be hours later.</summary>
    [Fact]
    public void TwoDevices_ThatFellSilent_AreToldOnce_WheneverTimePassesNext()
    {
        _site.Runs(30 * Minute, 0, register: true, "rig-0");
        for (int i = 0; i < 20; i++)
        {
            _site.Says("rig-0", 0, "rig-0");
            _site.Passes(WatchedSite.Every / 2);
            _site.Says("rig-0", 0, "the other one");
            _site.Passes(WatchedSite.Every / 2);
        }

        _site.Sleeps(TimeSpan.FromHours(8));
        _site.Passes(Minute);

        Assert.Single(_site.Told, kind => kind == "duplicate-identity");
        Assert.DoesNotContain(_site.Standing, alert => alert.Anomaly.Kind == FleetMonitor.Anomalies.AnomalyKind.DuplicateIdentity);
    }

    /// <summary>A message that was late for a moment explains nothing: the register that restarted meanwhile did.</summary>
    [Fact]
    public void Register_ThatRestarts_AroundALateMessage_IsACounterReset()
    {
        _site.Runs(30 * Minute, 0, register: true, "rig-0");
        Instant now = _site.Now;
        _site.Hears("rig-0", Counts(now, 5));
        _site.Hears("rig-0", Counts(now.Minus(TimeSpan.FromSeconds(5)), 501_504));
        for (int i = 1; i < 20; i++)
        {
            _site.Passes(WatchedSite.Every);
            _site.Hears("rig-0", Counts(_site.Now, 5 + (8 * i)));
        }

        Assert.Equal(["counter-reset"], _site.Told);
    }

    /// <summary>The set of messages decides, and not the batches that they came in: the same alerts, of the same times, with the same words.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(1000)]
    public void Alerts_OfTheSameMessagesInOtherBatches_AreTheSame(int messagesPerBatch)
    {
        Assert.Equal(Troubled(new WatchedSite()), Troubled(new WatchedSite(messagesPerBatch)));

        static string[] Troubled(WatchedSite site)
        {
            site.Runs(60 * Minute, 0, register: true, "rig-0", "rig-1", "rig-2");
            for (int i = 0; i < 60; i++)
            {
                site.Says("rig-0", 0, i % 9 == 0 ? "the other one" : "rig-0");
                site.Says("rig-1", i % 5 == 0 ? -90 : 0, i > 30 ? "rig-1 anew" : "rig-1");
                site.Says("rig-2", i < 30 ? 0 : -300, "rig-2");
                site.Passes(WatchedSite.Every);
            }

            site.Runs(120 * Minute, -300, register: true, "rig-2", "rig-1");
            Assert.NotEmpty(site.Changes);
            return [.. site.Changes.Select(change => $"{change.At} {change.Step} {change.Alert.Anomaly.Id} {change.Alert.Anomaly.Text}")];
        }
    }

    private static Reading Counts(Instant at, double wattHours) => new(
        at, ReadingFields.Power | ReadingFields.Register, Power.FromWatts(3000), Energy.FromWattHours((decimal)wattHours), default, default, default);
}
