using System.Text.Json;
using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

/// <summary>
/// How one alert of many ebbs away, ends and begins anew: rigs 0 to 5 stand in one rack of six, those from 10 on in none, on a site of 30. Each
/// would use 78 kWh and owe 156 a day.
/// </summary>
public class DropEndTests
{
    private static readonly Instant Start = WatchedRig.Start;
    private static readonly AlertOptions Options = new() { Levels = new StakeLevels(), SiteShare = 0.5 };

    private readonly List<AlertChange> _changes = [];
    private AlertBook _book = new("site", Options, []);

    [Fact]
    public void Site_BackWithinTheHoldBack_IsOneAlertAndOneEnd()
    {
        Raise(0, 30, 0);
        Assert.Equal(AnomalyKind.SiteDrop, Assert.Single(Tick(1)).Alert.Anomaly.Kind);
        Clear(0, 27, 60);
        Assert.Equal(AlertStep.Cleared, Assert.Single(Tick(60)).Step);
        Assert.Empty(Tick(60.9));
        Clear(27, 3, 60.95);
        Assert.Empty(Tick(70));
        Assert.Empty(_book.Standing);
        Assert.DoesNotContain(_changes, change => change.IsHistory && change.Alert.Anomaly.Device is not null);
    }

    [Fact]
    public void Rigs_LeftOver_AreToldAfterAHoldBackOfTheirOwn_AndToBeOverOnce()
    {
        Raise(0, 30, 0);
        Tick(1);
        Clear(1, 29, 60);
        Assert.Equal(AlertStep.Cleared, Assert.Single(Tick(60)).Step);
        Assert.Empty(Tick(60.9));
        AlertChange alone = Assert.Single(Tick(61));
        Assert.Equal((AlertStep.Raised, "rig-0", Start), (alone.Step, alone.Alert.Anomaly.Device, alone.Alert.Anomaly.Raised));
        Assert.Empty(Tick(90));
        Clear(0, 1, 91);
        Assert.True(_changes[^1] is { Step: AlertStep.Cleared, Tell: true });
    }

    [Fact]
    public void Rigs_LeftOverWhenTheBookIsMadeAgain_WaitAsLong()
    {
        Raise(0, 30, 0);
        Tick(1);
        Clear(1, 29, 60);
        Tick(60);
        _book = new AlertBook("site", Options, [.. _book.Standing.Select(AsKept)]);
        Assert.Empty(Tick(60.9));
        Assert.Single(Tick(61));
    }

    [Fact]
    public void Rack_OfWhichSomeAreBack_SaysWhatIsDownNow_AndTellsNobody()
    {
        Raise(0, 6, 0);
        Alert rack = Assert.Single(Tick(1)).Alert;
        Assert.Equal((6m, 6m, 936m), (Number(rack, "devices_affected"), Number(rack, "devices_affected_at_most"), rack.Anomaly.LevyPerDay));

        Clear(0, 3, 60);
        Assert.Empty(Tick(60));
        rack = Of(rack);
        Assert.Equal(
            "3 of 6 devices of rack 0 are still down (offline 3), of 6 that went down together: one cause, such as a breaker or a switch.", rack.Anomaly.Text);
        Assert.Equal((3m, 6m, 468m), (Number(rack, "devices_affected"), Number(rack, "devices_affected_at_most"), rack.Anomaly.LevyPerDay));
        Assert.Equal(234m, rack.Anomaly.KwhPerDay);

        int kept = _changes.Count;
        Assert.Empty(Tick(61));
        Assert.Equal(kept, _changes.Count);
    }

    /// <summary>All six were told to be down: that some went again is no news.</summary>
    [Fact]
    public void Rack_WhoseRigsGoAgain_IsNotToldAgain()
    {
        Raise(0, 6, 0);
        Alert rack = Assert.Single(Tick(1)).Alert;
        Clear(0, 3, 60);
        Assert.Empty(Tick(60));
        Raise(0, 3, 62);
        Assert.Empty(Tick(62));
        Assert.Empty(Tick(70));
        Assert.StartsWith("6 of 6 devices of rack 0 went down together", Of(rack).Anomaly.Text, StringComparison.Ordinal);
        Assert.Equal(936m, Of(rack).Anomaly.LevyPerDay);
    }

    [Fact]
    public void Rack_OfWhichFewerAreLeftThanAGroupHas_IsOver_AndTheRigGoesOnAlone()
    {
        Raise(0, 6, 0);
        string rack = Assert.Single(Tick(1)).Alert.Anomaly.Id;
        Clear(0, 5, 60);
        AlertChange over = Assert.Single(Tick(60));
        Assert.Equal((AlertStep.Cleared, rack), (over.Step, over.Alert.Anomaly.Id));
        Assert.Equal(
            "Over after 60 min: 1 of 6 devices is not well yet. 6 of 6 devices of rack 0 went down together: one cause, such as a breaker or a switch.",
            over.Alert.Anomaly.Text);
        Assert.Equal((1m, 6m), (Number(over.Alert, "devices_affected"), Number(over.Alert, "devices_affected_at_most")));
        Alert alone = Assert.Single(Tick(61)).Alert;
        Assert.Equal(("rig-5", 156m), (alone.Anomaly.Device, alone.Anomaly.LevyPerDay));
        Assert.Equal(alone, Assert.Single(_book.Standing));
    }

