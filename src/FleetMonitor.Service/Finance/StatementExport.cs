using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FleetMonitor.Levy;

namespace FleetMonitor.Service.Finance;

internal enum ExportFormat
{
    Json,
    Csv,
    Xlsx,
    Html,
}

/// <summary>What of a period is exported, where a file holds only one table.</summary>
internal enum ExportTable
{
    Lines,
    Summary,
    Decisions,
    Facts,
    Gaps,
    Register,
    Journal,
}

/// <summary>A period's statement, tax register and journal lines, in the form a program or a person takes them.</summary>
/// <param name="periods">The books that the period is out of: the register's balance goes on from the periods before it.</param>
/// <param name="accounts">By charge code.</param>
internal sealed class StatementExport(PeriodBooks periods, PeriodBook book, string? responsible, Func<string, ChargeAccounts> accounts)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string ContentType(ExportFormat format) => format switch
    {
        ExportFormat.Json => "application/json",
        ExportFormat.Csv => "text/csv; charset=utf-8",
        ExportFormat.Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ExportFormat.Html => "text/html; charset=utf-8",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    public void Write(Stream output, ExportFormat format, ExportTable table)
    {
        switch (format)
        {
            case ExportFormat.Json:
                using (var json = new Utf8JsonWriter(output, Indented))
                {
                    PeriodJson.WriteStatement(json, book);
                }

                break;
            case ExportFormat.Csv:
                using (var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true))
                {
                    WriteCsv(text, table);
                }

                break;
            case ExportFormat.Xlsx:
                XlsxWriter.Write(output, [.. AllTables()]);
                break;
            case ExportFormat.Html:
                output.Write(Encoding.UTF8.GetBytes(table == ExportTable.Register ? HtmlExport.Of(Register()) : HtmlExport.Of(book.Return)));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, null);
        }
    }

    public void WriteCsv(TextWriter output, ExportTable table) => TableOf(table).WriteCsv(output);

    private Table TableOf(ExportTable table) => table switch
    {
        ExportTable.Lines => StatementTables.Lines(book.Return),
        ExportTable.Summary => SummaryTable.Of(book.Return),
        ExportTable.Decisions => DecisionTable.Of(book.Return),
        ExportTable.Facts => StatementTables.Facts(book.Statement),
        ExportTable.Gaps => StatementTables.Gaps(book.Statement),
        ExportTable.Register => Register().ToTable(),
        ExportTable.Journal => Levy.Journal.ToTable(JournalLines()),
        _ => throw new ArgumentOutOfRangeException(nameof(table), table, null),
    };

    private IEnumerable<Table> AllTables()
    {
        yield return SummaryTable.Of(book.Return);
        yield return StatementTables.Lines(book.Return);
        foreach (Amendment amendment in book.Return.Amendments.Append(book.Pending).OfType<Amendment>())
        {
            yield return StatementTables.Lines(amendment, book.Statement);
        }

        yield return DecisionTable.Of(book.Return);
        yield return StatementTables.Facts(book.Statement);
        yield return StatementTables.Gaps(book.Statement);
        yield return Register().ToTable();
        yield return Levy.Journal.ToTable(JournalLines());
    }

    private TaxRegister Register() => PeriodRegister.Of(periods, book, responsible);

    private IReadOnlyList<JournalLine> JournalLines() =>
    [
        .. Levy.Journal.Of(book.Statement, accounts),
        .. book.Return.Amendments.SelectMany(amendment => Levy.Journal.Of(
            amendment, Fleet.DayCalendar.Of(book.Site.TimeZone).DateOf(amendment.Closing!.At), accounts)),
    ];
}
