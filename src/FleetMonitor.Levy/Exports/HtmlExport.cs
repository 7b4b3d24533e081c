using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>A statement or tax register as one page to print, in Russian and English, with nothing loaded from anywhere.</summary>
public static class HtmlExport
{
    private const string Style =
        "body{font:12px/1.4 sans-serif;margin:2em;color:#111}h1{font-size:18px}h2{font-size:14px;margin-top:2em}"
        + "table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:3px 6px;text-align:left;vertical-align:top;overflow-wrap:break-word;unicode-bidi:isolate}"
        + "td.l{overflow-wrap:anywhere}td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}th small{display:block;font-weight:normal;color:#555}"
        + ".draft{border:2px solid #b00;color:#b00;padding:4px 8px;display:inline-block}.sign{margin-top:3em}"
        + "@media print{body{margin:0}tr{break-inside:avoid}thead{display:table-header-group}}";

    /// <summary>Texts beyond it may be broken anywhere, so that a name without spaces does not push the page apart.</summary>
    private const int LongText = 40;

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string Of(TaxReturn filed)
    {
        var page = new StringBuilder();
        Statement statement = filed.Statement;
        Table summary = SummaryTable.Of(filed);
        Begin(page, summary.Title, statement.Period);
        Mark(page, statement, filed.Pending is not null);

        // The keys are for programs; on paper a row is its name and value.
        Write(page, summary with { Columns = [.. summary.Columns.Skip(1)], Rows = [.. summary.Rows.Select(row => row.Skip(1).ToArray())] });
        Section(page, StatementTables.Lines(statement));
        foreach (Amendment amendment in filed.Amendments.Append(filed.Pending).OfType<Amendment>())
        {
            Section(page, StatementTables.Lines(amendment, statement));
        }

        if (DecisionTable.Of(filed) is { Rows.Count: > 0 } decisions)
        {
            Section(page, decisions);
        }

        if (statement.Facts.Count > 0)
        {
            Section(page, StatementTables.Facts(statement));
        }

        if (statement.Gaps.Count > 0)
        {
            Section(page, StatementTables.Gaps(statement));
        }

        Sign(page, responsible: null);
        return End(page);
    }

    public static string Of(TaxRegister register)
    {
        var page = new StringBuilder();
        Table entries = register.ToBookedTable();
        Statement statement = register.Statement;
        Begin(page, entries.Title, statement.Period);
        Mark(page, statement, register.Pending.Count > 0);
        Write(page, new Table(
            "head",
            entries.Title,
            [new("name", "Name", "Показатель"), new("value", "Value", "Значение")],
            [
                ["Налогоплательщик / Taxpayer", statement.Payer?.Name],
                ["БИН / Business id", statement.Payer?.Bin],
                ["Площадка / Site", statement.Site],
                ["Налоговый период / Tax period", $"{Day(statement.Period.FirstDay)} – {Day(statement.Period.LastDay)}"],
                ["Ответственное лицо (Ф. И. О.) / Responsible person (full name)", register.Responsible],
                ["Метод учёта / Accounting basis", "начисления / accrual"],
                [$"Входящее сальдо, {register.Opening.Currency} / Opening balance", register.Opening.Amount],
                [$"Исходящее сальдо, {register.Closing.Currency} / Closing balance", register.Closing.Amount],
            ]));
        Section(page, entries);
        if (register.Pending.Count > 0)
        {
            Section(page, register.ToPendingTable());
        }

        Sign(page, register.Responsible);
        return End(page);
    }

    private static void Begin(StringBuilder page, BilingualText title, TaxPeriod period)
    {
        string heading = $"{Encoder.Encode(title.Ru)} / {Encoder.Encode(title.En)}, {period}";
        page.Append("<!DOCTYPE html><html lang=\"ru\"><head><meta charset=\"utf-8\"><title>").Append(heading)
            .Append("</title><style>").Append(Style).Append("</style></head><body><h1>").Append(heading).Append("</h1>");
    }

    private static void Mark(StringBuilder page, Statement statement, bool pending)
    {
        if (statement.Closing is null)
        {
            page.Append("<p class=\"draft\">Проект, не закрыт / Draft, not closed</p>");
        }

        if (pending)
        {
            page.Append("<p class=\"draft\">Есть отличия, которые не представлены; они показаны отдельно / ")
                .Append("There are differences that are not filed; they stand apart</p>");
        }
    }

    private static void Section(StringBuilder page, Table table)
    {
        page.Append("<h2>").Append(Encoder.Encode(table.Title.Ru)).Append(" / ").Append(Encoder.Encode(table.Title.En)).Append("</h2>");
        Write(page, table);
    }

    private static void Write(StringBuilder page, Table table)
    {
        page.Append("<table><thead><tr>");
        foreach (Column column in table.Columns)
        {
            page.Append("<th>").Append(Encoder.Encode(column.Ru)).Append("<small>").Append(Encoder.Encode(column.En)).Append("</small></th>");
        }

        page.Append("</tr></thead><tbody>");
        foreach (IReadOnlyList<Cell> row in table.Rows)
        {
            page.Append("<tr>");
            foreach (Cell cell in row)
            {
                page.Append(cell.Number is not null ? "<td class=\"n\">" : cell.Text?.Length > LongText ? "<td class=\"l\">" : "<td>")
                    .Append(Encoder.Encode(cell.Number is { } number ? Money.Text(number) : cell.Date is { } date ? Day(date) : cell.Text ?? string.Empty))
                    .Append("</td>");
            }

            page.Append("</tr>");
        }

        page.Append("</tbody></table>");
    }

    private static void Sign(StringBuilder page, string? responsible) =>
        page.Append("<p class=\"sign\">Подпись / Signature ______________________ ")
            .Append(Encoder.Encode(responsible ?? string.Empty)).Append("</p>");

    private static string End(StringBuilder page) => page.Append("</body></html>").ToString();

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
