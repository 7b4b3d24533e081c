using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Finance;
using FleetMonitor.Tests.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Finance;

/// <summary>
/// What people decide, before the close and after it, followed through the books. A rig at 3 kW on 29 and 30 September 2026: 72 kWh a day, at 2
/// tenge. On 3 October C takes 2.25 kWh off and A closes the quarter: 288 and -4. On 20 October D enters what a court took off, 8, and E adds 1.5
/// kWh of the whole site.
/// </summary>
public class DecisionsTests
{
    private const string Site =
        """
        {"id":"aksu","timeZone":"Asia/Almaty","licence":[{"from":"2023-04-01","value":"subtype-1"}],
         "energySource":[{"from":"2022-01-01","value":"grid"}],"devices":[{"id":"rig-1","role":"rig"}],
         "meterStatus":[{"from":"2022-01-01","value":"working"}]}
        """;

    private static readonly string[] AsFiled =
    [
        "2026-09-29 | kz-2026-base | 72 | 144 | 144 | 2026-09-29 | statement | - | - | -",
        "2026-09-30 | kz-2026-base | 72 | 144 | 288 | 2026-09-30 | statement | - | - | -",
        "2026-10-03 | manual-1 | -2.25 | -4.5 | 283.5 | 2026-09-30 | statement | C. Person | - | -",
        "2026-10-03 | rounding | 0 | 0.5 | 284 | - | statement | - | - | -",
    ];

    private static readonly string[] AsAmended =
    [
        .. AsFiled,
        "2026-10-20 | manual-4 | 0 | -8 | 276 | 2026-09-30 | amendment-1 | D. Person | - | -",
        "2026-10-20 | manual-5 | 1.5 | 3 | 279 | 2026-09-29 | amendment-1 | E. Person | - | -",
    ];

    [Fact]
    public async Task DecisionAfterTheClose_IsPendingWithWhoAndWhy_AndFiledWithThem()
    {
        using BookRoom room = await ClosedAsync();
        await DecideLateAsync(room);

        PeriodBook pending = room.Period("aksu", "2026-Q3");
        Assert.Equal(PeriodState.Amended, pending.State);
        Assert.Equal(["manual-4 -8 D. Person: court decision 17", "manual-5 3 E. Person: meter bypassed"], Lines(pending.Pending!));
        Assert.Equal(284m, pending.LevyFiledBy(null).Amount);

        await room.CloseAsync("aksu", "2026-Q3", "B. Person", amend: true);

        PeriodBook amended = room.Period("aksu", "2026-Q3");
        Assert.Null(amended.Pending);
        Assert.Equal(["manual-4 -8 D. Person: court decision 17", "manual-5 3 E. Person: meter bypassed"], Lines(amended.Filed!.Amendments.Single().Amendment));
        Assert.Equal(279m, amended.LevyFiledBy(null).Amount);
        Assert.Null(room.Fault());
    }

    [Fact]
    public async Task AmendedPeriod_SaysWhatIsFiled_AndWhatIsNot()
    {
        using BookRoom room = await ClosedAsync();
        Assert.Equal("closed, filed 284 with 0 amendments, nothing pending", State(room));

        await DecideLateAsync(room);
        Assert.Equal("amended, filed 284 with 0 amendments, pending -5", State(room));

        await room.CloseAsync("aksu", "2026-Q3", "B. Person", amend: true);
        Assert.Equal("amended, filed 279 with 1 amendments, nothing pending", State(room));
    }

    [Fact]
    public async Task EnergyByHand_IsInTotalsAsInTheStatement_AndNamed()
    {
        using BookRoom room = await ClosedAsync();
        await DecideLateAsync(room);

        Assert.Equal(
            ["(site) 1.5 of which 1.5 by hand", "rig-1 141.75 of which -2.25 by hand"],
            room.Totals("aksu", "device", to: "2026-10-01").Select(row =>
                $"{row.Device} {Money.Text(row.Energy.Total.KilowattHours)} of which {Money.Text(row.ByHand!.Value.KilowattHours)} by hand"));
        TotalsRow sum = Assert.Single(room.Totals("aksu", to: "2026-10-01"));
        Assert.Equal((143.25m, -0.75m, 286.5m), (sum.Energy.Total.KilowattHours, sum.ByHand!.Value.KilowattHours, sum.Amount!.Value.Amount));
        Assert.Equal(sum.Energy, room.Period("aksu", "2026-Q3").Now.Energy);
        Assert.Null(Assert.Single(room.Totals("aksu", from: "2026-10-01")).ByHand);
        using var text = new StringWriter();
        TotalsWriter.WriteCsv(text, room.Totals("aksu"), TotalsGroup.None);
        Assert.Equal(
            [
                "site,period,rateCode,perKwh,legalRef,energyKwh,registerKwh,integratedKwh,estimatedKwh,amount,currency,unconfirmed,provisional,manualKwh",
                "aksu,2026-Q3,kz-2026-base,2,Tax Code (2026) art. 659(1),143.25,144,0,-0.75,286.5,KZT,,no,-0.75",
                "aksu,2026-Q4,kz-2026-base,2,Tax Code (2026) art. 659(1),72,72,0,0,144,KZT,,no,",
            ],
            text.ToString().TrimEnd().Split("\r\n"));
    }

