using System.IO.Compression;
using System.Xml.Linq;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.CsvText;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

public class ExportTests
{
    private const string HostileName = "=HYPERLINK(\"http://example\",\"a\"), <b>\"Ақсу\"</b>\r\nB";

    private static readonly TaxPeriod Quarter = TaxPeriod.Parse("2026-Q2");

    private static readonly Instant DecidedAt = Instant.From(new(2026, 7, 3, 10, 0, 0, TimeSpan.FromHours(5)));

    private static ChargeAccounts Accounts(string charge) => charge == "kz-astana-hub-royalty" ? new("7211", "3191") : new("7210", "3190");

    private static readonly Statement Filed = StatementDraft.Make(Inputs()) with { Closing = new("A. Person", new(1_790_000_000_000)) };

    [Fact]
    public void Csv_ParsedBack_HoldsEveryLine()
    {
        string[][] rows = ParseRfc4180(Csv(StatementTables.Lines(new TaxReturn(Filed, [], null))));

        Assert.Equal(
            ["kind", "charge", "code", "rate", "legalRef", "energyKwh", "registerKwh", "integratedKwh", "estimatedKwh", "turnover", "exact", "amount", "currency", "unconfirmed", "reasons", "by", "document", "filedToDate", "decisions", "pendingKwh", "pendingAmount"],
            rows[0]);
        Assert.Equal(
            ["energy", "kz-digital-mining-fee", "kz-2026-base", "2", "Tax Code (2026) art. 659(1)", "10.25", "10.25", "0", "0", "", "20.5", "21", "KZT", "", "kz-2026-base", "", "statement", "21", "", "", ""],
            rows[1]);
        Assert.Equal(
            ["manual", "kz-digital-mining-fee", "manual-1", "2", "Tax Code (2026) art. 659(1)", "-1.1", "-1.1", "0", "0", "", "-2.2", "-2", "KZT", "", "'" + HostileName, "A. Person", "statement", "-2", "posting 1 of 2026-07-03 for 2026-04-02", "", ""],
            rows[2]);
        Assert.Equal("12345.67", rows[3][10]);
        Assert.Equal(4, rows.Length);
    }

    [Fact]
    public void Xlsx_HoldsTypedCellsAndNoFormula()
    {
        using var stream = new MemoryStream();
        XlsxWriter.Write(stream, SummaryTable.Of(new TaxReturn(Filed, [], null)), StatementTables.Lines(Filed), Journal.ToTable(Journal.Of(Filed, Accounts)));
        using var zip = new ZipArchive(new MemoryStream(stream.ToArray()));
        XNamespace main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

        // Every part is well-formed, and every part that is not itself a list of parts is named by one.
        string types = zip.GetEntry("[Content_Types].xml")!.Open().ReadText();
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            XDocument.Parse(entry.Open().ReadText());
            Assert.True(entry.FullName.EndsWith(".rels", StringComparison.Ordinal) || entry.FullName == "[Content_Types].xml" || types.Contains($"\"/{entry.FullName}\"", StringComparison.Ordinal));
        }

        XElement lines = XDocument.Parse(zip.GetEntry("xl/worksheets/sheet2.xml")!.Open().ReadText()).Root!;
        Assert.Empty(lines.Descendants(main + "f"));
        Assert.Equal(["10.25", "20.5", "21"], new[] { "F2", "K2", "L2" }.Select(at => Cell(lines, at).Element(main + "v")!.Value));
        Assert.Null(Cell(lines, "F2").Attribute("t"));
        Assert.Equal("inlineStr", Cell(lines, "O3").Attribute("t")!.Value);
        Assert.Equal(HostileName.Replace("\r\n", "\n", StringComparison.Ordinal), Cell(lines, "O3").Value.Replace("\r\n", "\n", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.Descendants(main + "c"), cell => cell.Attribute("r")!.Value == "J2");

        // 30 June 2026 is day 46203 of a spreadsheet: 36526 is 2000-01-01, and 9677 days follow (26 years with 7 leap days, then 180).
        XElement journal = XDocument.Parse(zip.GetEntry("xl/worksheets/sheet3.xml")!.Open().ReadText()).Root!;
        Assert.Equal(("2", "46203"), (Cell(journal, "A2").Attribute("s")!.Value, Cell(journal, "A2").Element(main + "v")!.Value));

        XElement Cell(XElement sheet, string at) => sheet.Descendants(main + "c").Single(cell => cell.Attribute("r")!.Value == at);
    }

