using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Hosting;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Finance;

public class BackupTests
{
    private static readonly Sent[] Readings =
    [
        .. Enumerable.Range(0, 60).Select(minute => new Sent("rig-1", $"2026-09-30T12:{minute:00}:00+05:00", PowerW: 3_000m)),
    ];

    [Fact]
    public async Task Backup_WhileReadingsComeIn_HoldsTheBooksOfItsMoment()
    {
        using var room = new BookRoom(null, "2026-10-03T00:00:00+05:00");
        await using (Engine engine = room.Open(clockFromMessages: false))
        {
            await engine.StartAsync();
            await BookRoom.FeedAsync(engine, "aksu", Readings);
            await engine.Loop.AskAsync(_ => true);
            string[] before = room.DeviceDays();
            LedgerBackup.Make(room.Ledger, room.PathOf("copy.db"));
            await BookRoom.FeedAsync(engine, "aksu", new Sent("rig-1", "2026-09-30T13:01:00+05:00", PowerW: 3_000m));
            await engine.Loop.StopAsync();

            // 59 minutes at 3 kW.
            Assert.Equal(["aksu/rig-1 2026-09-30 0 kWh 2.95 kWh 0 kWh"], before);
            Assert.NotEqual(before, room.DeviceDays());
            Assert.Null(BookRoom.FaultOf(LedgerFiles.OfFile(room.PathOf("copy.db"))));
        }

        using var restored = new BookRoom(null, "2026-10-04T00:00:00+05:00");
        string? aside = LedgerBackup.Restore(room.PathOf("copy.db"), Made(restored.Ledger), _ => { }, restored.Clock.Now);

        Assert.Null(aside);
        Assert.Equal(["aksu/rig-1 2026-09-30 0 kWh 2.95 kWh 0 kWh"], restored.DeviceDays());
        Assert.Equal(["2026-Q3 kz-2026-base@2 2.95 kWh 5.9 KZT unconfirmed: energySource, licence, meterStatus"], Lines(restored.Totals("aksu")));

        // And it goes on from there: the message after the backup comes again.
        await restored.ReplayAsync("aksu", new Sent("rig-1", "2026-09-30T13:01:00+05:00", PowerW: 3_000m));
        Assert.Equal(room.DeviceDays(), restored.DeviceDays());
    }

    [Fact]
    public async Task Restore_MovesTheLedgerThatStoodThereAside_WithItsAnchors()
    {
        using var room = new BookRoom(null, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        await room.PostSettledAsync();
        LedgerBackup.Make(room.Ledger, room.PathOf("copy.db"));
        await room.CloseAsync("aksu", "2026-Q3", "A. Person");

        string aside = LedgerBackup.Restore(room.PathOf("copy.db"), room.Ledger, _ => { }, room.Clock.Now)!;

        Assert.EndsWith("ledger.db.replaced-20261002T190000Z", aside, StringComparison.Ordinal);
        Assert.True(File.Exists(aside));
        Assert.True(File.Exists(room.Ledger.Anchors.FilePath + ".replaced-20261002T190000Z"));
        Assert.Null(room.Fault());
        Assert.Null(room.Period("aksu", "2026-Q3").Filed);
    }

    [Fact]
    public async Task Restore_OfABackupThatWillNotDo_LeavesTheLedgerAsItWas()
    {
        using var room = new BookRoom(null, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        string[] before = room.DeviceDays();
        LedgerBackup.Make(room.Ledger, room.PathOf("copy.db"));

        Assert.Throws<LedgerException>(() => LedgerBackup.Restore(
            room.PathOf("copy.db"), room.Ledger, _ => throw new LedgerException("off"), room.Clock.Now));

        Assert.Equal(before, room.DeviceDays());
        Assert.Equal(["ledger.db", "ledger.lock"], Files(room));
    }

    [Fact]
    public async Task Restore_OfWhatIsNoLedger_LeavesNothingBehind()
    {
        using var room = new BookRoom(null, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        File.WriteAllText(room.PathOf("copy.db"), string.Concat(Enumerable.Repeat("no database at all\n", 1_000)));

        Assert.ThrowsAny<LedgerException>(() => LedgerBackup.Restore(room.PathOf("copy.db"), room.Ledger, _ => { }, room.Clock.Now));

        Assert.Equal(["ledger.db", "ledger.lock"], Files(room));
    }

    [Fact]
    public async Task Restore_ThatWasKilledOnTheWay_KeepsANewLedgerFromBeingBegun_AndIsDoneAgain()
    {
        using var room = new BookRoom(null, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        string[] before = room.DeviceDays();
        LedgerBackup.Make(room.Ledger, room.PathOf("copy.db"));

        // As it stands between the two moves: the old one is aside, and the copy not in its place yet.
        File.Copy(room.PathOf("copy.db"), room.Ledger.Restoring);
        File.WriteAllText(room.Ledger.Restoring + "-journal", "half a journal");
        File.Move(room.Ledger.Database, room.Ledger.Database + ".replaced-20261001T000000Z");

        LedgerException refused = Assert.ThrowsAny<LedgerException>(() => room.Open(clockFromMessages: false));
        Assert.Contains("ledger.db is gone, but there was a ledger here: ledger.db.restoring is left of it.", refused.Message, StringComparison.Ordinal);

        Assert.Null(LedgerBackup.Restore(room.PathOf("copy.db"), room.Ledger, _ => { }, room.Clock.Now));
        Assert.Equal(before, room.DeviceDays());
        Assert.Equal(["ledger.db", "ledger.db.replaced-20261001T000000Z", "ledger.lock"], Files(room));
    }

    [Fact]
    public async Task Backup_NeverTakesThePlaceOfAnotherFile()
    {
        using var room = new BookRoom(null, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        File.WriteAllText(room.PathOf("copy.db"), "mine");

        Assert.Throws<LedgerException>(() => LedgerBackup.Make(room.Ledger, room.PathOf("copy.db")));
        Assert.Equal("mine", File.ReadAllText(room.PathOf("copy.db")));
    }

    private static string[] Files(BookRoom room) =>
    [
        .. Directory.GetFiles(room.Ledger.Directory).Select(path => Path.GetFileName(path)!)
            .Where(name => !name.Contains("-shm", StringComparison.Ordinal) && !name.Contains("-wal", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    private static LedgerFiles Made(LedgerFiles ledger)
    {
        Directory.CreateDirectory(ledger.Directory);
        return ledger;
    }
}