    [Fact]
    public async Task Register_GrowsByWhatIsFiled_AndShowsTheRestApart()
    {
        using BookRoom room = await ClosedAsync();
        Assert.Equal(AsFiled, Register(room));

        await DecideLateAsync(room);
        Assert.Equal(
            [
                .. AsFiled,
                "2026-10-20 | manual-4 | - | - | - | 2026-09-30 | pending | D. Person | 0 | -8",
                "2026-10-20 | manual-5 | - | - | - | 2026-09-29 | pending | E. Person | 1.5 | 3",
            ],
            Register(room));

        await room.CloseAsync("aksu", "2026-Q3", "B. Person", amend: true);
        Assert.Equal(AsAmended, Register(room));
    }

    /// <summary>Without a licence the rate is 25: each day changes by 72 × 25 less 72 × 2, and what was entered in kWh with it.</summary>
    [Fact]
    public async Task Register_UnderFactsThatChanged_KeepsEveryEntry_AndTheNextPeriodGoesOnFromIt()
    {
        using BookRoom room = await ClosedAsync();
        await DecideLateAsync(room);
        await room.CloseAsync("aksu", "2026-Q3", "B. Person", amend: true);
        using BookRoom without = room.Under(Site.Replace("subtype-1", "none", StringComparison.Ordinal));

        string[] register = Register(without);
        Assert.Equal(AsAmended, register.Take(6));
        Assert.Equal(
            [
                "- | kz-2026-no-licence | - | - | - | 2026-09-29 | pending | - | 72 | 1800",
                "- | kz-2026-no-licence | - | - | - | 2026-09-30 | pending | - | 72 | 1800",
                "- | manual-1 | - | - | - | 2026-09-30 | pending | C. Person | -2.25 | -56.25",
                "- | manual-5 | - | - | - | 2026-09-29 | pending | E. Person | 1.5 | 37.5",
                "- | kz-2026-base | - | - | - | 2026-09-29 | pending | - | -72 | -144",
                "- | kz-2026-base | - | - | - | 2026-09-30 | pending | - | -72 | -144",
                "- | manual-1 | - | - | - | 2026-09-30 | pending | C. Person | 2.25 | 4.5",
                "- | manual-5 | - | - | - | 2026-09-29 | pending | E. Person | -1.5 | -3",
                "- | rounding | - | - | - | - | pending | - | 0 | 0.25",
            ],
            register.Skip(6));

        // 72 kWh of October at 25, on the 279 that are filed.
        Assert.Equal(
            ["2026-10-01 | 1800 | 2079"],
            CsvText.ParseRfc4180(without.Export("aksu", "2026-Q4", ExportFormat.Csv, ExportTable.Register)).Skip(1).Select(row => $"{row[0]} | {row[5]} | {row[6]}"));
    }

    /// <summary>What is entered or filed of an earlier period later stands in that period's register, and moves no balance that was filed.</summary>
    [Fact]
    public async Task RegisterOfAFiledPeriod_KeepsItsBalance_WhateverBecomesOfAnEarlierOne()
    {
        using BookRoom room = await ClosedAsync();
        Assert.Equal(AsFiled, Register(room));
        room.Clock.Set("2026-10-20T09:00:00+05:00");

        await room.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(Manual("2026-05-10", kwh: 100m, "F. Person", "found"), CancellationToken.None));
        Assert.Equal(AsFiled, Register(room));

