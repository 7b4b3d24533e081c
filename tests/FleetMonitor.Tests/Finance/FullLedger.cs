using System.Globalization;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Evidence;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry.Sources;
using Microsoft.Data.Sqlite;
using Xunit;

namespace FleetMonitor.Tests.Finance;

/// <summary>A ledger with rows in every table, as a running service has it, of which each test damages a copy.</summary>
public sealed class FullLedger : IAsyncLifetime
{
    private const string Site =
        """
        {"id":"aksu","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"rig","tenant":[{"from":"2022-01-01","value":"acme"}]},
         {"id":"rig-2","role":"rig"}]}
        """;

    private readonly BookRoom _room = new(Site, "2026-09-30T02:00:00+05:00");
    private int _copies;

    /// <summary>
    /// Two rigs by register, 3 kW each; rig-2's falls back a little twice, and twice a third one is silent for hours. Two days are posted, then a
    /// third; two people enter something; the quarter is closed, and amended after another entry. Readings are let go, by age and by budget;
    /// two come too late for it. A message is refused, a broker's session is lost; the last day is not posted yet.
    /// </summary>
    public async Task InitializeAsync()
    {
        await _room.ReplayAsync("aksu", [.. Hours("rig-1", 0, 16), .. Hours("rig-2", 0, 16)]);
        await _room.ReplayAsync("aksu", [.. Hours("rig-1", 16, 34), .. Hours("rig-2", 16, 4), .. Hours("rig-2", 20, 30, lower: 1m), .. Silences()]);
        await _room.PostSettledAsync();
        _room.Clock.Set("2026-10-03T00:00:00+05:00");
        await _room.ReplayAsync("aksu", [.. Hours("rig-1", 50, 24), .. Hours("rig-2", 50, 24, lower: 3m)]);
        await _room.PostSettledAsync();
        await EnterAsync(-10m, "credit note 4");
        await EnterAsync(-20m, "credit note 5");
        Assert.NotNull((await _room.CloseAsync("aksu", "2026-Q3", "A. Person")).Filing);
        await EnterAsync(-30m, "credit note 6");
        Assert.NotNull((await _room.CloseAsync("aksu", "2026-Q3", "A. Person", amend: true)).Filing);
        await LetGoAsync(TimeSpan.FromDays(4), long.MaxValue);
        await LetGoAsync(TimeSpan.FromDays(35), 10);
        await _room.ReplayAsync("aksu", [.. Hours("rig-1", 74, 24), .. Hours("rig-2", 74, 24, lower: 3m)]);
        await _room.ReplayAsync(
            "aksu", new Sent("rig-1", "2026-09-27T00:00:00+05:00", PowerW: 3_000m), new Sent("rig-2", "2026-09-27T01:00:00+05:00", PowerW: 3_000m));
        await using Engine engine = _room.Open(clockFromMessages: false);
        await engine.StartAsync();
        foreach (int turn in (int[])[1, 2])
        {
            await RunAsync(engine, turn);
        }

        LedgerBackup.Make(_room.Ledger, _room.PathOf("full.db"));
        await engine.Loop.StopAsync();
    }

