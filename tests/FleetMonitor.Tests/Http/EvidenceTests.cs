using System.Net;
using System.Text.Json;
using Xunit;

namespace FleetMonitor.Tests.Http;

/// <summary>
/// A rig's register, hour by hour through 18 November of UTC, kept in one block once the rig is checkpointed, of which the last day keeps
/// nothing. It is 2026-11-21 10:30 in UTC.
/// </summary>
public sealed class EvidenceTests
{
    [Fact]
    public async Task Evidence_SaysWhatIsKept_OfHowMuch_AndHowLong()
    {
        await using RunningService service = await StartAsync();

        JsonElement evidence = await service.GetAsync("/api/v1/evidence");

        Assert.Equal("1 3000000000 2 5", $"{evidence.GetProperty("blocks")} {evidence.GetProperty("budgetBytes")} {evidence.GetProperty("keepDays")} {evidence.GetProperty("hoursYears")}");
        Assert.InRange(evidence.GetProperty("bytes").GetInt64(), 1, 1_000_000);
        Assert.Empty(evidence.GetProperty("dropped").EnumerateArray());
    }

    [Fact]
    public async Task Evidence_LetGo_IsListedByDayAndReason_AndCounted()
    {
        await using RunningService service = await StartAsync();
        long before = (await service.GetAsync("/api/v1/evidence")).GetProperty("bytes").GetInt64();

        await service.LetGoAsync(TimeSpan.FromDays(1));

        JsonElement after = await service.GetAsync("/api/v1/evidence");
        JsonElement dropped = Assert.Single(after.GetProperty("dropped").EnumerateArray());
        Assert.Equal(
            "2026-11-21 age 24 2026-11-18T00:00:00.000Z 2026-11-18T23:00:00.000Z",
            $"{dropped.GetProperty("day")} {dropped.GetProperty("reason")} {dropped.GetProperty("readings")} {dropped.GetProperty("first")} {dropped.GetProperty("last")}");
        Assert.Equal((0L, 0L), (after.GetProperty("blocks").GetInt64(), after.GetProperty("bytes").GetInt64()));
        Assert.Equal(before, dropped.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task Metrics_TellWhatKeptReadingsTake_AndHowManyWereLetGo()
    {
        await using RunningService service = await StartAsync();
        long bytes = (await service.GetAsync("/api/v1/evidence")).GetProperty("bytes").GetInt64();

        await service.LetGoAsync(TimeSpan.FromDays(35));
        Assert.Equal([$"fleetmonitor_evidence_bytes {bytes}"], await EvidenceMetricsAsync(service));

        // A turn counts what it finds: what it let go itself is in the next one's figures.
        await service.LetGoAsync(TimeSpan.FromDays(1));
        await service.LetGoAsync(TimeSpan.FromDays(1));
        Assert.Equal(["fleetmonitor_evidence_bytes 0", "fleetmonitor_evidence_dropped_total{why=\"age\"} 24"], await EvidenceMetricsAsync(service));
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("days=3")]
    public async Task Query_ThatWillNotDo_IsRefused(string query)
    {
        await using RunningService service = await StartAsync();

        await service.ProblemAsync(HttpStatusCode.BadRequest, "/api/v1/evidence?" + query);
    }

    private static async Task<string[]> EvidenceMetricsAsync(RunningService service) =>
        [.. (await service.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n').Where(line => line.StartsWith("fleetmonitor_evidence", StringComparison.Ordinal))];

    private static async Task<RunningService> StartAsync()
    {
        RunningService service = await RunningService.StartAsync(
            null, ("Ledger:BlockReadings", "8"), ("Ledger:KeepReadings", "2.00:00:00"), ("Ledger:MaxEvidenceGB", "3"));
        for (int hour = 0; hour < 24; hour++)
        {
            await service.SendAsync("north", "rig-1", $"2026-11-18T{hour:00}:00:00", $"\"energy_wh\":{hour * 3_000}");
        }

        await service.PassAsync(TimeSpan.FromMinutes(6));
        return service;
    }
}