        await room.CloseAsync("aksu", "2026-Q2", "B. Person");
        Assert.Equal(AsFiled, Register(room));
    }

    /// <summary>A line that goes again, because its day is rated otherwise, still says whose it was.</summary>
    [Fact]
    public async Task ReversalOfADecidedLine_NamesWhoDecidedIt()
    {
        using BookRoom room = await ClosedAsync();
        await DecideLateAsync(room);
        PeriodBook book = room.Period("aksu", "2026-Q3");
        Statement without = book.Now with { Lines = [.. book.Now.Lines.Where(line => line.Code != "manual-5")] };

        AmendmentLine reversal = Assert.Single(Amendment.Between(book.Filed!.Statement, [book.Pending!], without)!.Lines);

        Assert.Equal(("manual-5", -3m, "E. Person"), (reversal.Code, reversal.Difference.Amount, reversal.By));
        Assert.Equal(["meter bypassed"], reversal.Reasons);
    }

    [Fact]
    public async Task LateEnergyAfterTheClose_IsBookedByItsAmendment_UnderItsDay()
    {
        using BookRoom room = await ClosedAsync();
        room.Clock.Set("2026-10-20T09:00:00+05:00");
        await room.ReplayAsync("aksu", new Sent("rig-2", "2026-09-30T10:00:00+05:00", 10m), new Sent("rig-2", "2026-09-30T11:00:00+05:00", 13m));
        Assert.Equal("- | kz-2026-base | - | - | - | 2026-09-30 | pending | - | 3 | 6", Register(room)[^1]);

        await room.CloseAsync("aksu", "2026-Q3", "B. Person", amend: true);

        Assert.Equal([.. AsFiled, "2026-10-20 | kz-2026-base | 3 | 6 | 290 | 2026-09-30 | amendment-1 | - | - | -"], Register(room));
    }

    [Fact]
    public async Task Line_IsTracedToItsDecisions_AlsoThoseOfTheSite_AndToItsDays()
    {
        using BookRoom room = await ClosedAsync();
        await DecideLateAsync(room);

        JsonElement byHand = room.TraceLine("aksu", "2026-Q3", "manual-5")!.Value;
        JsonElement posting = Assert.Single(byHand.GetProperty("decisions").EnumerateArray());
        Assert.Equal(
            "5 E. Person meter bypassed 2026-10-20T04:00:00.000Z",
            $"{posting.GetProperty("seq")} {posting.GetProperty("by")} {posting.GetProperty("reason")} {posting.GetProperty("postedAt")}");
        Assert.Equal("pending", byHand.GetProperty("lines")[0].GetProperty("document").GetString());

        JsonElement metered = room.TraceLine("aksu", "2026-Q3", "kz-2026-base")!.Value;
        Assert.Equal(
            ["2026-09-29 73.5", "2026-09-30 69.75"],
            metered.GetProperty("days").EnumerateArray().Select(day => $"{day.GetProperty("day")} {day.GetProperty("energyKwh").GetRawText()}"));
        JsonElement dayTrace = room.TraceDay("aksu", "2026-09-29");
        Assert.Equal(["5 E. Person"], dayTrace.GetProperty("decisions").EnumerateArray().Select(one => $"{one.GetProperty("seq")} {one.GetProperty("by")}"));
        Assert.Equal(["(site)", "rig-1"], dayTrace.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("device").GetString()));
        Assert.Null(room.TraceLine("aksu", "2026-Q3", "manual-99"));
    }

    /// <summary>A ledger that an earlier version filed in: it verifies as it stands, is amended in the new form, and keeps its register.</summary>
    [Fact]
    public async Task FiledInFormat2_VerifiesStill_AndIsAmendedInFormat3()
    {
        using BookRoom room = await ClosedAsync();
        await DecideLateAsync(room);
        await room.CloseAsync("aksu", "2026-Q3", "B. Person", amend: true);
        AsOfFormat2(room);
        Assert.Null(BookRoom.FaultOf(room.Ledger, withAnchors: false));
        Assert.Equal(AsAmended, Register(room));

        await room.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(Manual("2026-09-30", kwh: 1m, "F. Person", "recount"), CancellationToken.None));
        await room.CloseAsync("aksu", "2026-Q3", "B. Person", amend: true);

        PeriodBook book = room.Period("aksu", "2026-Q3");
        Assert.Equal([2, 3], book.Return.Amendments.Select(amendment => amendment.Format));
        Assert.Equal(["manual-6 2 F. Person: recount"], Lines(book.Return.Amendments[1]));
        Assert.Null(BookRoom.FaultOf(room.Ledger, withAnchors: false));
    }

    /// <summary>Before fleet files were frozen with statements, days cannot be rated as they were: the register has the lines as filed.</summary>
    [Fact]
    public async Task RegisterOfWhatWasFiledWithoutItsFiles_HasTheLinesAsFiled()
    {
        using BookRoom room = await ClosedAsync();
        await DecideLateAsync(room);
        room.Tamper("DELETE FROM filed_source; DELETE FROM row_seal WHERE name = 'filed_source'");

        Assert.Equal(
            [
                "2026-09-30 | kz-2026-base | 144 | 288 | 288 | - | statement | - | - | -",
                "2026-09-30 | manual-1 | -2.25 | -4 | 284 | - | statement | - | - | -",
                "- | manual-4 | - | - | - | - | pending | - | 0 | -8",
                "- | manual-5 | - | - | - | - | pending | - | 1.5 | 3",
            ],
            Register(room));
    }

    [Fact]
    public async Task Html_OfAnAmendedPeriod_ShowsBoth()
    {
        using BookRoom room = await ClosedAsync();
        await DecideLateAsync(room);

        string html = room.Export("aksu", "2026-Q3", ExportFormat.Html, ExportTable.Lines);

        Assert.All(["C. Person", "office load", "D. Person", "court decision 17", "NOT FILED"], text => Assert.Contains(text, html, StringComparison.Ordinal));
    }

    private static async Task<BookRoom> ClosedAsync()
    {
        var room = new BookRoom(Site, "2026-10-03T09:00:00+05:00");
        await room.ReplayAsync(
            "aksu", [.. Enumerable.Range(0, 4).Select(day => new Sent("rig-1", FormattableString.Invariant($"{new DateOnly(2026, 9, 29).AddDays(day):yyyy-MM-dd}T00:00:00+05:00"), 100m + (72m * day)))]);
        await room.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(
            Manual("2026-09-30", kwh: -2.25m, "C. Person", "office load") with { Device = "rig-1" }, CancellationToken.None));
        Assert.NotNull((await room.CloseAsync("aksu", "2026-Q3", "A. Person")).Filing);
        return room;
    }

    private static async Task DecideLateAsync(BookRoom room)
    {
        room.Clock.Set("2026-10-20T09:00:00+05:00");
        PostingDraft court = Manual("2026-09-30", kwh: 0m, "D. Person", "court decision 17") with
        {
            Charge = "kz-digital-mining-fee", Amount = new Money(-8m, "KZT"),
        };
        foreach (PostingDraft draft in new[] { court, Manual("2026-09-29", kwh: 1.5m, "E. Person", "meter bypassed") })
        {
            (Posting? posting, IReadOnlyList<string> problems) = await room.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(draft, CancellationToken.None));
            Assert.Empty(problems);
            Assert.NotNull(posting);
        }
    }

    private static PostingDraft Manual(string day, decimal kwh, string by, string reason) => new()
    {
        Kind = PostingKind.Manual, Site = "aksu", Day = Day(day), Energy = EnergyByQuality.Of(EnergyQuality.Estimated, Kwh(kwh)), By = by, Reason = reason,
    };

    private static string[] Lines(Amendment amendment) =>
        [.. amendment.Lines.Select(line => $"{line.Code} {Money.Text(line.Difference.Amount)} {line.By}: {string.Join("; ", line.Reasons)}")];

    private static string State(BookRoom room)
    {
        JsonElement row = room.Periods("aksu").GetProperty("rows").EnumerateArray().First(row => row.GetProperty("period").GetString() == "2026-Q3");
        JsonElement filed = row.GetProperty("filed");
        string pending = row.GetProperty("pending") is { ValueKind: JsonValueKind.Object } difference
            ? $"pending {difference.GetProperty("differences")[0].GetProperty("amount").GetRawText()}"
            : "nothing pending";
        return $"{row.GetProperty("state")}, filed {filed.GetProperty("amounts")[0].GetProperty("amount").GetRawText()} with {filed.GetProperty("amendments")} amendments, {pending}";
    }

    private static string[] Register(BookRoom room)
    {
        string[][] rows = CsvText.ParseRfc4180(room.Export("aksu", "2026-Q3", ExportFormat.Csv, ExportTable.Register));
        int[] at = [.. new[] { "date", "code", "energyKwh", "amount", "balance", "consumed", "document", "by", "pendingKwh", "pendingAmount" }.Select(key => Array.IndexOf(rows[0], key))];
        return [.. rows.Skip(1).Select(row => string.Join(" | ", at.Select(column => row[column].Length == 0 ? "-" : row[column])))];
    }

    private static void AsOfFormat2(BookRoom room)
    {
        Filing[] filings;
        using (LedgerReader reader = LedgerReader.Open(room.Ledger))
        {
            filings = [.. reader.Filings()];
        }

        Statement statement = StatementReader.ReadStatement(filings[0].Content) with { Format = 2 };
        Amendment amendment = StatementReader.ReadAmendment(filings[1].Content) with { Format = 2, StatementHash = StatementJson.HashOf(statement) };
        room.WriteUnsealed(
            "DROP TRIGGER filing_stays;" + Update(0, StatementJson.Write(statement)) + Update(1, StatementJson.Write(amendment))
            + "CREATE TRIGGER filing_stays BEFORE UPDATE ON filing BEGIN SELECT RAISE(ABORT, 'what was filed never changes'); END;");

        static string Update(int number, byte[] content) => string.Create(
            CultureInfo.InvariantCulture,
            $"UPDATE filing SET content = x'{Convert.ToHexString(content)}', hash = '{Convert.ToHexStringLower(SHA256.HashData(content))}' WHERE number = {number};");
    }
}