    public Task DisposeAsync()
    {
        _room.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>A copy to damage, with the anchor file as it was.</summary>
    internal LedgerFiles Copy()
    {
        var files = new LedgerFiles(_room.PathOf($"copy-{_copies++}"));
        Directory.CreateDirectory(files.Directory);
        File.Copy(_room.PathOf("full.db"), files.Database);
        File.Copy(_room.Ledger.Anchors.FilePath, files.Anchors.FilePath);
        return files;
    }

    /// <summary>A copy to damage, as a service leaves it that has stopped.</summary>
    internal LedgerFiles CopyAsStopped()
    {
        LedgerFiles files = Copy();
        LedgerWriter.Open(files).Dispose();
        return files;
    }

    /// <summary>Opens a ledger as the service does at its start.</summary>
    /// <returns>Why that was refused, at once or by the check that follows; null where it was not.</returns>
    internal async Task<string?> RefusalOfStartAsync(LedgerFiles files)
    {
        try
        {
            await using Engine engine = _room.OpenAt(files, clockFromMessages: false);
            await engine.Check.Completion;
            return null;
        }
        catch (LedgerException e)
        {
            return e.Message;
        }
    }

    /// <summary>Opens the books as a command of finance does.</summary>
    internal BooksView OpenBooks(LedgerFiles files) => _room.BooksAt(files);

    /// <summary>Lets somebody at a copy of the database, and verifies it with the anchor file as it was.</summary>
    /// <param name="keepGuards">Every trigger is dropped first, and put back as it was after.</param>
    /// <returns>The first fault.</returns>
    internal string? FaultAfter(Action<SqliteConnection> act, bool keepGuards = true)
    {
        LedgerFiles files = Copy();
        using (var connection = new SqliteConnection($"Data Source={files.Database};Pooling=False"))
        {
            connection.Open();
            RowSeals.Register(connection);
            LedgerSchema.Execute(connection, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
            string guards = keepGuards ? Guards(connection) : string.Empty;
            LedgerSchema.Execute(connection, keepGuards ? BookRoom.WithoutTriggers(connection) : string.Empty);
            act(connection);
            LedgerSchema.Execute(connection, guards);
        }

        string? fault = BookRoom.FaultOf(files);
        Directory.Delete(files.Directory, recursive: true);
        return fault;
    }

    private static string Guards(SqliteConnection connection)
    {
        using var triggers = new ReadStatement(connection, "SELECT sql || ';' FROM sqlite_schema WHERE type = 'trigger'");
        return string.Concat(triggers.Query(row => row.GetString(0)));
    }

    private static Sent[] Hours(string rig, int first, int count, decimal lower = 0) => [.. Enumerable.Range(first, count).Select(hour => new Sent(
        rig, DateTimeOffset.Parse("2026-09-28T00:00:00+05:00", CultureInfo.InvariantCulture).AddHours(hour).ToString("O"), 200m + (3m * hour) - (4m * lower)))];

    private static Sent[] Silences() =>
    [
        new("rig-3", "2026-09-28T00:00:00+05:00", PowerW: 3_000m), new("rig-3", "2026-09-28T05:00:00+05:00", PowerW: 3_000m),
        new("rig-3", "2026-09-28T05:05:00+05:00", PowerW: 3_000m), new("rig-3", "2026-09-28T09:00:00+05:00", PowerW: 2_900m),
        new("rig-3", "2026-09-28T09:00:00+05:00", PowerW: 3_000m),
    ];

    private async Task RunAsync(Engine engine, int turn)
    {
        var batch = new RawBatch("test", null, 100);
        batch.Add("fleet/aksu/rig-1/telemetry"u8, Encoding.UTF8.GetBytes($"{{\"power_w\":\"{turn}\"}}"), At(turn), deliveredAsRetained: false);
        batch.Add("fleet/aksu/rig-1/telemetry"u8, Encoding.UTF8.GetBytes($"{{\"power_w\":300{turn}}}"), At(turn), deliveredAsRetained: false);
        await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        await engine.Loop.AskAsync(decider =>
        {
            decider.Add(commit =>
            {
                commit.SessionGaps.Add(new SessionGap($"mqtt://broker-{turn}:1883", At(turn), At(turn + 1), "session lost"));
                commit.Anomalies.Add(new AnomalyRecord($"a-{turn}", "aksu", $"rig-{turn}", "offline", "warning", At(turn), At(turn + 1), null, $"{{\"id\":\"a-{turn}\"}}"));
                commit.AlertEvents.Add(new AlertEvent(At(turn), $"a-{turn}", "raised", turn == 1, null, null, $"{{\"id\":\"a-{turn}\"}}"));
            });
            return true;
        });
    }

    private Instant At(int minutes) => Instant.From(_room.Clock.Now.AddMinutes(minutes - 10));

    private Task LetGoAsync(TimeSpan keep, long most) => _room.ActAsync((_, engine) => new EvidenceKeeper(
        engine, _room.Settings.Ledger with { KeepReadings = keep, MaxEvidence = most }).TurnAsync(Instant.From(_room.Clock.Now), CancellationToken.None));

    private async Task EnterAsync(decimal amount, string reason) => Assert.Empty((await _room.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(
        new PostingDraft
        {
            Kind = PostingKind.Manual, Site = "aksu", Day = new DateOnly(2026, 9, 29), Charge = "kz-digital-mining-fee",
            Amount = new Money(amount, "KZT"), By = "B. Person", Reason = reason,
        },
        CancellationToken.None))).Problems);
}
