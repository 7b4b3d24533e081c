using System.Text.Json;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;

namespace FleetMonitor.Service.Finance;

/// <summary>
/// The way down from a line of a statement: the line in each document that it stands in, the decisions that it is made of as they were posted, and
/// the days that its metered energy is of, as the books have them now.
/// </summary>
internal sealed class LineTrace(BooksView books, PeriodBook book, string code)
{
    private readonly StatementLine[] _filed = [.. book.Statement.Lines.Where(line => line.Code == code)];

    private readonly (Amendment Amendment, AmendmentLine Line)[] _amended =
    [
        .. book.Return.Amendments.Append(book.Pending).OfType<Amendment>()
            .SelectMany(amendment => amendment.Lines.Where(line => line.Code == code).Select(line => (amendment, line))),
    ];

    /// <summary>Whether any document has such a line.</summary>
    public bool IsKnown => _filed.Length + _amended.Length > 0;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("site", book.Site.Id);
        json.WriteString("period", book.Period.ToString());
        json.WriteString("code", code);
        json.WriteStartArray("lines");
        foreach (StatementLine line in _filed)
        {
            WriteDocument(json, StatementTables.DocumentOf(book.Statement), () => StatementJson.Write(json, line));
        }

        foreach ((Amendment amendment, AmendmentLine line) in _amended)
        {
            WriteDocument(json, StatementTables.DocumentOf(amendment), () => StatementJson.Write(json, line));
        }

        json.WriteEndArray();
        HashSet<long> decided =
        [
            .. book.Now.Lines.Where(line => line.Code == code).SelectMany(line => line.Decisions)
                .Concat(_filed.SelectMany(line => line.Decisions)).Concat(_amended.SelectMany(line => line.Line.Decisions))
                .Select(decision => decision.Posting),
        ];
        json.WriteStartArray("decisions");
        foreach (Posting posting in books.Ledger.PostingsByHand(book.Site.Id, book.Period.FirstDay, book.Period.End)
            .Where(posting => decided.Contains(posting.Seq)))
        {
            PeriodJson.WritePosting(json, posting);
        }

        json.WriteEndArray();
        json.WriteStartArray("days");
        foreach (TotalsRow row in books.Totals(
            new TotalsQuery { From = book.Period.FirstDay, To = book.Period.End, Group = TotalsGroup.Day }, book.Site.Id)
            .Where(row => row.RateCode == code))
        {
            TotalsWriter.WriteRow(json, row, TotalsGroup.Day);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDocument(Utf8JsonWriter json, string document, Action line)
    {
        json.WriteStartObject();
        json.WriteString("document", document);
        json.WritePropertyName("line");
        line();
        json.WriteEndObject();
    }
}
