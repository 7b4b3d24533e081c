using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

/// <summary>A rack or a feeder that loses power on a site of 1,000 rigs: ten in a rack, five racks on a busbar.</summary>
public class GroupDropTests
{
    private static readonly Instant Start = WatchedRig.Start;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly List<AlertChange> _changes = [];
    private ISiteRoster _site = new Racks();
    private AlertBook _book = new("site", new AlertOptions { Levels = new StakeLevels() }, []);

    private IEnumerable<AlertChange> Told => _changes.Where(change => change.Tell);

    [Fact]
    public void Rack_LosingPower_IsOneAlertAndOneEnd()
    {
        Raise(0, 10, Start);
        Assert.Empty(Tick(Start.Plus(Minute / 2)));

        Alert drop = Assert.Single(Tick(Start.Plus(Minute))).Alert;
        Assert.Equal(AnomalyKind.GroupDrop, drop.Anomaly.Kind);
        Assert.Equal("rack 0", drop.Anomaly.Group);
        Assert.Equal(780m, drop.Anomaly.KwhPerDay);
        Assert.Equal("10 of 10 devices of rack 0 went down together (offline 10): one cause, such as a breaker or a switch.", drop.Anomaly.Text);

        Clear(0, 10, Start.Plus(20 * Minute));
        Assert.Equal((AlertStep.Cleared, drop.Anomaly.Id), Single(Tick(Start.Plus(20 * Minute))));
        Assert.Empty(_book.Standing);
    }

    [Fact]
    public void Rigs_OfARack_WithTooManyStillUp_AreToldOneByOne()
    {
        Raise(0, 7, Start);
        Assert.Equal(7, Tick(Start.Plus(Minute)).Length);
        Assert.DoesNotContain(Told, change => change.Alert.Anomaly.Kind == AnomalyKind.GroupDrop);
    }

    /// <summary>A tenth of the site, and all of it in one rack: the rack is the cause, though it goes down bit by bit.</summary>
    [Fact]
    public void Rack_ThatIsATenthOfASmallSite_IsTheRack()
    {
        _site = new Racks { Devices = 60 };
        Raise(0, 7, Start);
        Assert.Empty(Tick(Start.Plus(Minute / 6)));
        Raise(7, 3, Start.Plus(Minute / 2));
        Assert.Empty(Tick(Start.Plus(Minute / 2)));
        Assert.Equal("rack 0", Assert.Single(Tick(Start.Plus(Minute))).Alert.Anomaly.Group);
        Assert.Empty(Tick(Start.Plus(2 * Minute)));
    }

    [Fact]
    public void HalfOfABusbar_ThatIsATenthOfTheSite_IsTheSite()
    {
        _site = new Racks { Devices = 250 };
        Raise(0, 25, Start);
        Assert.Equal(AnomalyKind.SiteDrop, Assert.Single(Tick(Start.Plus(Minute)), change => change.Alert.Anomaly.Group is null).Alert.Anomaly.Kind);
    }

