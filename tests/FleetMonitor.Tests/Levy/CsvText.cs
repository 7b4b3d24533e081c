using System.Text;
using FleetMonitor.Levy;
using Xunit;

namespace FleetMonitor.Tests.Levy;

/// <summary>Tables as CSV, and CSV back as rows.</summary>
internal static class CsvText
{
    public static string Csv(Table table)
    {
        using var text = new StringWriter();
        table.WriteCsv(text);
        return text.ToString();
    }

    /// <summary>Reads RFC 4180 strictly: quotes only around whole fields, lines end in CRLF, all rows have one length.</summary>
    public static string[][] ParseRfc4180(string text)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        for (int at = 0; at < text.Length;)
        {
            var field = new StringBuilder();
            if (text[at] == '"')
            {
                for (at++; text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"'); at++)
                {
                    at += text[at] == '"' ? 1 : 0;
                    field.Append(text[at]);
                }

                at++;
            }
            else
            {
                for (; text[at] is not (',' or '\r'); at++)
                {
                    Assert.DoesNotContain(text[at], "\"\n");
                    field.Append(text[at]);
                }
            }

            row.Add(field.ToString());
            if (text[at] == ',')
            {
                at++;
                continue;
            }

            Assert.Equal("\r\n", text.Substring(at, 2));
            at += 2;
            rows.Add([.. row]);
            row.Clear();
        }

        Assert.Single(rows.Select(fields => fields.Length).Distinct());
        return [.. rows];
    }

    /// <summary>Some columns of a table, a line a row, empty cells as a dash.</summary>
    public static string[] Columns(Table table, params string[] keys)
    {
        string[][] rows = ParseRfc4180(Csv(table));
        int[] at = [.. keys.Select(key => Array.IndexOf(rows[0], key))];
        Assert.DoesNotContain(-1, at);
        return [.. rows.Skip(1).Select(row => string.Join(" | ", at.Select(column => row[column].Length == 0 ? "-" : row[column])))];
    }
}