    /// <summary>Four of six are fewer than a site's drop has (five), but more than a rack's.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(10, true)]
    public void Drop_OfSixWithTwoBack_IsOverWhereItIsASites(int first, bool isOver)
    {
        _book = new AlertBook("site", Options with { SiteShare = isOver ? 0.2 : 0.5 }, []);
        Raise(first, 6, 0);
        Assert.Single(Tick(1));
        Clear(first, 2, 60);
        Assert.Equal(isOver ? 1 : 0, Tick(60).Length);
        Assert.Equal(isOver ? 4 : 0, Tick(61).Length);
    }

    [Fact]
    public void Site_DownAgainMinutesLater_HasAStartAndAnIdOfItsOwn_ThoughOneRigNeverCameBack()
    {
        Raise(0, 30, 0);
        Alert first = Assert.Single(Tick(1)).Alert;
        Clear(1, 29, 4);
        Tick(4);
        Assert.Equal("rig-0", Assert.Single(Tick(5)).Alert.Anomaly.Device);
        Raise(1, 29, 7);

        Alert second = Assert.Single(Tick(8)).Alert;

        Assert.Equal((AnomalyKind.SiteDrop, Start.Plus(TimeSpan.FromMinutes(7))), (second.Anomaly.Kind, second.Anomaly.Raised));
        Assert.NotEqual(first.Anomaly.Id, second.Anomaly.Id);
        Assert.StartsWith("29 of 30 devices went down together", second.Anomaly.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Rig_LeftOverAndNotToldYet_IsOneOfTheNextDrop_ButNotItsStart()
    {
        Raise(0, 30, 0);
        Tick(1);
        Clear(1, 29, 4);
        Tick(4);
        Raise(1, 29, 4.5);
        Alert second = Assert.Single(Tick(4.5)).Alert;
        Assert.Equal(Start.Plus(TimeSpan.FromMinutes(4.5)), second.Anomaly.Raised);
        Assert.Empty(Tick(5));
        Assert.Empty(Tick(10));
        Assert.StartsWith("30 of 30 devices went down together", Of(second).Anomaly.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Site_DownMinutesAfterARigThatWasToldAlone_StartsWithTheOthers()
    {
        Raise(0, 1, 0);
        Assert.Single(Tick(1));
        Raise(1, 29, 6);
        Alert drop = Assert.Single(Tick(7)).Alert;
        Assert.Equal(Start.Plus(TimeSpan.FromMinutes(6)), drop.Anomaly.Raised);
    }

    private static Alert AsKept(Alert alert)
    {
        var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            AlertJson.Write(writer, alert);
        }

        using JsonDocument kept = JsonDocument.Parse(json.ToArray());
        Assert.True(AlertJson.TryRead(kept.RootElement, out Alert read));
        return read;
    }

    private static decimal? Number(Alert alert, string evidence) => Assert.Single(alert.Anomaly.Evidence, item => item.Name == evidence).Number;

    private static Instant At(double minutes) => Start.Plus(TimeSpan.FromMinutes(minutes));

    private static Anomaly Offline(int rig, Instant at) => new()
    {
        Id = Anomaly.IdOf("site", $"rig-{rig}", AnomalyKind.Offline, at),
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

    private Alert Of(Alert group) => Assert.Single(_book.Standing, alert => alert.Anomaly.Id == group.Anomaly.Id);

    private void Raise(int first, int count, double minutes)
    {
        foreach (int rig in Enumerable.Range(first, count))
        {
            _book.Apply(new(AnomalyChangeType.Raised, Offline(rig, At(minutes)), At(minutes)), _changes);
        }
    }

    private void Clear(int first, int count, double minutes)
    {
        foreach (int rig in Enumerable.Range(first, count))
        {
            Anomaly down = _book.Standing.Single(alert => alert.Anomaly.Device == $"rig-{rig}").Anomaly;
            _book.Apply(new(AnomalyChangeType.Cleared, down with { Cleared = At(minutes) }, At(minutes)), _changes);
        }
    }

    /// <returns>What this look told.</returns>
    private AlertChange[] Tick(double minutes)
    {
        int before = _changes.Count;
        _book.Tick(At(minutes), new Racks(), _changes);
        return [.. _changes[before..].Where(change => change.Tell)];
    }

    private sealed class Racks : ISiteRoster
    {
        public int Devices => 30;

        public bool Counts(string device) => true;

        public IEnumerable<DeviceGroup> GroupsOf(string device) =>
            int.Parse(device[4..], null) < 6 ? [new DeviceGroup(GroupLevel.Rack, "0")] : [];

        public int CountOf(DeviceGroup group) => 6;
    }
}