    [Fact]
    public void Xlsx_OfTheSameStatement_IsTheSameBytes()
    {
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        XlsxWriter.Write(first, StatementTables.Lines(Filed));
        XlsxWriter.Write(second, StatementTables.Lines(StatementReader.ReadStatement(StatementJson.Write(Filed))));

        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Fact]
    public void Xlsx_TextThatXmlCannotHold_IsReplaced()
    {
        using var stream = new MemoryStream();
        XlsxWriter.Write(stream, new Table("t", new("T", "Т"), [new("c", "C", "С")], [["a\u0001b\uD800c"]]));
        using var zip = new ZipArchive(new MemoryStream(stream.ToArray()));

        Assert.Contains("a\uFFFDb\uFFFDc", zip.GetEntry("xl/worksheets/sheet1.xml")!.Open().ReadText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Html_OfHostileNames_HoldsThemAsText()
    {
        string html = HtmlExport.Of(new TaxReturn(Filed, [], null));

        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;&quot;Ақсу&quot;&lt;/b&gt;", html, StringComparison.Ordinal);
        Assert.Contains("Отчёт по плате за цифровой майнинг / Statement of the levy on digital mining, 2026-Q2", html, StringComparison.Ordinal);
        Assert.Contains(StatementJson.HashOf(Filed), html, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"draft\"", html, StringComparison.Ordinal);
        Assert.Contains("class=\"draft\"", HtmlExport.Of(new TaxReturn(Filed with { Closing = null }, [], null)), StringComparison.Ordinal);
    }

    [Fact]
    public void Register_IsChronologicalAndItsBalanceGrowsByWhatIsFiled()
    {
        // 4.25 × 2 = 8.5, 6 × 2 = 12, -1.1 × 2 = -2.2 make 18.3; filed are 21 and -2, so rounding adds 0.7, when it is filed.
        TaxRegister register = TaxRegister.Make(
            Filed, [new("statement", Day("2026-09-21"), TaxRegister.RowsOf(Inputs()), new Money(19m, "KZT"))], "Person A. A.", new Money(100m, "KZT"));

        Assert.Equal(
            [
                "2026-04-01 kz-2026-base 4.25 8.5 108.5",
                "2026-06-30 kz-2026-base 6 12 120.5",
                "2026-07-03 manual-1 -1.1 -2.2 118.3",
                "2026-09-21 rounding 0 0.7 119",
            ],
            register.Entries.Select(entry =>
                $"{entry.Day:yyyy-MM-dd} {entry.Row.Code} {Money.Text(entry.Row.Energy.KilowattHours)} {Money.Text(entry.Row.Amount!.Value.Amount)} {Money.Text(entry.Balance!.Value.Amount)}"));
        Assert.Equal(new Money(119m, "KZT"), register.Closing);
        string html = HtmlExport.Of(register);
        Assert.All(
            ["Налоговый регистр", "Example Mining LLP", "123456789012", "2026-04-01 – 2026-06-30", "Person A. A.", "Tax register"],
            field => Assert.Contains(field, html, StringComparison.Ordinal));
    }

    [Fact]
    public void Journal_BooksEachLineOnItsChargesAccounts()
    {
        Assert.Equal(
            ["7210 3190 21 KZT kz-2026-base", "3190 7210 2 KZT manual-1", "7211 3191 12346 KZT kz-astana-hub-1-percent"],
            Journal.Of(Filed, Accounts).Select(line => $"{line.Debit} {line.Credit} {line.Amount} {line.Text}"));
    }

    [Fact]
    public void Journal_OfAnAmendment_BooksTheDifference()
    {
        // 5 kWh fall away: 5.25 × 2 = 10.5 makes 11, where 21 was filed.
        Statement now = StatementDraft.Make(Inputs() with { Books = Billing.RollUp([Books("rig-1", "2026-04-01", 5.25m)], _ => null) });
        JournalLine line = Assert.Single(Journal.Of(Amendment.Between(Filed, [], now)!, Day("2026-08-03"), Accounts));

        Assert.Equal(
            (Day("2026-08-03"), "3190", "7210", new Money(10m, "KZT"), "aksu 2026-Q2 amendment 1"),
            (line.Day, line.Debit, line.Credit, line.Amount, line.Document));
    }

    private static StatementInputs Inputs() => new()
    {
        Site = StatedSite(),
        Period = Quarter,
        Schedule = Law,
        Books = Billing.RollUp([Books("rig-1", "2026-06-30", 6m), Books("rig-1", "2026-04-01", 4.25m)], _ => null),
        Postings =
        [
            PostingChain.Append(PostingHead.Genesis, new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-04-02"), Energy = Register(-1.1m), By = "A. Person", Reason = HostileName }, DecidedAt),
            PostingChain.Append(new(1, PostingHead.Genesis.Hash), new() { Kind = PostingKind.Turnover, Site = "aksu", Day = Day("2026-04-02"), Charge = "kz-astana-hub-royalty", Amount = new(1_234_567m, "KZT"), By = "A. Person", Reason = "invoices" }, DecidedAt),
        ],
        Head = PostingHead.Genesis,
    };
}

internal static class StreamText
{
    public static string ReadText(this Stream stream)
    {
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
