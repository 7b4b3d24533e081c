using System.Globalization;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry.Sources;
using FleetMonitor.Tests.Finance;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>
/// What changed is in a checkpoint within seven and a half minutes where readings come often, within three quarters of an hour where they do not, by a
/// clock that goes as it may; and no commit is one of all devices. Devices that are new are checkpointed with their first batch: what waits came with
/// the second.
/// </summary>
public sealed class JournalLengthTests : IAsyncDisposable
{
    private const int Second = 2;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 21, 7, 0, 0, TimeSpan.Zero));

    private readonly BookRoom _room = new(null, "2026-11-21T12:00:00+05:00");
    private readonly Engine _engine;
    private Instant _now = Start;

    public JournalLengthTests() => _engine = _room.Open(clockFromMessages: false);

    [Fact]
    public void Fleet_ThatReportsInStepAndFallsSilent_LeavesTheJournal()
    {
        Report(100);
        Report(100);
        Pass(TimeSpan.FromMinutes(29));
        Assert.Equal(Second, _engine.Decider.JournalNeededFrom);

        Pass(TimeSpan.FromMinutes(16.25));

        Assert.InRange(_engine.Decider.JournalNeededFrom, Second + 1, long.MaxValue);
    }

    [Fact]
    public void Fleet_ThatReportsOften_LeavesTheJournalSooner()
    {
        Report(100);
        Report(100);
        for (TimeSpan passed = default; passed < TimeSpan.FromMinutes(4); passed += Step)
        {
            Report(100);
            Assert.Equal(Second, _engine.Decider.JournalNeededFrom);
        }

        for (TimeSpan passed = default; passed < TimeSpan.FromMinutes(3.75); passed += Step)
        {
            Report(100);
        }

        Assert.InRange(_engine.Decider.JournalNeededFrom, Second + 1, long.MaxValue);
    }

    [Fact]
    public void Clock_ThatIsSetBack_KeepsNothingInTheJournal()
    {
        Report(1);
        Report(1);
        _now = _now.Minus(TimeSpan.FromHours(3));

        Pass(TimeSpan.FromMinutes(46));

        Assert.InRange(_engine.Decider.JournalNeededFrom, Second + 1, long.MaxValue);
    }

    [Fact]
    public void Clock_ThatLeaps_MakesNoCommitOfAllDevices()
    {
        Report(320);
        Report(320);
        _now = _now.Plus(TimeSpan.FromHours(3));

        // A sixteenth, and what is left over of a device for each shard.
        Assert.InRange(Batch(0).Checkpoints.Count, 1, 20 + _room.Settings.Ledger.Shards);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _room.Dispose();
    }

    private void Pass(TimeSpan time)
    {
        for (TimeSpan passed = default; passed < time; passed += Step)
        {
            _now = _now.Plus(Step);
            Batch(0);
        }
    }

    private void Report(int devices)
    {
        _now = _now.Plus(Step);
        Batch(devices);
    }

    private LedgerCommit Batch(int devices)
    {
        _engine.Decider.Begin(_now);
        for (int device = 0; device < devices; device++)
        {
            byte[] topic = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"fleet/site-1/rig-{device}/telemetry"));
            byte[] payload = Encoding.UTF8.GetBytes($$"""{"ts":"{{_now}}","power_w":3000}""");
            _engine.Decider.Take("test", new RawMessage(topic, payload, _now, 1, Redelivered: false, DeliveredAsRetained: false));
        }

        _engine.Decider.Tick(_now);
        LedgerCommit commit = _engine.Decider.End();
        _engine.Ledger.Commit(commit);
        return commit;
    }
}
