using System.Globalization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Evidence;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using Xunit;

namespace FleetMonitor.Tests.Finance;

/// <summary>
/// Kept readings, let go with age or to stay within their budget: what went is listed, its hours stay, and hours and readings together still
/// prove the books. A rig draws 3 kW: 3 kWh an hour, 72 a day. Local time is UTC+5.
/// </summary>
public class EvidenceTests
{
    private const string Site = """{"id":"aksu","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"rig"}]}""";

    [Fact]
    public async Task ReadingsOlderThanTheirTime_LeaveTheirHours_AndTheBooksStillHold()
    {
        using var room = new BookRoom(Site, "2026-09-05T20:00:00+05:00");
        await room.ReplayAsync("aksu", Register(0, 200));
        string[] books = room.DeviceDays();

        IReadOnlyDictionary<string, long> gone = await TurnAsync(room, keepDays: 1);

        // Kept back to 4 September 20:00, 92 hours on; a block holds 64 hours, eight times what is enough for one.
        Assert.Equal([KeyValuePair.Create("age", 64L)], gone);
        Assert.Equal(books, room.DeviceDays());
        Assert.Null(room.Fault());
        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        EvidenceDropped dropped = Assert.Single(reader.EvidenceDropped());
        Assert.Equal(("age", 64L, "2026-08-31T19:00:00.000Z", "2026-09-03T10:00:00.000Z"), (dropped.Reason, dropped.Readings, dropped.First.ToString(), dropped.Last.ToString()));
        IReadOnlyList<(DateOnly Day, IReadOnlyList<DeviceHour> Hours)> hours = reader.Hours(0, DateOnly.MinValue, DateOnly.MaxValue);
        Assert.Equal(["2026-09-01 24 hours 72 kWh", "2026-09-02 24 hours 72 kWh", "2026-09-03 16 hours 45 kWh"], hours.Select(Text));
        DeviceHour first = hours[0].Hours[0];
        Assert.Equal((0, "2026-08-31T19:00:00.000Z", 100m, 3m), (first.Hour, first.RegisterAt.ToString(), first.Register.KilowattHours, first.Energy.Register.KilowattHours));
    }

    [Fact]
    public async Task ReadingsBeyondTheBudget_GoOldestFirst_ListedAsSuch()
    {
        using var room = new BookRoom(Site, "2026-09-05T20:00:00+05:00");
        await room.ReplayAsync("aksu", Register(0, 200));

        IReadOnlyDictionary<string, long> gone = await TurnAsync(room, keepDays: 35, maxBytes: 10);

        // The oldest block ends at 15:00 of the 3rd: what ended within a day of it goes.
        Assert.Equal([KeyValuePair.Create("budget", 64L)], gone);
        Assert.Null(room.Fault());
        while ((await TurnAsync(room, keepDays: 35, maxBytes: 10)).Count > 0)
        {
        }

        Assert.Null(room.Fault());
        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        Assert.InRange(reader.EvidenceSize().Bytes, 0, 10);
        Assert.Equal(["budget"], reader.EvidenceDropped().Select(dropped => dropped.Reason).Distinct());
    }

    [Fact]
    public async Task RegisterThatComesAfterItsHoursWereLetGo_TakesTheTailBackFromTheHoursItWasIn()
    {
        using var room = new BookRoom(Site, "2026-09-08T12:00:00+05:00");
        Sent[] power = [.. Enumerable.Range(0, 2_000).Select(step => new Sent(
            "rig-1", Local(step * 4).ToString("O"), step == 0 ? 100m : null, 3_000m))];
        await room.ReplayAsync("aksu", power);
        Assert.Equal(["aksu/rig-1 2026-09-01 0 kWh 72 kWh 0 kWh"], room.DeviceDays().Take(1));
        Assert.NotEmpty(await TurnAsync(room, keepDays: 2));
        Assert.Null(room.Fault());

        // The register says 10 % less, from the first reading on.
        await room.ReplayAsync("aksu", [.. Enumerable.Range(2_000, 20).Select(step => new Sent(
            "rig-1", Local(step * 4).ToString("O"), 100m + (step * 4 * 2.7m / 60m)))]);

        Assert.Equal(["aksu/rig-1 2026-09-01 64.8 kWh 0 kWh 0 kWh"], room.DeviceDays().Take(1));
        Assert.Null(room.Fault());
        Assert.NotEmpty(await TurnAsync(room, keepDays: 0.001));
        Assert.Null(room.Fault());
        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        Assert.Equal("2026-09-01 24 hours 64.8 kWh", Text(reader.Hours(0, DateOnly.MinValue, DateOnly.MaxValue)[0]));
    }

    [Theory]
    [InlineData("UPDATE device_hours SET hours = zeroblob(9)", "evidence: cannot be read: The ledger is damaged: the hours of device 0")]
    [InlineData("DELETE FROM device_hours WHERE day = 739859", "evidence: aksu/rig-1 on 2026-09-01: the books differ")]
    [InlineData("DELETE FROM device_hours_stand", "evidence: aksu/rig-1: where its hours stand is missing")]
    public async Task Tampering_WithHours_IsFoundAndNamed(string sql, string fault)
    {
        using var room = new BookRoom(Site, "2026-09-05T20:00:00+05:00");
        await room.ReplayAsync("aksu", Register(0, 200));
        await TurnAsync(room, keepDays: 1);

        room.Tamper(sql);

        Assert.StartsWith(fault, room.Fault() ?? "nothing", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hours_OlderThanTheirYears_GoToo_AndTheBooksOfThoseDaysStandByThePostings()
    {
        using var room = new BookRoom(Site, "2026-09-05T20:00:00+05:00");
        await room.ReplayAsync("aksu", Register(0, 200));
        await TurnAsync(room, keepDays: 1);

        room.Clock.Set("2031-09-02T12:00:00+05:00");
        await TurnAsync(room, keepDays: 1);

        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        Assert.Equal(new DateOnly(2026, 9, 2), reader.Hours(0, DateOnly.MinValue, DateOnly.MaxValue)[0].Day);
        Assert.Null(room.Fault());
    }

    private static Task<IReadOnlyDictionary<string, long>> TurnAsync(BookRoom room, double keepDays, long maxBytes = long.MaxValue) => room.ActAsync((_, engine) =>
    {
        LedgerSettings settings = room.Settings.Ledger with { KeepReadings = TimeSpan.FromDays(keepDays), MaxEvidence = maxBytes };
        return new EvidenceKeeper(engine, settings).TurnAsync(Instant.From(room.Clock.Now), CancellationToken.None);
    });

    private static Sent[] Register(int first, int count) => [.. Enumerable.Range(first, count).Select(hour => new Sent(
        "rig-1", Local(hour * 60).ToString("O"), 100m + (3m * hour)))];

    private static DateTimeOffset Local(int minutes) =>
        DateTimeOffset.Parse("2026-09-01T00:00:00+05:00", CultureInfo.InvariantCulture).AddMinutes(minutes);

    private static string Text((DateOnly Day, IReadOnlyList<DeviceHour> Hours) row) => string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Day:yyyy-MM-dd} {row.Hours.Count} hours {row.Hours.Aggregate(Energy.Zero, (sum, hour) => sum + hour.Energy.Total)}");
}
