using Xunit;

namespace FleetMonitor.Tests.Commands;

public sealed class ReplayTests
{
    private const string First = """{"at":"2026-11-21T10:00:00.000Z","topic":"fleet/north/rig-1/telemetry","payload":"{\"energy_wh\":0}"}""";
    private const string Second = """{"at":"2026-11-21T10:30:00.000Z","topic":"fleet/north/rig-1/telemetry","payload":"{\"energy_wh\":500}"}""";

    [Fact]
    public async Task Replay_LastLineBreaksOff_TakesAllWholeLinesAndSaysWhere()
    {
        for (int cut = 1; cut < Second.Length; cut += 13)
        {
            (Typed typed, string file, string totals) = await ReplayAsync($"{First}\n{Second}\n{Second[..cut]}");

            Assert.Equal(0, typed.Code);
            Assert.Contains($"{file}:3: the last line breaks off after {cut} bytes: the capture was cut there\n", typed.Messages, StringComparison.Ordinal);
            Assert.EndsWith("2 messages: 2 readings, 0 duplicates, 0 late, 0 quarantined, 0 of no profile, 0 retained, 0 bad lines\n", typed.Messages, StringComparison.Ordinal);
            Assert.Contains("\"energyKwh\": 0.5,", totals, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Replay_LastLineHasNoLineFeedButIsWhole_IsTaken()
    {
        (Typed typed, _, string totals) = await ReplayAsync($"{First}\n{Second}");

        Assert.Equal(0, typed.Code);
        Assert.Contains("\"energyKwh\": 0.5,", totals, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"at\":\"2026-11-21T10:10:0")]
    [InlineData("nonsense")]
    [InlineData("{\"at\":\"2026-11-21T10:10:00.000Z\",\"topic\":\"t\"}")]
    public async Task Replay_LineInTheMiddleIsNoMessage_IsCountedAndTheOthersAreTaken(string line)
    {
        (Typed typed, string file, string totals) = await ReplayAsync($"{First}\n{line}\n{Second}\n");

        Assert.Equal(1, typed.Code);
        Assert.Contains($"{file}:2: ", typed.Messages, StringComparison.Ordinal);
        Assert.EndsWith(", 1 bad lines\n", typed.Messages, StringComparison.Ordinal);
        Assert.Contains("\"energyKwh\": 0.5,", totals, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{\"at\":\"2026-11-21T10:10:00.000Z\",\"topic\":\"t\"}")]
    public async Task Replay_LastLineIsWrongButWhole_IsCounted(string line)
    {
        (Typed typed, _, _) = await ReplayAsync($"{First}\n{line}");

        Assert.Equal(1, typed.Code);
    }

    /// <summary>An empty payload is how a retained message is cleared: nothing is wrong with it, and it measures nothing.</summary>
    [Fact]
    public async Task Replay_EmptyPayloadsAndLastWills_AreCountedForWhatTheyAre()
    {
        const string Empty = """{"at":"2026-11-21T10:10:00.000Z","topic":"fleet/north/rig-1/telemetry","payload":""}""";
        const string Will = """{"at":"2026-11-21T10:20:00.000Z","topic":"fleet/north/rig-1/presence","payload":"offline"}""";

        (Typed typed, _, string totals) = await ReplayAsync($"{First}\n{Empty}\n{Will}\n{Second}\n");

        Assert.EndsWith(
            "4 messages: 2 readings, 0 duplicates, 0 late, 0 quarantined, 0 of no profile, 0 retained, 1 without a measurement, 1 of presence, 0 bad lines\n",
            typed.Messages,
            StringComparison.Ordinal);
        Assert.Contains("\"energyKwh\": 0.5,", totals, StringComparison.Ordinal);
    }

    private static async Task<(Typed Typed, string File, string Totals)> ReplayAsync(string capture)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("fleetmonitor-replay-");
        string file = Path.Combine(directory.FullName, "capture.jsonl");
        await File.WriteAllTextAsync(file, capture);
        string ledger = $"Ledger:Directory={Path.Combine(directory.FullName, "ledger")}";
        Typed typed = await Typed.RunAsync("replay", "--input", file, "--set", ledger);
        Typed totals = await Typed.RunAsync("levy", "totals", "--set", ledger);
        directory.Delete(recursive: true);
        return (typed, file, totals.Output);
    }
}
