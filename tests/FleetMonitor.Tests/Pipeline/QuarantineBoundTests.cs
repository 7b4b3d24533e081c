using System.Globalization;
using System.Text.Json;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry.Sources;
using FleetMonitor.Tests.Finance;
using FleetMonitor.Tests.Http;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>Strangers may send what they like, and as much of it: what is kept of it is bounded in rows and in bytes, and so is each answer about it.</summary>
public sealed class QuarantineBoundTests
{
    private const string Topic = "fleet/site-1/stranger/telemetry";

    /// <summary>A message takes 9,713 bytes, its topic 31 and the rest of its row 256: 10,000 in all.</summary>
    private const int PayloadBytes = 9_713;

    /// <summary>Where there is too much, a twentieth more than has to goes too: 95 of 100, 67 of 70.</summary>
    [Theory]
    [InlineData(1_000_000, 5_000_000, 500)]
    [InlineData(1_000_000, 1_000_000, 95)]
    [InlineData(1_000_000, 999_999, 95)]
    [InlineData(70, 1_000_000, 67)]
    [InlineData(1_000_000, 9_999, 0)]
    public async Task Quarantine_BeyondItsRowsOrBytes_LetsTheOldestGo_AndCountsThem(int rows, long bytes, int kept)
    {
        using var room = new BookRoom(null, "2026-11-21T12:00:00+05:00");
        await using (Engine engine = room.Open(clockFromMessages: false))
        {
            await engine.StartAsync();
            var keeper = new QuarantineKeeper(engine, room.Settings.Ledger with { MaxQuarantine = rows, MaxQuarantineBytes = bytes });
            foreach (int turn in Enumerable.Range(0, 5))
            {
                await SendAsync(engine, room, turn * 100, 100);
                await keeper.TurnAsync(CancellationToken.None);
            }

            Assert.Equal(kept * 10_000L, engine.Counters.QuarantineBytes);
            Assert.Equal(500 - kept, engine.Counters.QuarantineLetGo);
            Assert.Equal(500, engine.Counters.Refused["malformed"]);
            using (LedgerReader ledger = LedgerReader.Open(engine.Ledger.Files))
            {
                Assert.Equal(
                    Enumerable.Range(500 - kept, kept).Select(number => Payload(number)[..8]),
                    ledger.Quarantine(null, 0, int.MaxValue).Select(row => System.Text.Encoding.ASCII.GetString(row.Entry.Payload.Span[..8])));
            }

            await engine.Loop.StopAsync();
        }

        Assert.Null(room.Fault());
    }

    [Fact]
    public async Task Quarantine_ThatWasTakenInAgain_MakesRoom()
    {
        using var room = new BookRoom(null, "2026-11-21T12:00:00+05:00");
        await using Engine engine = room.Open(clockFromMessages: false);
        await engine.StartAsync();
        var keeper = new QuarantineKeeper(engine, room.Settings.Ledger with { MaxQuarantineBytes = 1_000_000 });
        await SendAsync(engine, room, 0, 60);
        await keeper.TurnAsync(CancellationToken.None);

        // Refused again, under new numbers: still 60 of them.
        Assert.Equal(60, (await QuarantineRetry.RunAsync(engine.Loop, engine.Ledger.Files, null, CancellationToken.None)).Tried);

        Assert.Equal(0, await keeper.TurnAsync(CancellationToken.None));
        Assert.Equal(600_000, engine.Counters.QuarantineBytes);
    }

    [Fact]
    public async Task Answer_AboutLargeMessages_IsAShortPage_AndNextGoesOn()
    {
        await using RunningService service = await RunningService.StartAsync();
        foreach (int number in Enumerable.Range(0, 25))
        {
            await service.PublishAsync(Topic, number.ToString("D8", CultureInfo.InvariantCulture) + new string('[', 262_144 - 8), "2026-11-21T10:30:00");
        }

        JsonElement first = await service.GetAsync("/api/v1/quarantine?limit=1000");
        JsonElement second = await service.GetAsync($"/api/v1/quarantine?limit=1000&after={first.GetProperty("next").GetString()}");

        // 15 of 256 KiB with their topics fit into 4 MiB.
        Assert.Equal(15, first.GetProperty("rows").GetArrayLength());
        Assert.Equal(10, second.GetProperty("rows").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal(1, first.GetProperty("reasons")[0].GetProperty("samples").GetArrayLength());
        Assert.Equal(25, first.GetProperty("total").GetInt64());
    }

    private static async Task SendAsync(Engine engine, BookRoom room, int first, int count)
    {
        var batch = new RawBatch("test", null, count * PayloadBytes);
        for (int number = first; number < first + count; number++)
        {
            batch.Add(System.Text.Encoding.ASCII.GetBytes(Topic), System.Text.Encoding.ASCII.GetBytes(Payload(number)), FleetMonitor.Fleet.Units.Instant.From(room.Clock.Now));
        }

        await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        await engine.Loop.AskAsync(_ => true);
    }

    private static string Payload(int number) => number.ToString("D8", CultureInfo.InvariantCulture).PadRight(PayloadBytes, '[');
}
