using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;
using Xunit;

namespace FleetMonitor.Tests.Finance;

/// <summary>
/// What was filed is made again from its postings, and the fleet file and rates that were frozen with it. A rig at 3 kW on 29 and 30 September
/// 2026: 144 kWh, at 2 tenge 288. A second rig, heard of late, adds 3 kWh: an amended return of 6 more.
/// </summary>
public class RatedAgainTests
{
    private const string Site =
        """
        {"id":"aksu","timeZone":"Asia/Almaty","licence":[{"from":"2023-04-01","value":"subtype-1"}],
         "energySource":[{"from":"2022-01-01","value":"grid"}],"devices":[{"id":"rig-1","role":"rig"}],
         "meterStatus":[{"from":"2022-01-01","value":"working","evidence":"protocol 12","by":"A. Person"}]}
        """;

    [Fact]
    public async Task StatementAndAmendment_AreWhatTheirPostingsFactsAndRatesGive()
    {
        using BookRoom room = await FiledAsync();

        Assert.Null(room.Fault());
        Assert.Equal("2 statements and amendments rated again from their postings", Detail(room));
        Statement filed = StatementReader.ReadStatement(Filing(room, 0).Content);
        Assert.Equal("licence subtype-1, energySource grid, meterStatus working", string.Join(", ", filed.Facts.Select(fact => $"{fact.Name} {fact.Value}")));
        Assert.Equal(new StatementFact("meterStatus", new DateOnly(2022, 1, 1), null, "working", "protocol 12", "A. Person"), filed.Facts[2]);
    }

    [Fact]
    public async Task FactsThatChangeLater_LeaveWhatWasFiledAsItWas()
    {
        using BookRoom room = await FiledAsync();
        using BookRoom without = room.Under(Site.Replace("subtype-1", "none", StringComparison.Ordinal));
        await without.ActAsync((_, _) => Task.FromResult(true));

        Assert.Null(without.Fault());
        Assert.Equal(PeriodState.Amended, without.Period("aksu", "2026-Q3").State);
    }

    [Theory]
    [InlineData(0, "\"amount\":288,", "\"amount\":287,", "rated: aksu 2026-Q3 number 0 is not what its postings, facts and rates give")]
    [InlineData(0, "\"exact\":288,", "\"exact\":286,", "rated: aksu 2026-Q3 number 0: kz-digital-mining-fee kz-2026-base at 2 was filed as 144 kWh, 286 KZT; its postings, facts and rates give 144 kWh, 288 KZT")]
    [InlineData(0, "\"value\":\"working\"", "\"value\":\"faulty\"", "rated: aksu 2026-Q3 number 0 is not what its postings, facts and rates give")]
    [InlineData(1, "\"difference\":6,", "\"difference\":5,", "rated: aksu 2026-Q3 number 1 is not the difference that its postings, facts and rates give")]
    public async Task FigureThatWasChanged_WithItsHashMadeAnew_IsFound(int number, string figure, string forged, string fault)
    {
        using BookRoom room = await FiledAsync();
        string content = Encoding.UTF8.GetString(Filing(room, number).Content);
        Assert.Contains(figure, content, StringComparison.Ordinal);
        room.Tamper(number == 0 ? "DELETE FROM filing WHERE number = 1;" + Forged(0) : Forged(1));

        // Beside the anchor file it would be found there already.
        Assert.Equal(fault, BookRoom.FaultOf(room.Ledger, withAnchors: false));

        string Forged(int of)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(content.Replace(figure, forged, StringComparison.Ordinal));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"UPDATE filing SET content = x'{Convert.ToHexString(bytes)}', hash = '{Convert.ToHexStringLower(SHA256.HashData(bytes))}' WHERE number = {of}");
        }
    }

    [Theory]
    [InlineData("DELETE FROM filed_source", "rated: aksu 2026-Q3 number 0: the rate schedule that it was filed by is missing")]
    [InlineData("UPDATE filed_source SET content = (SELECT content FROM filed_source ORDER BY hash LIMIT 1)", "rated: aksu 2026-Q3 number 0: the ")]
    [InlineData("UPDATE filed_source SET content = x'ffffffff'", "rated: cannot be read: The ledger is damaged: a file that was filed by cannot be unpacked")]
    public async Task FileThatWasFiledBy_GoneOrChanged_IsFound(string sql, string fault)
    {
        using BookRoom room = await FiledAsync();

        room.Tamper(sql);

        Assert.StartsWith(fault, room.Fault() ?? "nothing", StringComparison.Ordinal);
    }

    private static async Task<BookRoom> FiledAsync()
    {
        var room = new BookRoom(Site, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", [.. Hours(0, 47), .. Hours(48, 1)]);
        Assert.NotNull((await room.CloseAsync("aksu", "2026-Q3", "A. Person")).Filing);
        room.Clock.Set("2026-10-20T00:00:00+05:00");

        // Two readings of another rig come late: 3 kWh.
        await room.ReplayAsync("aksu", new Sent("rig-2", "2026-09-30T10:00:00+05:00", 10m), new Sent("rig-2", "2026-09-30T11:00:00+05:00", 13m));
        Assert.NotNull((await room.CloseAsync("aksu", "2026-Q3", "B. Person", amend: true)).Filing);
        return room;
    }

    private static IEnumerable<Sent> Hours(int first, int count) => Enumerable.Range(first, count).Select(hour => new Sent(
        "rig-1", DateTimeOffset.Parse("2026-09-29T00:00:00+05:00", CultureInfo.InvariantCulture).AddHours(hour).ToString("O"), 100m + (3m * hour)));

    private static Filing Filing(BookRoom room, int number)
    {
        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        return reader.Filings()[number];
    }

    private static string Detail(BookRoom room)
    {
        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        return new LedgerVerification(reader, room.Ledger.Anchors.Read(), null).Run().Single(step => step.Name == "rated").Detail;
    }
}
