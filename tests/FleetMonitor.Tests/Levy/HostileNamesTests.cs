using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.CsvText;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

/// <summary>Names come from payloads, files and people. Whatever one says, it is text in every export, in every place where a name can stand.</summary>
public partial class HostileNamesTests
{
    public static TheoryData<string> Names =>
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</td></tr></table><h1>", "&lt;b&gt;",
        "\u202Etxt.exe\u202C \u0627\u0644\u0633", "=cmd|' /C calc'!A0", "+1+1", "-1-1", "@SUM(A1)", "\t=1", "\r\n=1", "＝1", "a,\"b\"\r\n;c", "\u0000\u0007",
        new string('x', 65_536), "=" + new string('<', 65_536),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Html_OfAName_HasTheTagsOfAnyOther_AndTheNameAsText(string name)
    {
        Assert.Equal(Tags(Statement("harmless")), Tags(Statement(name)));
        Assert.Equal(Tags(Register("harmless")), Tags(Register(name)));

        // Site, its name, payer, business id, device, who decided, why, legal reference, evidence, who stated, who closed, who amended.
        string page = WebUtility.HtmlDecode(Statement(name));
        string shown = WebUtility.HtmlDecode(System.Text.Encodings.Web.HtmlEncoder.Default.Encode(name));
        Assert.True(Occurrences(page, shown) >= 12);
        Assert.True(Occurrences(WebUtility.HtmlDecode(Register(name)), shown) >= 6);

        static string Statement(string name) => HtmlExport.Of(Return(name));
        static string Register(string name) => HtmlExport.Of(RegisterOf(name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Csv_OfAName_IsNoFormulaAndParsesBack(string name)
    {
        TaxReturn filed = Return(name);
        Table[] tables =
        [
            StatementTables.Lines(filed), SummaryTable.Of(filed), DecisionTable.Of(filed), StatementTables.Facts(filed.Statement), StatementTables.Gaps(filed.Statement),
            RegisterOf(name).ToTable(), Journal.ToTable(Journal.Of(filed.Statement, _ => new ChargeAccounts(name, name))),
        ];
        using var totals = new StringWriter();
        TotalsWriter.WriteCsv(
            totals,
            LevyTotals.Compute([Books(name, "2026-04-01", 1m, site: name)], Only(SiteOf(name)), Law, new TotalsQuery { Group = Group("device,tenant,day") }),
            Group("device,tenant,day"));

        Assert.All([.. tables.Select(Csv), totals.ToString()], csv =>
        {
            string[] cells = [.. ParseRfc4180(csv).SelectMany(row => row)];
            Assert.All(cells, cell => Assert.True(
                cell.Length == 0 || !"=+-@\t\r\n＝＋－＠".Contains(cell[0]) || decimal.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _)));
            Assert.Contains(cells, cell => cell == name || cell == "'" + name);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Xlsx_OfAName_IsWellFormedAndHasNoFormula(string name)
    {
        TaxReturn filed = Return(name);
        using var bytes = new MemoryStream();
        XlsxWriter.Write(
            bytes, SummaryTable.Of(filed), StatementTables.Lines(filed), StatementTables.Lines(filed.Pending!, filed.Statement), DecisionTable.Of(filed), RegisterOf(name).ToTable());

        using var zip = new ZipArchive(new MemoryStream(bytes.ToArray()));
        Assert.All(zip.Entries, part => Assert.DoesNotContain(
            XDocument.Parse(part.Open().ReadText()).Descendants(), element => element.Name.LocalName == "f"));
    }

    private static TaxReturn Return(string name)
    {
        Statement statement = StatementDraft.Make(Inputs(name, 2)) with { Closing = new(name, new(1_790_000_000_000)), Gaps = [new(name, new(0), new(1))] };
        statement = statement with { Lines = [.. statement.Lines.Select(line => line with { LegalRef = name })] };
        Amendment amendment = Amendment.Between(statement, [], StatementDraft.Make(Inputs(name, 3)))! with { Closing = new(name, new(1_790_000_000_000)) };
        return new TaxReturn(statement, [amendment], Amendment.Between(statement, [amendment], StatementDraft.Make(Inputs(name, 4))));
    }

    private static TaxRegister RegisterOf(string name) => TaxRegister.Make(
        Return(name).Statement,
        [
            new("statement", Day("2026-09-21"), TaxRegister.RowsOf(Inputs(name, 2)), new Money(0m, "KZT")),
            new("pending", null, TaxRegister.RowsOf(Inputs(name, 4)), new Money(0m, "KZT")),
        ],
        name,
        Money.Zero("KZT"));

    private static Site SiteOf(string name) => StatedSite(name) with
    {
        Name = name,
        Payer = new Payer(name, name),
        MeterStatus = [Since("2020-01-01", MeterStatus.Working) with { Evidence = name, By = name }],
        Devices = new Dictionary<string, Device> { [name] = Rig(name, tenant: name) },
    };

    private static StatementInputs Inputs(string name, int upTo) => new()
    {
        Site = SiteOf(name),
        Period = TaxPeriod.Parse("2026-Q2"),
        Schedule = Law,
        Books = Billing.RollUp([Books(name, "2026-04-01", 4m, site: name)], _ => null),
        Postings =
        [
            .. Enumerable.Range(1, upTo).Select(seq => PostingChain.Append(
                new PostingHead(seq - 1, PostingHead.Genesis.Hash),
                new PostingDraft
                {
                    Kind = PostingKind.Manual, Site = name, Device = seq % 2 == 0 ? name : null, Day = Day("2026-04-02"), Energy = Qualities(0m, 0m, seq), By = name, Reason = name,
                },
                new(1_785_000_000_000))),
        ],
        Head = new PostingHead(upTo, PostingHead.Genesis.Hash),
    };

    /// <summary>The page without its texts. Only whether a cell may be broken anywhere hangs on how long a text is.</summary>
    private static string[] Tags(string html) =>
        [.. Tag().Matches(html).Select(tag => tag.Value.Replace(" class=\"l\"", string.Empty, StringComparison.Ordinal))];

    private static int Occurrences(string text, string name)
    {
        int count = 0;
        for (int at = text.IndexOf(name, StringComparison.Ordinal); at >= 0; at = text.IndexOf(name, at + name.Length, StringComparison.Ordinal))
        {
            count++;
        }

        return count;
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