    [Fact]
    public void Rack_WithRigsThatHadBeenDownForDays_IsStillOneAlert()
    {
        Raise(0, 4, Start.Minus(1000 * Minute));
        Assert.Equal(4, Tick(Start.Minus(900 * Minute)).Length);
        Raise(4, 6, Start);
        Alert drop = Assert.Single(Tick(Start.Plus(Minute))).Alert;
        Assert.StartsWith("6 of 6 devices of rack 0 ", drop.Anomaly.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Busbar_LosingPower_IsOneAlert_AndNotOneARack()
    {
        Raise(50, 50, Start);
        Assert.Equal("feeder busbar-1", Assert.Single(Tick(Start.Plus(Minute))).Alert.Anomaly.Group);
    }

    [Fact]
    public void TwoRacks_ThatAreNotAllOfTheirBusbar_AreAnAlertEach()
    {
        Raise(50, 20, Start);
        Assert.Equal(["rack 5", "rack 6"], Tick(Start.Plus(Minute)).Select(change => change.Alert.Anomaly.Group!).Order(StringComparer.Ordinal));
        Assert.Equal(2, _book.Standing.Select(alert => alert.Cause).OfType<string>().Distinct().Count());
    }

    [Fact]
    public void Rack_WhoseBusbarGoesNext_BecomesPartOfIt()
    {
        Raise(0, 10, Start);
        string rack = Assert.Single(Tick(Start.Plus(Minute))).Alert.Anomaly.Id;
        Raise(10, 40, Start.Plus(3 * Minute));
        AlertChange[] told = Tick(Start.Plus(4 * Minute));
        Assert.Equal([AlertStep.Raised, AlertStep.Cleared], told.Select(change => change.Step));
        Assert.Equal("feeder busbar-0", told[0].Alert.Anomaly.Group);
        Assert.Equal(rack, told[1].Alert.Anomaly.Id);
        Assert.StartsWith("Part of something larger: 50 of 50 devices of feeder busbar-0", told[1].Alert.Anomaly.Text, StringComparison.Ordinal);
        Assert.Equal(50, _book.Standing.Count(alert => alert.Cause == told[0].Alert.Anomaly.Id));
    }

    [Fact]
    public void Rack_WhoseSiteGoesNext_BecomesPartOfIt()
    {
        Raise(0, 10, Start);
        Assert.Single(Tick(Start.Plus(Minute)));
        Raise(10, 290, Start.Plus(2 * Minute));
        AlertChange[] told = Tick(Start.Plus(2 * Minute));
        Assert.Equal([AnomalyKind.SiteDrop, AnomalyKind.GroupDrop], told.Select(change => change.Alert.Anomaly.Kind));
        Assert.Equal([AlertStep.Raised, AlertStep.Cleared], told.Select(change => change.Step));
        Assert.True(_book.IsDropped);
    }

    /// <summary>Of 300 rigs 50 of two busbars stay down; when the others go too, that is told, though the cause stands already.</summary>
    [Fact]
    public void Site_OfWhichAPartWasDownForLong_IsToldWhenTheRestGoes()
    {
        _site = new Racks { Devices = 300 };
        Raise(25, 50, Start);
        AlertChange first = Assert.Single(Tick(Start.Plus(Minute)));
        Assert.Equal(AnomalyKind.SiteDrop, first.Alert.Anomaly.Kind);
        Raise(0, 10, Start.Plus(60 * Minute));
        Assert.Empty(Tick(Start.Plus(61 * Minute)));
        Raise(10, 15, Start.Plus(90 * Minute));
        Raise(75, 225, Start.Plus(90 * Minute));

        Tick(Start.Plus(91 * Minute));
        AlertChange wider = Assert.Single(Tick(Start.Plus(92 * Minute)));

        Assert.Equal((AlertStep.Updated, first.Alert.Anomaly.Id), (wider.Step, wider.Alert.Anomaly.Id));
        Assert.StartsWith("300 of 300 devices went down together", wider.Alert.Anomaly.Text, StringComparison.Ordinal);
        Assert.Empty(Tick(Start.Plus(93 * Minute)));
    }

    [Fact]
    public void Rig_ThatGoesLater_JoinsTheRackThatIsDown()
    {
        Raise(0, 9, Start);
        Assert.Single(Tick(Start.Plus(Minute)));
        Raise(9, 1, Start.Plus(30 * Minute));
        Assert.Empty(Tick(Start.Plus(32 * Minute)));
        Assert.Equal(10, _book.Standing.Count(alert => alert.Cause is not null));
    }

    [Fact]
    public void Book_MadeAgainWhileARackIsDown_TellsNothingAgainAndItsEndOnce()
    {
        Raise(0, 10, Start);
        Assert.Single(Tick(Start.Plus(Minute)));
        _book = new AlertBook("site", new AlertOptions { Levels = new StakeLevels() }, _book.Standing);
        Raise(0, 10, Start);
        Assert.Empty(Tick(Start.Plus(5 * Minute)));
        Clear(0, 10, Start.Plus(20 * Minute));
        Assert.Single(Tick(Start.Plus(20 * Minute)));
    }

    /// <summary>Power is not back, and somebody knows: all of it is quiet until it was well; what goes down later is news.</summary>
    [Fact]
    public void Rack_ClearedByAPersonWhileItIsDown_StaysQuiet_AndWhatGoesLaterIsNew()
    {
        Raise(0, 10, Start);
        string rack = Assert.Single(Tick(Start.Plus(Minute))).Alert.Anomaly.Id;
        _book.Clear(rack, new AlertAct("Aigerim", Start.Plus(2 * Minute), "moving it"), _changes);
        Assert.Equal((AlertStep.Cleared, rack), (Told.Last().Step, Told.Last().Alert.Anomaly.Id));
        Assert.Empty(_book.Standing);

        Raise(10, 10, Start.Plus(3 * Minute));
        Assert.Equal("rack 1", Assert.Single(Tick(Start.Plus(4 * Minute))).Alert.Anomaly.Group);
        Assert.Empty(Tick(Start.Plus(30 * Minute)));
        Assert.Equal(11, _book.Standing.Count);
        Assert.DoesNotContain(_changes, change => change.IsHistory && change.Alert.Anomaly.Device is not null);
    }

    /// <summary>Names that were heard once are devices neither among those that went down nor among those that did not.</summary>
    [Fact]
    public void Names_ThatNeverReportedSteadily_AreNoPartOfADrop()
    {
        _site = new Racks { Devices = 100, Steady = 3 };
        Raise(0, 60, Start);
        Assert.Equal(60, Tick(Start.Plus(Minute)).Length);
        Assert.All(Told, change => Assert.NotNull(change.Alert.Anomaly.Device));
    }

    [Theory]
    [InlineData(1000, "warning")]
    [InlineData(700, "critical")]
    public void Rack_IsGradedByTheLevelsThatAreSet(int critical, string severity)
    {
        _book = new AlertBook("site", new AlertOptions { Levels = new StakeLevels { WarningLevyPerDay = 10, CriticalLevyPerDay = critical } }, []);
        Raise(0, 5, Start);
        _site = new Racks { InRack = 5 };
        Alert rack = Assert.Single(Tick(Start.Plus(Minute))).Alert;
        Assert.Equal((780m, severity), (rack.Anomaly.LevyPerDay, rack.Anomaly.Severity.Code()));
    }

    [Fact]
    public void History_OfWhatAFastClockRaisedAheadOfTime_IsInOrder()
    {
        Raise(1, 1, Start, ahead: 4 * Minute);
        Tick(Start.Plus(Minute));
        _book.Acknowledge(_book.Standing.Single().Anomaly.Id, new AlertAct("Aigerim", Start.Plus(2 * Minute), null), _changes);
        Clear(1, 1, Start.Plus(20 * Minute));
        Assert.Equal(
            [Start.Plus(4 * Minute), Start.Plus(4 * Minute), Start.Plus(20 * Minute)],
            _changes.Where(change => change.IsHistory).Select(change => change.At));
    }

    private static (AlertStep, string) Single(AlertChange[] told) => (Assert.Single(told).Step, told[0].Alert.Anomaly.Id);

    private static Anomaly Offline(int rig, Instant at) => new()
    {
        Id = Anomaly.IdOf("site", $"rig-{rig}", AnomalyKind.Offline, Start),
        Site = "site",
        Device = $"rig-{rig}",
        Kind = AnomalyKind.Offline,
        Severity = AnomalySeverity.Warning,
        Raised = at,
        Score = 0.95,
        Text = "Silent.",
        Evidence = [],
        KwhPerDay = 78m,
        LevyPerDay = 156m,
    };

    private void Raise(int first, int count, Instant now, TimeSpan ahead = default)
    {
        for (int rig = first; rig < first + count; rig++)
        {
            _book.Apply(new(AnomalyChangeType.Raised, Offline(rig, now.Plus(ahead)), now), _changes);
        }
    }

    private void Clear(int first, int count, Instant now)
    {
        for (int rig = first; rig < first + count; rig++)
        {
            _book.Apply(new(AnomalyChangeType.Cleared, Offline(rig, now) with { Cleared = now }, now), _changes);
        }
    }

    /// <returns>What this look told.</returns>
    private AlertChange[] Tick(Instant now)
    {
        int before = _changes.Count;
        _book.Tick(now, _site, _changes);
        return [.. _changes[before..].Where(change => change.Tell)];
    }

    private sealed class Racks : ISiteRoster
    {
        public int Devices { get; init; } = 1000;

        public int InRack { get; init; } = 10;

        /// <summary>The first so many rigs have reported steadily.</summary>
        public int Steady { get; init; } = int.MaxValue;

        public bool Counts(string device) => int.Parse(device[4..], null) < Steady;

        public IEnumerable<DeviceGroup> GroupsOf(string device)
        {
            int rig = int.Parse(device[4..], null);
            yield return new DeviceGroup(GroupLevel.Rack, (rig / 10).ToString(null, null));
            yield return new DeviceGroup(GroupLevel.Feeder, $"busbar-{rig / 50}");
        }

        public int CountOf(DeviceGroup group) => group.Level == GroupLevel.Rack ? InRack : 50;
    }
}
