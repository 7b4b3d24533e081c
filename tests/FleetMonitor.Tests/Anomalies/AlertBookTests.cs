using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

public class AlertBookTests
{
    private static readonly ISiteRoster Devices = new Roster();
    private static readonly Instant Start = WatchedRig.Start;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly List<AlertChange> _changes = [];
    private AlertBook _book = new("site", new AlertOptions { Levels = new StakeLevels() }, []);

    private IEnumerable<AlertChange> Told => _changes.Where(change => change.Tell);

    [Fact]
    public void Alert_Alone_IsToldAfterAMinuteAndWhenOver()
    {
        Raise(1, Start);
        Assert.Empty(Told);
        _book.Tick(Start.Plus(Minute), Devices, _changes);
        Assert.Equal(AlertStep.Raised, Assert.Single(Told).Step);
        Clear(1, Start.Plus(5 * Minute));
        Assert.Equal(AlertStep.Cleared, Told.Last().Step);
        Assert.Empty(_book.Standing);
    }

    [Fact]
    public void Site_LosingPower_IsOneAlertAndOneEnd()
    {
        for (int i = 0; i < 80; i++)
        {
            Raise(i, Start.Plus(TimeSpan.FromMilliseconds(i * 500)));
        }

        _book.Tick(Start.Plus(Minute), Devices, _changes);
        Alert drop = Assert.Single(Told).Alert;
        Assert.Equal(AnomalyKind.SiteDrop, drop.Anomaly.Kind);
        Assert.Equal(80 * 78m, drop.Anomaly.KwhPerDay);
        Assert.Contains("80 of 100 devices", drop.Anomaly.Text, StringComparison.Ordinal);

        for (int i = 80; i < 90; i++)
        {
            Raise(i, Start.Plus(2 * Minute));
        }

        _book.Tick(Start.Plus(4 * Minute), Devices, _changes);
        for (int i = 0; i < 87; i++)
        {
            Clear(i, Start.Plus(20 * Minute));
        }

        Assert.Single(Told);
        _book.Tick(Start.Plus(20 * Minute), Devices, _changes);
        _book.Tick(Start.Plus(20.5 * Minute), Devices, _changes);
        Assert.Equal([AlertStep.Raised, AlertStep.Cleared], Told.Select(change => change.Step));
        Clear(87, Start.Plus(20.5 * Minute));
        _book.Tick(Start.Plus(21 * Minute), Devices, _changes);

        // One of the three that were left over came back meanwhile.
        Assert.Equal(["rig-88", "rig-89"], Told.Skip(2).Select(change => change.Alert.Anomaly.Device).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Alerts_OfFewDevices_AreToldOneByOne()
    {
        for (int i = 0; i < 9; i++)
        {
            Raise(i, Start);
        }

        _book.Tick(Start.Plus(Minute), Devices, _changes);
        Assert.Equal(9, Told.Count());
    }

    [Fact]
    public void Alert_OverWhileHeldBack_IsNeverTold()
    {
        Raise(1, Start);
        Clear(1, Start.Plus(Minute / 2));
        _book.Tick(Start.Plus(5 * Minute), Devices, _changes);
        Assert.Empty(Told);
    }

    [Fact]
    public void Book_MadeAgainFromWhatWasKept_TellsNothingAgain()
    {
        Raise(1, Start);
        _book.Tick(Start.Plus(Minute), Devices, _changes);
        _book = new AlertBook("site", new AlertOptions { Levels = new StakeLevels() }, _book.Standing);
        Raise(1, Start);
        _book.Tick(Start.Plus(10 * Minute), Devices, _changes);
        Assert.Single(Told);
    }

    [Fact]
    public void Alert_AcknowledgedAndMuted_IsQuietUntilThen()
    {
        Raise(1, Start);
        _book.Tick(Start.Plus(Minute), Devices, _changes);
        string id = Assert.Single(_book.Standing).Anomaly.Id;
        Assert.NotNull(_book.Acknowledge(id, new AlertAct("Aigerim", Start.Plus(2 * Minute), "fan"), _changes));
        Assert.NotNull(_book.Mute(id, Start.Plus(60 * Minute), new AlertAct("Aigerim", Start.Plus(2 * Minute), null), _changes));
        Assert.Null(_book.Mute("no-such-alert", Start, new AlertAct("Aigerim", Start, null), _changes));
        _book.Tick(Start.Plus(59 * Minute), Devices, _changes);
        Assert.Single(Told);
        _book.Tick(Start.Plus(60 * Minute), Devices, _changes);
        Assert.Equal("Aigerim", Told.Last().Alert.Acknowledged?.By);
        Assert.Equal(AlertStep.Unmuted, Told.Last().Step);
        Assert.Equal(2, Told.Count());
    }

    [Fact]
    public void Alert_OverWhileMuted_IsKeptAndNotTold()
    {
        Raise(1, Start);
        _book.Tick(Start.Plus(Minute), Devices, _changes);
        _book.Mute(Offline(1).Id, Start.Plus(60 * Minute), new AlertAct("Aigerim", Start.Plus(Minute), null), _changes);
        Clear(1, Start.Plus(5 * Minute));
        Assert.Single(Told);
        Assert.True(_changes[^1] is { Step: AlertStep.Cleared, Tell: false, IsHistory: true });
    }

    [Fact]
    public void Alert_ClearedByAPerson_IsToldToBeOver_AndItsLaterEndIsNoNews()
    {
        Raise(1, Start);
        _book.Tick(Start.Plus(Minute), Devices, _changes);
        Alert? cleared = _book.Clear(Offline(1).Id, new AlertAct("Aigerim", Start.Plus(2 * Minute), "sold"), _changes);
        Assert.Equal(Start.Plus(2 * Minute), cleared?.Anomaly.Cleared);
        Clear(1, Start.Plus(5 * Minute));
        Assert.Equal([AlertStep.Raised, AlertStep.Cleared], Told.Select(change => change.Step));
        Assert.Equal("sold", Told.Last().Act?.Reason);
    }

    [Fact]
    public void ManyDevices_ThatNobodyListed_AreAnAlertEach()
    {
        for (int i = 0; i < 30; i++)
        {
            _book.Apply(new(AnomalyChangeType.Raised, Unlisted(i), Start), _changes);
        }

        _book.Tick(Start, Devices, _changes);
        Assert.Equal(
            Enumerable.Range(0, 30).Select(rig => $"rig-{rig}").Order(StringComparer.Ordinal),
            Told.Select(change => change.Alert.Anomaly.Device!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Alert_OfWhatComesAlone_IsToldAtTheNextLook()
    {
        _book.Apply(new(AnomalyChangeType.Raised, Unlisted(1), Start), _changes);
        Assert.Empty(Told);
        _book.Tick(Start.Plus(TimeSpan.FromSeconds(5)), Devices, _changes);
        Assert.Single(Told);
    }

    [Fact]
    public void Session_Gap_IsToldAtOnceAndStandsForAnHour()
    {
        Anomaly gap = SessionGaps.Of("site", "mqtt://broker", Start, Start.Plus(5 * Minute));
        _book.Apply(new(AnomalyChangeType.Raised, gap, Start.Plus(5 * Minute)), _changes);
        Assert.Contains("300 s", Assert.Single(Told).Alert.Anomaly.Text, StringComparison.Ordinal);
        _book.Tick(Start.Plus(66 * Minute), Devices, _changes);
        Assert.Empty(_book.Standing);
    }

    [Fact]
    public void Alert_ThatIsOver_KeepsWhatItWasAbout_AndAddsHowItEnded()
    {
        Anomaly hot = Offline(1) with { Text = "Boards at 91.0 °C.", Evidence = [EvidenceItem.Of("temp_c", 91)] };
        Anomaly cool = hot with
        {
            Cleared = Start.Plus(Minute), Text = "Over after 60 s. Now: Boards at 63.7 °C.", Evidence = [EvidenceItem.Of("temp_c", 63.7)], KwhPerDay = 1m, LevyPerDay = 2m,
        };
        _book.Apply(new(AnomalyChangeType.Raised, hot, Start), _changes);
        _book.Apply(new(AnomalyChangeType.Cleared, cool, Start.Plus(Minute)), _changes);

        Anomaly over = _changes[^1].Alert.Anomaly;
        Assert.Equal("Boards at 91.0 °C. Over after 60 s. Now: Boards at 63.7 °C.", over.Text);
        Assert.Equal(91m, Assert.Single(over.Evidence).Number);
        Assert.Equal((78m, 156m), (over.KwhPerDay, over.LevyPerDay));
        Assert.Equal(Start.Plus(Minute), over.Cleared);
    }

    private sealed class Roster : ISiteRoster
    {
        public int Devices => 100;

        public bool Counts(string device) => true;

        public IEnumerable<DeviceGroup> GroupsOf(string device) => [];

        public int CountOf(DeviceGroup group) => 0;
    }

    private static Anomaly Offline(int rig) => new()
    {
        Id = Anomaly.IdOf("site", $"rig-{rig}", AnomalyKind.Offline, Start),
        Site = "site",
        Device = $"rig-{rig}",
        Kind = AnomalyKind.Offline,
        Severity = AnomalySeverity.Warning,
        Raised = Start,
        Score = 0.95,
        Text = "Silent.",
        Evidence = [],
        KwhPerDay = 78m,
        LevyPerDay = 156m,
    };

    private static Anomaly Unlisted(int rig) => Offline(rig) with
    {
        Id = Anomaly.IdOf("site", $"rig-{rig}", AnomalyKind.UnregisteredDevice, Start),
        Kind = AnomalyKind.UnregisteredDevice,
    };

    private void Raise(int rig, Instant now) => _book.Apply(new(AnomalyChangeType.Raised, Offline(rig), now), _changes);

    private void Clear(int rig, Instant now) =>
        _book.Apply(new(AnomalyChangeType.Cleared, Offline(rig) with { Cleared = now }, now), _changes);
}
