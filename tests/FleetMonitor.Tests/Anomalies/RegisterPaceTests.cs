using FleetMonitor.Anomalies;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

/// <summary>A register against the power of the same rig: 3,250 W are 78 kWh a day, and at a levy of 2 a kWh 156.</summary>
public sealed class RegisterPaceTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Register_ThatStandsStillWhilePowerIsDrawn_IsStuck_UntilItCountsAgain()
    {
        WatchedRig rig = Rig(counts: 1).Runs(4 * Hour);
        rig.Counts = 0;

        // Three kWh take 55 minutes. It stands where it stood after four hours at 3.25 kWh each.
        Assert.Empty(rig.Runs(50 * Minute).Changes);
        Anomaly stuck = Assert.Single(rig.Runs(10 * Minute).Raised(AnomalyKind.StuckValue));
        Assert.Contains("stood at 1013 kWh for", stuck.Text, StringComparison.Ordinal);
        Assert.Contains("while the power says that 3.0 kWh were drawn", stuck.Text, StringComparison.Ordinal);
        Assert.InRange(stuck.KwhPerDay, 74m, 82m);
        Assert.Equal(2 * stuck.KwhPerDay, stuck.LevyPerDay);
        Assert.Empty(rig.Runs(13 * Hour).Cleared(AnomalyKind.StuckValue));

        rig.Counts = 1;
        Assert.Empty(rig.Runs(10 * Minute).Cleared(AnomalyKind.StuckValue));
        Assert.Single(rig.Runs(20 * Minute).Cleared(AnomalyKind.StuckValue));
        Assert.Equal(2, rig.Runs(12 * Hour).Changes.Count);
    }

    [Theory]
    [InlineData(0.5, "counts 50 % of", "too little")]
    [InlineData(2.0, "counts 200 % of", "too much")]
    public void Register_ThatCountsAnotherShare_IsStuckValue(double share, string says, string which)
    {
        WatchedRig rig = Rig(share).Runs(5 * Hour);
        Assert.Empty(rig.Changes);

        // Twenty kWh take 6 h 9 min.
        Anomaly off = Assert.Single(rig.Runs(2 * Hour).Raised(AnomalyKind.StuckValue));
        Assert.Contains(says, off.Text, StringComparison.Ordinal);
        Assert.Contains(which, off.Text, StringComparison.Ordinal);
        rig.Counts = 1;
        Assert.Single(rig.Runs(24 * Hour).Cleared(AnomalyKind.StuckValue));
    }

    [Theory]
    [InlineData(0.001, 0.9)]
    [InlineData(1, 1.1)]
    [InlineData(5, 1)]
    public void Register_CoarseOrALittleOff_IsWell(double resolution, double counts)
    {
        WatchedRig rig = Rig(counts);
        rig.Resolution = resolution;
        Assert.Empty(rig.Runs(36 * Hour).Changes);
    }

    /// <summary>Nobody knows what was drawn in a silence, and a register that starts again is another one.</summary>
    [Fact]
    public void Register_AfterAGapOrAReset_IsComparedAnew()
    {
        WatchedRig rig = Rig(counts: 0.5);
        for (int i = 0; i < 4; i++)
        {
            rig.Runs(5 * Hour);
            rig.Register = i % 2 == 0 ? 0 : rig.Register;
            rig.IsSilent(i % 2 == 0 ? TimeSpan.Zero : 2 * Hour);
        }

        Assert.Empty(rig.Of(AnomalyKind.StuckValue));
    }

    [Fact]
    public void Register_ThatIsNotReportedAnyMore_IsNotFrozen()
    {
        WatchedRig rig = Rig(counts: 1).Runs(2 * Hour);
        rig.Counts = null;
        Assert.Empty(rig.Runs(12 * Hour).Changes);
    }

    private static WatchedRig Rig(double counts) => new() { Counts = counts, Interval = TimeSpan.FromSeconds(30) };
}
